-- Tells consoles which containers to read again: every write of a row gives it a number that was never used before.

CREATE SEQUENCE container_version;
ALTER TABLE container ADD COLUMN version bigint NOT NULL DEFAULT nextval('container_version');
