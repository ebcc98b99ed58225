-- Long pieces of work. A console claims a row and renews its lease while it works; a row whose lease ran out is claimed anew
-- and goes on from what it finds.
CREATE TABLE operation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('backup', 'verify', 'restore', 'undo', 'drill')),
    -- What no two may work on at once, such as `set 4`.
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
    target text NOT NULL CHECK (length(target) BETWEEN 1 AND 500),
    team text NOT NULL,
    -- What exactly was asked for; never a secret.
    request jsonb NOT NULL DEFAULT 'null',
    phase text NOT NULL DEFAULT 'queued' CHECK (phase IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    cancel_asked_at timestamptz,
    -- Which process works on it, until when, and how often one began.
    worker bigint,
    lease_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    progress jsonb,
    -- What the next attempt needs to know of what the last one did.
    state jsonb NOT NULL DEFAULT 'null',
    failure text,
    CHECK ((phase IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE UNIQUE INDEX operation_one_at_a_time ON operation (subject) WHERE phase IN ('queued', 'running');
CREATE INDEX operation_waiting ON operation (id) WHERE phase IN ('queued', 'running');
CREATE INDEX operation_by_subject ON operation (subject, id);

CREATE TABLE operation_stage (
    operation_id bigint NOT NULL REFERENCES operation ON DELETE CASCADE,
    place smallint NOT NULL,
    name text NOT NULL,
    phase text NOT NULL DEFAULT 'queued' CHECK (phase IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    started_at timestamptz,
    finished_at timestamptz,
    detail text NOT NULL DEFAULT '',
    PRIMARY KEY (operation_id, place)
);

CREATE TABLE operation_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id bigint NOT NULL REFERENCES operation ON DELETE CASCADE,
    at timestamptz NOT NULL,
    text text NOT NULL CHECK (length(text) <= 2000)
);
CREATE INDEX operation_line_of ON operation_line (operation_id, id);
