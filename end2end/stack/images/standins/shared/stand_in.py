"""Runs the stand-in that the image was made for: the command of every image."""

import runpy
import signal
import sys

# PID 1 has no default signal actions: without a handler, stopping takes the
# engine's ten seconds and a kill. Set before the slow imports, so that a
# container can be stopped while it is still starting.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

runpy.run_path("/app/main.py", run_name="__main__")
