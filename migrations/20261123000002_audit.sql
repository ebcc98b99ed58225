-- The audit log: append-only and hash-chained. Each hash covers the one before it.

CREATE TABLE audit (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_id bigint,
    action text NOT NULL,
    target text NOT NULL,
    team text,
    address text NOT NULL,
    user_agent text NOT NULL,
    result text NOT NULL CHECK (result IN ('success', 'failure', 'refused')),
    -- JSON kept as the very text that was hashed.
    detail text NOT NULL CHECK (detail::jsonb IS NOT NULL),
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_at_idx ON audit (at);

-- The chain's end: the row that appends lock, and what tells a shortened log.
CREATE TABLE audit_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO audit_head (id, hash) VALUES (0, '\x0000000000000000000000000000000000000000000000000000000000000000');

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
