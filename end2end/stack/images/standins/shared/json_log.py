"""Log lines in the platform's JSON form, one a line on standard output."""

import json
import os
import sys
import threading
from datetime import datetime, timezone

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}


class JsonLog:
    """Writes events of one service at or above LOG_LEVEL (default INFO)."""

    def __init__(self, service):
        self._service = service
        self._least = LEVELS.get(os.environ.get("LOG_LEVEL", "INFO").upper(), 20)
        self._lock = threading.Lock()

    def event(self, level, message, trace_id=None, video_id=None, cost=None):
        """Writes one event; cost is in US dollars."""
        if LEVELS[level] < self._least:
            return
        self.plain(json.dumps({
            "timestamp": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "level": level,
            "service": self._service,
            "message": message,
            "trace_id": trace_id,
            "video_id": video_id,
            "cost": None if cost is None else round(cost, 4),
        }, ensure_ascii=False))

    def info(self, message, **fields):
        self.event("INFO", message, **fields)

    def warning(self, message, **fields):
        self.event("WARNING", message, **fields)

    def error(self, message, **fields):
        self.event("ERROR", message, **fields)

    def plain(self, text):
        """Writes text as it is, as libraries do that know nothing of JSON."""
        with self._lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
