-- What the Docker Engine said last, and what it said over time.

CREATE TABLE engine (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    reachable boolean NOT NULL,
    reason text,
    version text,
    as_of timestamptz,
    unreachable_since timestamptz
);
INSERT INTO engine (reachable, reason) VALUES (false, 'not asked yet');

-- A row a container of a compose project. `facts` is the adapter's reading of it, with no environment value.
CREATE TABLE container (
    id text PRIMARY KEY,
    project text NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    health text NOT NULL,
    since timestamptz NOT NULL,
    facts jsonb NOT NULL,
    drift jsonb NOT NULL DEFAULT '[]',
    updated_at timestamptz NOT NULL
);
CREATE INDEX container_service_idx ON container (project, service);

-- What each container uses; rewritten every few seconds, worth nothing after a crash.
CREATE UNLOGGED TABLE container_usage (
    container_id text PRIMARY KEY,
    usage jsonb NOT NULL,
    at timestamptz NOT NULL
);

-- Compose projects and what is known of their files.
CREATE TABLE project (
    name text PRIMARY KEY,
    files jsonb NOT NULL DEFAULT '[]',
    drift_unknown text,
    -- Services of the file in its order: name, image, team.
    services jsonb NOT NULL DEFAULT '[]',
    -- When a container of it was last seen.
    updated_at timestamptz NOT NULL
);

CREATE TABLE engine_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    -- The engine's own nanoseconds: with container and action, the identity of an event.
    time_nano bigint NOT NULL,
    container_id text NOT NULL,
    project text NOT NULL,
    service text NOT NULL,
    action text NOT NULL,
    exit_code bigint,
    image text NOT NULL DEFAULT '',
    CONSTRAINT engine_event_once UNIQUE (container_id, time_nano, action)
);
CREATE INDEX engine_event_service_idx ON engine_event (project, service, id);
CREATE INDEX engine_event_at_idx ON engine_event (at);
CREATE INDEX engine_event_time_idx ON engine_event (time_nano);

-- Owner teams set in the console; the label ytops.team counts where there is no row.
CREATE TABLE service_team (
    project text NOT NULL,
    service text NOT NULL,
    team_id bigint NOT NULL REFERENCES team ON DELETE CASCADE,
    PRIMARY KEY (project, service)
);
