-- Backup sets, the repositories that they go to, and what was backed up. What a backup holds stands in its repository; here
-- stands what pages and schedules need to know of it.
CREATE TABLE backup_target (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT backup_target_name_key UNIQUE CHECK (length(name) BETWEEN 1 AND 60),
    location text NOT NULL CONSTRAINT backup_target_location_key UNIQUE CHECK (length(location) BETWEEN 1 AND 1000),
    -- When a share, and when all, of its data was last read back without a fault.
    checked_at timestamptz,
    checked_whole_at timestamptz,
    -- When a check was last asked for.
    check_asked_at timestamptz,
    -- Which share comes next.
    next_share integer NOT NULL DEFAULT 1 CHECK (next_share >= 1),
    failure text,
    failing_since timestamptz,
    bytes bigint
);

CREATE TABLE backup_set (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('database', 'directory', 'config', 'console')),
    project text NOT NULL DEFAULT '',
    service text NOT NULL DEFAULT '',
    database text NOT NULL DEFAULT '',
    name text NOT NULL CONSTRAINT backup_set_name_key UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    team text NOT NULL CHECK (length(team) BETWEEN 1 AND 40),
    is_enabled boolean NOT NULL DEFAULT true,
    schedule text NOT NULL DEFAULT '' CHECK (length(schedule) <= 100),
    time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 60),
    -- The run that is due next; one that was missed is in the past, and is made up for once.
    next_run timestamptz,
    keep_within_days integer NOT NULL CHECK (keep_within_days BETWEEN 0 AND 3660),
    keep_daily integer NOT NULL CHECK (keep_daily BETWEEN 0 AND 3660),
    keep_weekly integer NOT NULL CHECK (keep_weekly BETWEEN 0 AND 520),
    keep_monthly integer NOT NULL CHECK (keep_monthly BETWEEN 0 AND 120),
    rpo_s integer NOT NULL CHECK (rpo_s BETWEEN 60 AND 31622400),
    rto_s integer NOT NULL CHECK (rto_s BETWEEN 1 AND 2678400),
    checksum_up_to bigint NOT NULL CHECK (checksum_up_to >= 0),
    paths text[] NOT NULL DEFAULT '{}',
    excludes text[] NOT NULL DEFAULT '{}',
    -- Found in the stack: what is removed there is switched off, not removed with its history.
    is_found boolean NOT NULL DEFAULT false,
    -- Changed by a person: what is found later does not change it back.
    is_edited boolean NOT NULL DEFAULT false,
    -- Where its drill is due next.
    next_drill timestamptz,
    drill_s double precision,
    drilled_at timestamptz,
    drill_failure text,
    -- The source exists no more, since then.
    gone_at timestamptz,
    CHECK (keep_within_days + keep_daily + keep_weekly + keep_monthly > 0)
);
-- One set for each thing that is found.
CREATE UNIQUE INDEX backup_set_found ON backup_set (kind, project, service, database, (CASE WHEN kind = 'directory' THEN paths ELSE '{}' END)) WHERE is_found;

CREATE TABLE backup_set_target (
    set_id bigint NOT NULL REFERENCES backup_set ON DELETE CASCADE,
    target_id bigint NOT NULL CONSTRAINT backup_set_target_target_fkey REFERENCES backup_target,
    place smallint NOT NULL,
    PRIMARY KEY (set_id, target_id)
);

CREATE TABLE backup (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_id bigint NOT NULL REFERENCES backup_set,
    operation_id bigint NOT NULL UNIQUE,
    -- Its name in the repositories.
    label text NOT NULL UNIQUE CHECK (length(label) BETWEEN 1 AND 64),
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
    asked_by text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    bytes_read bigint NOT NULL DEFAULT 0,
    bytes_added bigint NOT NULL DEFAULT 0,
    items bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    proven_at timestamptz,
    failure text,
    -- Its snapshots left the repositories, by the rules of what is kept.
    forgotten_at timestamptz,
    CHECK ((status = 'running') = (finished_at IS NULL))
);
CREATE INDEX backup_by_set ON backup (set_id, id DESC);
CREATE INDEX backup_kept ON backup (set_id, id DESC) WHERE status = 'succeeded' AND forgotten_at IS NULL;

CREATE TABLE backup_copy (
    backup_id bigint NOT NULL REFERENCES backup ON DELETE CASCADE,
    target_id bigint NOT NULL REFERENCES backup_target,
    -- None where it could not be made.
    snapshot text,
    made_at timestamptz,
    verified_at timestamptz,
    failure text,
    PRIMARY KEY (backup_id, target_id)
);
CREATE INDEX backup_copy_of_target ON backup_copy (target_id, backup_id DESC);

-- What a restore replaced, for as long as it can be undone.
CREATE TABLE backup_restore (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id bigint NOT NULL UNIQUE,
    set_id bigint NOT NULL REFERENCES backup_set,
    backup_id bigint NOT NULL REFERENCES backup,
    -- Its name in the server's catalog, or in the folder.
    label text NOT NULL UNIQUE,
    -- What the database that was live is called now; empty for files.
    kept text NOT NULL DEFAULT '',
    restored_at timestamptz,
    pause_ms double precision,
    kept_until timestamptz,
    undone_at timestamptz,
    discarded_at timestamptz
);
CREATE INDEX backup_restore_by_set ON backup_restore (set_id, id DESC);
