-- What was done to backups is marked in charts by when it ended.
CREATE INDEX operation_ended ON operation (finished_at) WHERE finished_at IS NOT NULL;
