"""Who is told, for tests: a real mail server and a webhook's receiver, on loopback."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message, message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from flows.settings import settings


class Mailbox:
    """A mail server that takes everything, or refuses it."""

    def __init__(self) -> None:
        self.messages: list[message.EmailMessage] = []
        self.refuses = False
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def address(self) -> str:
        """It, as apprise names it."""
        return f"mailto://127.0.0.1:{self.port}?mode=insecure&from=a@example.org&to=b@example.org"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a message, or not."""
        if self.refuses:
            return "554 refused"
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        return "250 taken"


class Hook:
    """A webhook's receiver, which also answers pings; it may refuse, or be silent."""

    SECRET = "hooktoken"

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.pings: list[str] = []
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.may_answer.wait(20)
                if hook.status == 200:
                    hook.messages.append(json.loads(body))
                self.send_response(hook.status)
                self.end_headers()

            def do_GET(self) -> None:
                hook.pings.append(self.path)
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        """It, as apprise names it."""
        return f"json://{self.host}/{self.SECRET}"

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]

    @property
    def bodies(self) -> list[str]:
        return [message["message"] for message in self.messages]


@contextmanager
def told(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Iterator[None]:
    """Set settings by their variables' names in lower case, without the prefix."""
    with monkeypatch.context() as patched:
        for name, value in variables.items():
            patched.setenv(f"RECORDKEEP_{name.upper()}", value)
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as made:
        yield made
