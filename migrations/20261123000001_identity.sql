-- Users, teams, sessions, tokens. Secrets are stored as hashes; the second factor's seed is the one exception.

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN ('cto', 'team_lead', 'engineer', 'viewer')),
    password_hash text NOT NULL,
    totp_secret bytea,
    -- The 30 s step of the last accepted code: a code is accepted once.
    totp_last_step bigint,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    last_sign_in_at timestamptz
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE recovery_code (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE team (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    created_at timestamptz NOT NULL,
    CONSTRAINT team_name_key UNIQUE (name)
);
INSERT INTO team (name, created_at) VALUES ('platform', now());

CREATE TABLE team_member (
    team_id bigint NOT NULL REFERENCES team ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_member_user_idx ON team_member (user_id);

-- One row a browser session, signed in or not yet; the cookie holds the id, the table its hash.
CREATE TABLE session (
    id_hash bytea PRIMARY KEY,
    user_id bigint REFERENCES users ON DELETE CASCADE,
    data jsonb NOT NULL,
    address text NOT NULL DEFAULT '',
    user_agent text NOT NULL DEFAULT '',
    -- The last proof of password (and second factor); step-up counts from here.
    proved_at timestamptz,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_user_idx ON session (user_id);
CREATE INDEX session_expires_idx ON session (expires_at);

-- Devices that signed in before: they get past a wait that an attack from elsewhere caused.
CREATE TABLE known_device (
    token_hash bytea PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL
);
CREATE INDEX known_device_user_idx ON known_device (user_id);

-- Failures per key ('address:…', 'pair:…', 'account:…', 'device:…'); a wait grows with the count.
CREATE TABLE sign_in_failure (
    key text PRIMARY KEY,
    failures integer NOT NULL,
    last_failure_at timestamptz NOT NULL,
    blocked_until timestamptz
);

-- The one-time link that makes the first CTO.
CREATE TABLE setup_link (
    token_hash bytea PRIMARY KEY,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE api_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN ('cto', 'team_lead', 'engineer', 'viewer')),
    team_id bigint REFERENCES team ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_token_hash_key UNIQUE (token_hash),
    CONSTRAINT api_token_at_most_a_year CHECK (expires_at <= created_at + interval '365 days')
);

CREATE TABLE setting (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
