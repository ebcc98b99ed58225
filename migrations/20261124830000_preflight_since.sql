-- Since when each requirement of a machine is met or not, as its consoles saw it.
CREATE TABLE preflight_check (
    -- The host's name: consoles on several machines may share the database.
    host text NOT NULL,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('ok', 'unknown', 'warning', 'critical')),
    since timestamptz NOT NULL,
    -- It was so already at `since`: when it began is not known.
    began_before boolean NOT NULL,
    checked_at timestamptz NOT NULL,
    -- The number of the reading.
    reading bigint NOT NULL,
    PRIMARY KEY (host, name)
);
