"""Writes log output that a careless reader trips over, then idles.

    hostile.py KIND      one of the functions in KINDS

LINE_BYTES sets the length of the long line (default 64 MiB).
"""

import json
import os
import signal
import sys

OUT = sys.stdout.buffer


def lines(*texts):
    for text in texts:
        OUT.write((text if isinstance(text, bytes) else text.encode()) + b"\n")
    OUT.flush()


def event(**fields):
    return json.dumps({"timestamp": "2026-01-01T00:00:00.000Z", "level": "INFO", "service": "hostile", **fields})


def markup():
    lines(
        "<script>alert('log')</script>",
        '"><img src=x onerror=alert(1)><svg/onload=alert(2)>',
        "</pre></td></table><h1 style='position:fixed;inset:0;background:red'>owned</h1>",
        "javascript:alert(1) {{7*7}} ${7*7} <!-- -->]]>",
        event(message="<script>alert('json')</script>", trace_id="<b>", video_id="'><img src=x onerror=alert(3)>"),
        event(message="&lt;script&gt; must stay as typed &amp;amp;", level="<i>ERROR</i>"))


def quotes():
    lines(
        "'; DROP TABLE users; --",
        "' OR '1'='1' /* \" \\ %s %d %n $1 :name ?",
        event(message="Robert'); DROP TABLE students;--", trace_id="' OR 1=1 --"))


def ansi():
    lines(
        "\x1b[31mred \x1b[1mbold\x1b[0m plain",
        "\x1b[2J\x1b[H\x1b]0;title taken\x07screen cleared",
        "\x1b]8;;javascript:alert(1)\x1b\\a link\x1b]8;;\x1b\\",
        "progress 10%\rprogress 99%\rdone \b\b\b\x07",
        "\x1b[9999999999999999A\x1b[?1049h\x1b[38;5;999999m unended \x1b[",
        "right-to-left \u202egnp.exe\u202c zero\u200bwidth \ufeffbom",
        "Z\u0351\u036b\u0343\u036a\u0302" * 200,
        event(message="\x1b[31mred in JSON\x1b[0m"))


def invalid_utf8():
    lines(
        b"before \xff\xfe\xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80 after",
        b"cut off in a character \xe2\x82",
        b"nul \x00 byte and unit \x1f separator",
        b'{"level":"INFO","message":"bad \xff bytes in JSON"}',
        "line separators \u2028 and \u2029 and \x85 inside")


def odd_json():
    lines(
        '{"level":"ERROR","message":"lone surrogate \\ud800 and nul \\u0000"}',
        '{"level":{"a":1},"message":["list"],"trace_id":7,"video_id":true,"cost":"dear","timestamp":"yesterday"}',
        '{"level":"INFO","message":"huge","cost":1e999}',
        '{"level":"INFO","message":"long number","cost":' + "9" * 5000 + "}",
        '{"level":"INFO","message":"not a number","cost":NaN}',
        '{"level":"INFO","level":"ERROR","message":"twice","message":"again"}',
        '{"level":"INFO","message":"unended',
        "[" * 10_000,
        '{"a":' * 10_000,
        event(message="far future", timestamp="999999-12-31T23:59:59Z"),
        event(message="x" * 20_000, trace_id="t" * 20_000),
        "", " ", "null", "42", '"text"', "{}", "[]")


def long_line():
    chunk, left = b"x" * 1048576, int(os.environ.get("LINE_BYTES", 64 * 1048576))
    lines("the next line is long")
    while left > 0:
        OUT.write(chunk[:left])
        left -= len(chunk)
    lines("", "the line before was long")


def crash():
    """Starts and fails at once, again and again under its restart policy."""
    lines("starting", "fatal: configuration missing")
    sys.exit(78)


KINDS = {kind.__name__: kind for kind in (markup, quotes, ansi, invalid_utf8, odd_json, long_line, crash)}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    KINDS[sys.argv[1]]()
    while True:
        signal.pause()
