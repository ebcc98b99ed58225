-- What sign-in needs beside the accounts: a second factor on its way, what tells old sessions from new, finer waits.

-- Grows when a password changes or an account is disabled: a sign-in that began before can't open a session after.
ALTER TABLE users ADD COLUMN session_generation bigint NOT NULL DEFAULT 0;

-- A second factor that was shown and not yet confirmed.
CREATE TABLE totp_enrolment (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    secret bytea NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Failures of an account are counted by the hour; refused tries are logged once a minute.
ALTER TABLE sign_in_failure ADD COLUMN window_started_at timestamptz;
ALTER TABLE sign_in_failure ADD COLUMN refusal_logged_at timestamptz;
CREATE INDEX sign_in_failure_last_idx ON sign_in_failure (last_failure_at);

-- The chain's end can be moved on by an append, never emptied.
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- Who looks at a team's part of the log reads it from the newest.
CREATE INDEX audit_team_idx ON audit (team, id);
