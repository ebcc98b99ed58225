-- What the meters of hosts say: a block of samples a row, not a sample a row (docs/decisions/0009-samples.md).

-- A host whose meters are read. The marks, in milliseconds since 1970, say how far each tier reaches; a writer moves
-- `stored_until` from where it found it, so that of two only one goes on.
CREATE TABLE resource_host (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT resource_host_name UNIQUE CHECK (length(name) BETWEEN 1 AND 253),
    -- The newest sample's time; what is not newer is refused.
    stored_until bigint NOT NULL DEFAULT 0,
    -- What is older than these is in blocks of an hour; is in the minute tier; is in the hour tier.
    second_until bigint NOT NULL DEFAULT 0,
    minute_until bigint NOT NULL DEFAULT 0,
    hour_until bigint NOT NULL DEFAULT 0,
    CHECK (hour_until <= minute_until AND minute_until <= second_until)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE resource_series (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host_id integer NOT NULL REFERENCES resource_host,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    attributes jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object' AND length(attributes::text) <= 1000),
    unit text NOT NULL CHECK (length(unit) <= 50),
    -- When its device or container went, in milliseconds since 1970.
    ended_at bigint,
    CONSTRAINT resource_series_identity UNIQUE (host_id, name, attributes, unit)
);

-- Samples and their summaries by the minute and by the hour. A row holds the series whose numbers differ in the last five
-- bits alone ("bundle") over a span. Blocks are compressed already, and read whole: out of line, as they are.
CREATE TABLE sample_block (
    tier smallint NOT NULL,
    host_id integer NOT NULL REFERENCES resource_host,
    bundle integer NOT NULL,
    -- Of the first and the last sample or summary, in milliseconds since 1970.
    from_at bigint NOT NULL,
    until_at bigint NOT NULL,
    block bytea NOT NULL,
    CONSTRAINT sample_block_place PRIMARY KEY (tier, host_id, bundle, from_at),
    CHECK (from_at <= until_at)
) PARTITION BY LIST (tier);
ALTER TABLE sample_block ALTER COLUMN block SET STORAGE EXTERNAL;

-- Old rows leave about as fast as new ones come, and small blocks are joined to larger ones: vacuumed often, their room is
-- used again and a tier stays as large as it is. A share of the table, as is usual, would let it grow by that share first.
CREATE TABLE sample_second PARTITION OF sample_block FOR VALUES IN (0)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
          toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 1000);
CREATE TABLE sample_minute PARTITION OF sample_block FOR VALUES IN (1)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
          toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 1000);
CREATE TABLE sample_hour PARTITION OF sample_block FOR VALUES IN (2)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
          toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 1000);

-- The newest samples of a host, a row every few seconds with all its series, until there are enough for blocks. Few rows
-- live for minutes: the room they leave is found again by frequent vacuuming, and does not grow.
CREATE TABLE sample_open (
    host_id integer NOT NULL REFERENCES resource_host,
    from_at bigint NOT NULL,
    until_at bigint NOT NULL,
    block bytea NOT NULL,
    CONSTRAINT sample_open_place PRIMARY KEY (host_id, from_at),
    CHECK (from_at <= until_at)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 200);
ALTER TABLE sample_open ALTER COLUMN block SET STORAGE EXTERNAL;
