"""Replies over real sockets: threads, honest and broken framing, a port that can be closed."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.agency.replies import Reply

Answer = Callable[[str, dict[str, str]], Reply]


class Server:
    """A web server on a loopback port that stays the same while it is stopped and started."""

    def __init__(self, answer: Answer) -> None:
        """Choose a port."""
        self._answer = answer
        self._ending = threading.Event()
        self._running: _Threads | None = None
        self._thread: threading.Thread | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Open the port."""
        answer, ending = self._answer, self._ending
        ending.clear()

        class Handler(_Handler):
            """A handler that knows this site."""

            site = staticmethod(answer)
            over = ending

        self._running = _Threads(("127.0.0.1", self._port), Handler)
        self._thread = threading.Thread(
            target=self._running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port, and let go of every connection."""
        if self._running and self._thread:
            self._ending.set()
            self._running.shutdown()
            self._running.server_close()
            self._thread.join()
            self._running = None


class _Threads(ThreadingHTTPServer):
    """A thread for each connection, silent about those that hang up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Print what is not the connection's fault."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # as it came


class _Handler(BaseHTTPRequestHandler):
    """Writes replies byte by byte, as they are meant."""

    protocol_version = "HTTP/1.1"
    site: Answer
    over: threading.Event
    timeout = 10
    disable_nagle_algorithm = True  # or the body waits 40 ms for the receipt of the headers

    def do_GET(self) -> None:
        """Answer one request."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.site(self.path, headers)
        if self.over.wait(reply.delay_s):
            self.close_connection = True
            return
        if not self._sent_head(reply):
            return
        try:
            for piece in self._pieces(reply):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            self.close_connection = True  # whoever asked has had enough

    def _sent_head(self, reply: Reply) -> bool:
        """Send status and headers; whether whoever asked waited for them."""
        lines = [f"HTTP/1.1 {reply.status} {self.responses.get(reply.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in self._framed(reply).items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace")
        size = 1 if reply.head_drip_s else len(head)
        try:
            for start in range(0, len(head), size):
                self.wfile.write(head[start : start + size])
                if self.over.wait(reply.head_drip_s):
                    return False
        except OSError:
            self.close_connection = True
            return False
        return True

    def _framed(self, reply: Reply) -> dict[str, str]:
        headers = {"date": formatdate(usegmt=True), "server": "agency", **reply.headers}
        whole = reply.cut_at is None and reply.length is None
        self.close_connection = not whole or reply.framing == "close"
        if reply.status == 304:
            return headers
        if reply.framing == "chunked":
            headers["transfer-encoding"] = "chunked"
        elif reply.framing == "length":
            headers["content-length"] = str(
                len(reply.body) if reply.length is None else reply.length
            )
        if self.close_connection:
            headers["connection"] = "close"
        return headers

    def _pieces(self, reply: Reply) -> Iterator[bytes]:
        body = reply.body[: reply.cut_at] if reply.cut_at is not None else reply.body
        if reply.length is not None:
            body = body[: reply.length]
        size, wait_s = reply.drip or (max(1, len(body)), 0.0)
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            chunked = reply.framing == "chunked"
            yield b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
            if self.over.wait(wait_s):
                return
        if reply.framing == "chunked" and reply.cut_at is None:
            yield b"0\r\n\r\n"

    def log_message(self, *_: object) -> None:
        """Print nothing: the site keeps its own log."""
