"""Stand-in for the platform's frontend: one page, a health check, and a visitor
that asks the backend for videos so that its metrics have traffic."""

import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from html import escape

from http_service import Reply, serve
from json_log import JsonLog

PORT = 3000
API = os.environ.get("REACT_APP_API_URL", "http://backend:8000")
VISIT_SECONDS = 1.0

log = JsonLog("frontend")
latest = []


def page(_):
    rows = "".join(
        f"<tr><td>{escape(video['channel'])}<td>{escape(video['title'])}<td>{escape(video['status'])}" for video in latest)
    return Reply(
        "<!doctype html><html lang=en><meta charset=utf-8><title>YTEMPIRE sample</title>"
        f"<h1>YTEMPIRE sample</h1><table><thead><tr><th>Channel<th>Title<th>Status<tbody>{rows}</table>",
        kind="text/html; charset=utf-8")


def visit():
    """Asks the backend once a second; says when that starts or stops to fail."""
    failing = None
    while True:
        trace = secrets.token_hex(16)
        request = urllib.request.Request(f"{API}/api/videos", headers={"X-Trace-Id": trace})
        try:
            with urllib.request.urlopen(request, timeout=2) as reply:
                latest[:] = json.load(reply)
            problem = None
        except urllib.error.HTTPError as error:
            problem = f"answered {error.code}"
        except (OSError, ValueError):
            problem = "is out of reach"
        if problem != failing:
            if problem:
                log.error(f"backend {problem}", trace_id=trace)
            else:
                log.info("backend answers", trace_id=trace)
            failing = problem
        time.sleep(VISIT_SECONDS)


def around(request, route):
    reply = route(request)
    if request.path != "/health":
        log.plain(f'{request.headers.get("X-Forwarded-For", "-")[:64]} "{request.method} {request.path}" {reply.status}')
    return reply


if __name__ == "__main__":
    log.info(f"listening on port {PORT}")
    threading.Thread(target=visit, daemon=True).start()
    serve(PORT, {("GET", "/"): page, ("GET", "/health"): lambda _: Reply({"status": "ok"})}, around)
