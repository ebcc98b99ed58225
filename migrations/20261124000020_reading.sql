-- Readings are ordered by a number that is taken before the question is asked, so that no console's clock decides whose
-- reading is the newer one.

CREATE SEQUENCE reading;
ALTER TABLE container ADD COLUMN reading bigint NOT NULL DEFAULT 0, DROP COLUMN updated_at;
ALTER TABLE engine ADD COLUMN reading bigint NOT NULL DEFAULT 0;
ALTER TABLE health_check ADD COLUMN reading bigint NOT NULL DEFAULT 0;
