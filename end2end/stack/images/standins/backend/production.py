"""Makes videos: rows in Postgres, keys in Redis, metrics and log lines."""

import random
import secrets
import time
import uuid

import psycopg2
import redis

import instruments

CHANNELS = ("deep-sea", "retro-tech", "küche-daily", "night-sky", "tiny-history")
# Mean cost of each step of a video, in US dollars; together well under 3.
STEPS = {"script": 0.22, "voice": 0.31, "images": 0.46, "render": 0.38, "thumbnail": 0.08}
KEPT_VIDEOS = 20_000
HISTORY_DAYS, HISTORY_PER_DAY = 30, 50

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS videos;
CREATE SCHEMA IF NOT EXISTS costs;
CREATE SCHEMA IF NOT EXISTS uploads;
CREATE TABLE IF NOT EXISTS videos.video_records (
    id uuid PRIMARY KEY, channel text NOT NULL, title text NOT NULL, status text NOT NULL,
    cost_dollars numeric(10, 4) NOT NULL, duration_seconds int NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS video_records_created_at ON videos.video_records (created_at);
CREATE TABLE IF NOT EXISTS costs.cost_records (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos.video_records ON DELETE CASCADE,
    step text NOT NULL, amount_dollars numeric(10, 4) NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS cost_records_video_id ON costs.cost_records (video_id);
CREATE TABLE IF NOT EXISTS uploads.upload_records (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos.video_records ON DELETE CASCADE,
    account int NOT NULL, succeeded boolean NOT NULL, error text, created_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS upload_records_video_id ON uploads.upload_records (video_id);
"""

HISTORY = """
WITH made AS (
    INSERT INTO videos.video_records
    SELECT gen_random_uuid(), (%(channels)s::text[])[1 + n %% 5], 'Episode ' || n, 'published',
           round((0.9 + random())::numeric, 4), 180 + (random() * 600)::int,
           now() - make_interval(secs => n * 86400.0 / %(per_day)s)
    FROM generate_series(1, %(days)s * %(per_day)s) n
    WHERE NOT EXISTS (SELECT FROM videos.video_records)
    RETURNING id, cost_dollars, created_at),
spent AS (
    INSERT INTO costs.cost_records (video_id, step, amount_dollars, created_at)
    SELECT id, step, round(cost_dollars / 5, 4), created_at FROM made, unnest(%(steps)s::text[]) step)
INSERT INTO uploads.upload_records (video_id, account, succeeded, error, created_at)
SELECT id, 1 + (random() * 11)::int, true, NULL, created_at + interval '2 minutes' FROM made
"""

TRIM = """
DELETE FROM videos.video_records WHERE created_at <
    (SELECT created_at FROM videos.video_records ORDER BY created_at DESC OFFSET %s LIMIT 1)
"""


class Production:
    """Makes one video every so many seconds, for as long as it runs."""

    def __init__(self, database, cache, log, failures, seconds_per_video):
        self._database = database
        self._cache = cache
        self._log = log
        self._failures = failures
        self._pause = seconds_per_video
        self._prepared = False
        self.cache_reachable = False

    def run(self):
        number = 0
        while True:
            number += 1
            self._work(number)
            time.sleep(self._pause)

    def _work(self, number):
        trace = secrets.token_hex(16)
        try:
            self._prepare()
            self._make_video(trace)
            if number % 200 == 0:
                self._database.run(TRIM, (KEPT_VIDEOS - 1,))
        except psycopg2.Error as error:
            self._log.error(f"database: {str(error).strip().splitlines()[0]}", trace_id=trace)
        except redis.RedisError as error:
            self.cache_reachable = False
            self._log.error(f"redis: {error}", trace_id=trace)
        if self._failures.errors:
            self._show_error(trace)
        if number % 10 == 0:
            self._log.plain(f"[worker-1] heartbeat videos={number} queue={random.randint(0, 4)}")

    def _prepare(self):
        if self._prepared:
            return
        self._database.run(SCHEMA)
        self._database.run(HISTORY, {
            "channels": list(CHANNELS), "steps": list(STEPS), "days": HISTORY_DAYS, "per_day": HISTORY_PER_DAY})
        self._prepared = True

    def _make_video(self, trace):
        video, channel = str(uuid.uuid4()), random.choice(CHANNELS)
        dear = 3.5 if self._failures.cost else 1.0
        spent = {step: round(mean * dear * random.uniform(0.8, 1.2), 4) for step, mean in STEPS.items()}
        total = sum(spent.values())
        self._log.info(f"generating video for {channel}", trace_id=trace, video_id=video)
        self._database.run(
            "WITH made AS (INSERT INTO videos.video_records VALUES (%s, %s, %s, 'rendered', %s, %s, now()) RETURNING id)"
            " INSERT INTO costs.cost_records (video_id, step, amount_dollars, created_at)"
            " SELECT made.id, step, amount, now() FROM made, unnest(%s::text[], %s::numeric[]) AS s (step, amount)",
            (video, channel, f"Episode {video[:8]}", total, random.randint(180, 780), list(spent), list(spent.values())))
        instruments.VIDEOS_GENERATED.add()
        instruments.VIDEO_COST.set(round(total, 4), channel=channel)
        level = "WARNING" if total > 3 else "INFO"
        self._log.event(level, "video rendered", trace_id=trace, video_id=video, cost=total)
        self._upload(trace, video)
        self.cache_reachable = bool(self._cache.ping())
        self._cache.set(f"video:{video}", channel, ex=3600)

    def _upload(self, trace, video):
        succeeded = random.random() < (0.5 if self._failures.errors else 0.98)
        account, error = random.randint(1, 12), None if succeeded else "quotaExceeded"
        self._database.run(
            "WITH upload AS (INSERT INTO uploads.upload_records (video_id, account, succeeded, error, created_at)"
            " VALUES (%(video)s, %(account)s, %(succeeded)s, %(error)s, now()))"
            " UPDATE videos.video_records SET status = %(status)s WHERE id = %(video)s",
            {"video": video, "account": account, "succeeded": succeeded, "error": error,
             "status": "published" if succeeded else "upload_failed"})
        instruments.UPLOADS.add()
        if succeeded:
            instruments.UPLOADS_SUCCEEDED.add()
            self._log.info(f"uploaded from account {account}", trace_id=trace, video_id=video)
        else:
            self._log.warning(f"upload from account {account} failed: {error}", trace_id=trace, video_id=video)

    def _show_error(self, trace):
        self._log.error("provider answered 503 three times, giving up", trace_id=trace)
        self._log.plain(
            "Traceback (most recent call last):\n"
            '  File "/app/providers/speech.py", line 88, in synthesise\n'
            "    reply.raise_for_status()\n"
            "providers.ProviderError: 503 Service Unavailable")
