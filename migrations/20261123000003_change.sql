-- What changed, for open pages: an outbox that event streams resume from.

CREATE TABLE change (
    id bigint PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX change_at_idx ON change (at);

-- Ids are given under this row's lock, so that they become visible in order.
CREATE TABLE change_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id bigint NOT NULL
);
INSERT INTO change_head (id) VALUES (0);
