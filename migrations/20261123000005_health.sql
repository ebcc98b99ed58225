-- The last result of every check, and how its last probes ended.

CREATE TABLE health_check (
    name text PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('ok', 'unknown', 'warning', 'critical')),
    ok boolean NOT NULL,
    summary text NOT NULL,
    latency_ms double precision,
    detail text NOT NULL,
    target text NOT NULL,
    service text NOT NULL,
    figures jsonb NOT NULL DEFAULT '[]',
    checked_at timestamptz NOT NULL,
    last_success_at timestamptz,
    since timestamptz NOT NULL
);

-- What the error rate is reckoned from: a row a probe that was really made, kept for an hour.
CREATE TABLE health_probe (
    name text NOT NULL,
    at timestamptz NOT NULL,
    ok boolean NOT NULL,
    -- The backend's own counters, where it tells them.
    requests double precision,
    errors double precision,
    PRIMARY KEY (name, at)
);
