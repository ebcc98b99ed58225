-- Errors that the NVIDIA driver numbered (XID), as charts mark them. One that comes twice within a tick is one.
CREATE TABLE gpu_error (
    host_id integer NOT NULL REFERENCES resource_host,
    -- The tick that found it, in milliseconds since 1970.
    at bigint NOT NULL,
    -- The card: who it is, and what people call it.
    uuid text NOT NULL CHECK (length(uuid) <= 100),
    card text NOT NULL CHECK (length(card) <= 100),
    xid bigint NOT NULL CHECK (xid >= 0),
    CONSTRAINT gpu_error_place PRIMARY KEY (host_id, at, uuid, xid)
);
