-- Since when what was bad already when it was first seen; who asked for what the engine tells of; how services ended.

-- It was so already at `since`: when it began is not known.
ALTER TABLE container ADD COLUMN began_before boolean NOT NULL DEFAULT false;
ALTER TABLE health_check ADD COLUMN began_before boolean NOT NULL DEFAULT false;

ALTER TABLE engine_event
    -- Who asked for it through the console.
    ADD COLUMN asked_by text,
    -- What an update changed.
    ADD COLUMN detail text NOT NULL DEFAULT '';

-- The operation of the console's that event `action` of a service at `moment` belongs to: one that was asked for and had
-- not ended by then. The engine's clock and the console's may differ a little. Gives the name of who asked.
CREATE FUNCTION asked_by(wanted_project text, wanted_service text, event text, moment timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(users.name, asked.actor)
    FROM audit AS asked LEFT JOIN users ON users.id = asked.actor_id AND users.email = asked.actor
    WHERE asked.at BETWEEN moment - interval '15 minutes' AND moment + interval '2 seconds'
      AND asked.target = 'service ' || wanted_project || '/' || wanted_service
      AND asked.result = 'success' AND asked.detail::jsonb->>'phase' = 'asked'
      AND asked.action = ANY (CASE event
          WHEN 'restart' THEN ARRAY['service.restart']
          WHEN 'start' THEN ARRAY['service.restart', 'service.start']
          WHEN 'stop' THEN ARRAY['service.restart', 'service.stop']
          WHEN 'die' THEN ARRAY['service.restart', 'service.stop']
          WHEN 'kill' THEN ARRAY['service.restart', 'service.stop']
      END)
      AND NOT EXISTS (
          SELECT FROM audit AS ended
          WHERE ended.id > asked.id AND ended.target = asked.target AND ended.action = asked.action
            AND ended.detail::jsonb->>'phase' IN ('done', 'failed') AND ended.at < moment - interval '2 seconds'
      )
    ORDER BY asked.id DESC LIMIT 1
$$;
UPDATE engine_event SET asked_by = asked_by(project, service, action, at)
WHERE action IN ('restart', 'start', 'stop', 'die', 'kill');

-- How each service last ended.
CREATE TABLE service_end (
    project text NOT NULL,
    service text NOT NULL,
    container_id text NOT NULL,
    at timestamptz NOT NULL,
    exit_code bigint,
    oom_killed boolean NOT NULL,
    -- It was stopped: by the console, by docker stop, by compose.
    is_deliberate boolean NOT NULL,
    PRIMARY KEY (project, service)
);

-- How a service last ended, as its events tell it. The engine tells of a stop and of memory that ran out about when it
-- tells of the end, before or after.
CREATE FUNCTION last_end(wanted_project text, wanted_service text) RETURNS SETOF service_end LANGUAGE sql STABLE AS $$
    SELECT died.project, died.service, died.container_id, died.at, died.exit_code,
           EXISTS (
               SELECT FROM engine_event AS oom
               WHERE oom.container_id = died.container_id AND oom.action = 'oom'
                 AND oom.time_nano BETWEEN died.time_nano - 10000000000 AND died.time_nano + 10000000000
           ),
           EXISTS (
               SELECT FROM engine_event AS stopped
               WHERE stopped.container_id = died.container_id AND stopped.action = 'stop'
                 AND stopped.time_nano >= died.time_nano - 2000000000
                 AND NOT EXISTS (
                     SELECT FROM engine_event AS started
                     WHERE started.container_id = died.container_id AND started.action = 'start'
                       AND started.time_nano BETWEEN died.time_nano AND stopped.time_nano
                 )
           )
    FROM engine_event AS died
    WHERE died.project = wanted_project AND died.service = wanted_service AND died.action = 'die'
    ORDER BY died.id DESC LIMIT 1
$$;
INSERT INTO service_end
SELECT ended.* FROM (SELECT DISTINCT project, service FROM engine_event) AS one, last_end(one.project, one.service) AS ended;
