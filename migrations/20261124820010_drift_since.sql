-- Since when a container differs from its compose file, as far as the console saw; null while it does not.
ALTER TABLE container
    ADD COLUMN drift_since timestamptz,
    -- It did so already then, when that was first seen.
    ADD COLUMN drift_began_before boolean NOT NULL DEFAULT false;
UPDATE container SET drift_since = now(), drift_began_before = true WHERE drift <> '[]';
