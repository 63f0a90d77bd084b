"""A loopback proxy before an S3 server, which answers wrongly when told to, and counts."""

import http.client
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import urlsplit

Fault = Literal["500", "503", "silence", "cut", "reset", "lost"]
"""500 and 503: an error instead of an answer. silence: no answer until the asker gives up.
cut: half of the answer's body. reset: the connection closed before the request was read.
lost: the server does what was asked, and its answer does not arrive."""

_ERROR = "<Error><Code>{}</Code><Message>told so</Message></Error>"
_CODES = {"500": "InternalError", "503": "SlowDown"}


class FaultProxy:
    """Hands on requests, but for the faults that are next."""

    def __init__(self, backend: str) -> None:
        self.faults: deque[Fault | None] = deque()
        """For the next requests in turn; None hands one on."""
        self.always: Fault | None = None
        """For every request, once `faults` are used up."""
        self.on: str = ""
        """Faults befall only requests whose method and path contain this."""
        self.requests: list[str] = []
        """Method and path of every request."""
        self.given_up = threading.Event()
        """Set at the end, so that silent answers end."""
        self.backend = urlsplit(backend).netloc
        handler = type("Handler", (_Handler,), {"proxy": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.given_up.set()
        self.server.shutdown()
        self.server.server_close()

    def next_fault(self, request: str) -> Fault | None:
        self.requests.append(request)
        if self.on not in request:
            return None
        return self.faults.popleft() if self.faults else self.always


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy
    protocol_version = "HTTP/1.1"

    def handle_one(self) -> None:
        fault = self.proxy.next_fault(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault in _CODES:
            self.send_response(int(fault))
            self.give(_ERROR.format(_CODES[fault]).encode())
        elif fault == "silence":
            self.proxy.given_up.wait()
            self.close_connection = True
        elif fault == "reset":
            self.close_connection = True
        else:
            self.hand_on(body, fault)

    def hand_on(self, body: bytes, fault: Fault | None) -> None:
        backend = http.client.HTTPConnection(self.proxy.backend, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
        backend.request(self.command, self.path, body, headers)
        answer = backend.getresponse()
        told = answer.read()
        if fault == "lost":
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                self.send_header(name, value)
        size = answer.getheader("Content-Length") if self.command == "HEAD" else len(told)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(told[: len(told) // 2] if fault == "cut" else told)
        self.close_connection = fault == "cut"
        backend.close()

    def give(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/xml")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_one  # noqa: N815 - the names that http.server calls
