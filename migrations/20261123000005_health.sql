-- The last result of every check.

CREATE TABLE health_check (
    name text PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('ok', 'unknown', 'warning', 'critical')),
    ok boolean NOT NULL,
    latency_ms double precision,
    detail text NOT NULL,
    target text NOT NULL,
    figures jsonb NOT NULL DEFAULT '[]',
    checked_at timestamptz NOT NULL,
    last_success_at timestamptz,
    since timestamptz NOT NULL
);
