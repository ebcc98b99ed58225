"""Stand-in for the platform's backend API: answers health checks, exposes the
handbook's metrics, makes videos, and fails on request."""

import os
import random
import threading
import time

import psycopg2
import redis

import instruments
from database import Database
from failures import Failures
from http_service import Reply, serve
from json_log import JsonLog
from production import Production

PORT = 8000
LATEST = "SELECT id, channel, title, status, cost_dollars, created_at FROM videos.video_records ORDER BY created_at DESC LIMIT 20"
COLUMNS = ("id", "channel", "title", "status", "cost_dollars", "created_at")

log = JsonLog("backend")
failures = Failures(log)
# Requests and production each have a connection: neither waits for the other.
database = Database(dsn=os.environ["DATABASE_URL"], application_name="backend-api")
production = Production(
    Database(dsn=os.environ["DATABASE_URL"], application_name="backend-production"),
    redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=3, socket_connect_timeout=3),
    log, failures, float(os.environ.get("SECONDS_PER_VIDEO", "3")))


def health(_):
    """Says that the process lives; what it depends on is told, not judged."""
    return Reply({"status": "ok", "database": database.reachable, "redis": production.cache_reachable})


def latest_videos(_):
    try:
        return Reply([dict(zip(COLUMNS, row)) for row in database.run(LATEST)])
    except psycopg2.Error:
        return Reply({"error": "database unavailable"}, 503)


def number(request, name, default, most):
    try:
        return min(max(float(request.query.get(name, default)), 1), most)
    except ValueError:
        return default


def fail(action):
    """A route that turns a failure on (or all off) and tells what is on."""
    def route(request):
        action(request)
        return Reply(failures.state(), 202)
    return route


def raise_cost(_):
    failures.cost = True
    # At once, not only with the next video.
    instruments.VIDEO_COST.set(4.2, channel="deep-sea")


def around(request, route):
    """Measures API requests, and lets the failures that are on reach them."""
    if request.path.startswith("/fail"):
        return route(request)
    failures.wait_while_hanging(request.connection)
    if not request.path.startswith("/api/"):
        return route(request)
    started = time.monotonic()
    trace = request.headers.get("X-Trace-Id", "")[:64] or None
    if failures.errors and random.random() < 0.5:
        reply = Reply({"error": "internal error"}, 500)
    else:
        reply = route(request)
    seconds = time.monotonic() - started
    instruments.REQUEST_DURATION.observe(seconds, method=request.method, path=request.path)
    if reply.status >= 500:
        instruments.API_ERRORS.add()
        log.error(f"{request.method} {request.path} {reply.status}", trace_id=trace)
    else:
        log.event("DEBUG", f"{request.method} {request.path} {reply.status} {seconds * 1000:.1f} ms", trace_id=trace)
    return reply


def metrics(_):
    return Reply(instruments.render(database), kind="text/plain; version=0.0.4; charset=utf-8")


ROUTES = {
    ("GET", "/health"): health,
    ("GET", "/metrics"): metrics,
    ("GET", "/api/videos"): latest_videos,
    ("GET", "/fail"): fail(lambda _: None),
    ("POST", "/fail/crash"): fail(lambda _: failures.crash()),
    ("POST", "/fail/hang"): fail(lambda _: failures.start_hang()),
    ("POST", "/fail/leak"): fail(lambda request: failures.start_leak(number(request, "mb_per_second", 32, 1000))),
    ("POST", "/fail/errors"): fail(lambda request: failures.start_errors(number(request, "seconds", 300, 86400))),
    ("POST", "/fail/cost"): fail(raise_cost),
    ("POST", "/fail/reset"): fail(lambda _: failures.reset()),
}

if __name__ == "__main__":
    log.plain("backend stand-in r1 starting, workers=1")
    log.info(f"listening on port {PORT}")
    threading.Thread(target=production.run, daemon=True).start()
    serve(PORT, ROUTES, around)
