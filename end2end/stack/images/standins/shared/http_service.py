"""A small threaded HTTP server that routes by method and path."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MAX_BODY_BYTES = 64 * 1024


class Reply:
    """An answer: a body of text, or anything that JSON can hold."""

    def __init__(self, body, status=200, kind=None, headers=()):
        self.status = status
        self.kind = kind or ("text/plain; charset=utf-8" if isinstance(body, str) else "application/json")
        self.body = (body if isinstance(body, str) else json.dumps(body, default=str)).encode()
        self.headers = headers


class Request:
    """What a route is given: query values (last wins), headers, connection."""

    def __init__(self, method, target, headers, connection):
        parts = urlsplit(target)
        self.method = method
        self.path = parts.path
        self.query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.headers = headers
        self.connection = connection


def serve(port, routes, around=lambda request, route: route(request)):
    """Serves routes, {(method, path): function(Request) -> Reply}, for ever.

    around(request, route) runs each request; it may measure, delay or fail it.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "standin"
        timeout = 15

        def _answer(self):
            try:
                length = int(self.headers.get("Content-Length") or 0)
            except ValueError:
                length = -1
            if not 0 <= length <= MAX_BODY_BYTES:
                self.close_connection = True
                return self._send(Reply({"error": "body too large or of unknown length"}, 413))
            self.rfile.read(length)
            request = Request(self.command, self.path, self.headers, self.connection)
            route = routes.get((request.method, request.path))
            return self._send(around(request, route) if route else Reply({"error": "no such path"}, 404))

        def _send(self, reply):
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = _answer

        def log_message(self, *_):
            """Each stand-in writes its own access lines."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request, client_address):
            """A client that went away is no event worth a traceback."""

    Server(("0.0.0.0", port), Handler).serve_forever()
