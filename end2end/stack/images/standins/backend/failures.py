"""The failures that the backend stand-in shows on request."""

import os
import select
import socket
import sys
import threading
import time

CHUNK_BYTES = 1024 * 1024


class Failures:
    """Which failure is on. Times are of the monotonic clock, in seconds."""

    def __init__(self, log):
        self._log = log
        self._hang = threading.Event()
        self._leak = threading.Event()
        self._held = []
        self._errors_until = 0.0
        self.cost = False

    @property
    def errors(self):
        return time.monotonic() < self._errors_until

    def state(self):
        return {
            "hang": self._hang.is_set(),
            "leak": self._leak.is_set(),
            "errors": self.errors,
            "cost": self.cost,
        }

    def crash(self):
        """Ends the process with exit code 70 just after the answer is out."""
        self._log.event("CRITICAL", "render pipeline lost its GPU context, giving up")
        sys.stderr.write("fatal: unrecoverable state in render pipeline, exit 70\n")
        threading.Timer(0.2, os._exit, (70,)).start()

    def start_hang(self):
        """From now on no request but /fail/… is answered."""
        self._log.warning("all workers are waiting for a lock")
        self._hang.set()

    def start_leak(self, megabytes_per_second):
        """Fills memory until the container's limit kills the process."""
        if self._leak.is_set():
            return
        self._leak.set()
        self._log.warning("frame cache grows without bound")

        def fill():
            while self._leak.is_set():
                # A pattern, not zeros: pages must be written to count.
                self._held.append(b"\xa5" * CHUNK_BYTES)
                time.sleep(1 / megabytes_per_second)

        threading.Thread(target=fill, daemon=True).start()

    def start_errors(self, seconds):
        self._errors_until = time.monotonic() + seconds

    def reset(self):
        """Ends every failure; a crash or kill ended itself by the restart."""
        self._hang.clear()
        self._leak.clear()
        self._held.clear()
        self._errors_until = 0.0
        self.cost = False

    def wait_while_hanging(self, connection):
        """Holds a request for as long as the hang lasts and its client stays."""
        while self._hang.is_set():
            readable, _, _ = select.select([connection], [], [], 0.5)
            if readable and not connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError("client went away")
            if readable:
                time.sleep(0.5)
