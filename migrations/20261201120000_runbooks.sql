-- Recovery plans that are carried out step by step. A step that the console does is an operation; what became of it is
-- written down here as well, for operations are forgotten and runs are not.
ALTER TABLE operation DROP CONSTRAINT operation_kind_check;
ALTER TABLE operation ADD CONSTRAINT operation_kind_check
    CHECK (kind IN ('backup', 'verify', 'restore', 'undo', 'drill', 'runbook'));

CREATE TABLE runbook_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan text NOT NULL CHECK (plan IN ('database_corruption', 'service_failure', 'data_loss', 'complete_failure')),
    project text NOT NULL,
    -- What is recovered, for people.
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 300),
    team text NOT NULL,
    is_rehearsal boolean NOT NULL,
    phase text NOT NULL DEFAULT 'open' CHECK (phase IN ('open', 'done', 'abandoned')),
    rto_s bigint NOT NULL CHECK (rto_s > 0),
    started_by text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_by text NOT NULL DEFAULT '',
    finished_at timestamptz,
    -- Why it was given up.
    reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    CHECK ((phase = 'open') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX runbook_run_one_open ON runbook_run (plan, project) WHERE phase = 'open';
CREATE INDEX runbook_run_by_plan ON runbook_run (plan, is_rehearsal, id DESC);

CREATE TABLE runbook_step (
    run_id bigint NOT NULL REFERENCES runbook_run ON DELETE CASCADE,
    place smallint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('person', 'restore', 'infrastructure', 'restart', 'verify', 'smoke')),
    title text NOT NULL,
    about text NOT NULL,
    covers text[] NOT NULL DEFAULT '{}',
    set_id bigint REFERENCES backup_set,
    service text NOT NULL DEFAULT '',
    phase text NOT NULL DEFAULT 'pending' CHECK (phase IN ('pending', 'running', 'done', 'failed', 'skipped')),
    started_at timestamptz,
    -- When the console began it last.
    tried_at timestamptz,
    finished_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    done_by text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    detail text NOT NULL DEFAULT '',
    operation_id bigint,
    PRIMARY KEY (run_id, place)
);
CREATE INDEX runbook_step_running ON runbook_step (run_id) WHERE phase = 'running';
