"""The server: its documents, its listing, its log, and the faults inflicted on it."""

import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.agency.faults import Fault
from tests.agency.listing import Entry, Listing
from tests.agency.replies import Reply
from tests.agency.serving import Server

ROBOTS = "/robots.txt"
FIRST_DAY = datetime(2017, 3, 20, 14, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, as the log keeps it."""

    path: str
    """With its query."""
    headers: dict[str, str]
    """Names in lower case."""
    status: int
    """What was answered."""
    body_bytes: int
    """How long the answer's body would be, uncut."""
    at_s: float
    """When it came, on the monotonic clock."""


@dataclass(slots=True, kw_only=True)
class _Document:
    body: bytes
    modified_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    gone: int | None = None
    ranges: bool = True


@dataclass(slots=True)
class _Affliction:
    fault: Fault
    on: str
    left: int | None
    after: int


class AgencySite:
    """An agency's web site; use it in a `with`. Every method may be called while it serves.

    Attributes:
        listing: its page; alter it freely.
        now: the time by which documents are dated; moves on a minute with each change.
        robots: the text of robots.txt; None: 404.
    """

    def __init__(self, listing: Listing | None = None) -> None:
        """Bind a free port on the loopback, and serve nothing yet."""
        self.listing = listing or Listing()
        self.now = FIRST_DAY
        self.robots: str | None = "User-agent: *\nDisallow: /core/\nDisallow: /search\n"
        self._documents: dict[str, _Document] = {}
        self._afflictions: list[_Affliction] = []
        self._log: list[Request] = []
        self._lock = threading.RLock()
        self._server = Server(self._answer)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """Its origin, as `http://127.0.0.1:41234`."""
        return self._server.url

    @property
    def requests(self) -> list[Request]:
        """What was asked so far, in order."""
        with self._lock:
            return list(self._log)

    def asked(self, path: str) -> list[Request]:
        """What was asked of one path."""
        return [request for request in self.requests if request.path == path]

    def forget(self) -> None:
        """Begin the log anew."""
        with self._lock:
            self._log.clear()

    def publish(self, path: str, body: bytes, text: str = "Report", **headers: str) -> None:
        """Put a document under `path` and link it, newest first; `headers` as `etag="…"`."""
        self.store(path, body, **headers)
        with self._lock:
            self.listing.entries.insert(0, Entry(path=path, text=text))

    def store(self, path: str, body: bytes, **headers: str) -> None:
        """Put a document under `path` without linking it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self._lock:
            self._documents[path] = _Document(body=body, modified_at=self._tick(), headers=named)

    def revise(self, path: str, body: bytes, *, honest: bool = True) -> None:
        """Replace a document's bytes; not `honest`: with Last-Modified left as it was."""
        with self._lock:
            document = self._documents[path]
            document.body = body
            if honest:
                document.modified_at = self._tick()

    def republish(self, path: str, new_path: str) -> None:
        """Give the same bytes another address, and link that one instead; the old one stays."""
        with self._lock:
            self.store(new_path, self._documents[path].body)
            for entry in self.listing.entries:
                if entry.path == path:
                    entry.path = new_path

    def delist(self, path: str) -> None:
        """Take the link away; the document stays where it is."""
        with self._lock:
            self.listing.entries = [e for e in self.listing.entries if e.path != path]

    def remove(self, path: str, status: int = 404) -> None:
        """Answer 404 or 410 for a document; its link stays."""
        with self._lock:
            self._documents[path].gone = status

    def restore(self, path: str, text: str = "Report") -> None:
        """Undo `remove` and `delist`."""
        with self._lock:
            self._documents[path].gone = None
            if all(entry.path != path for entry in self.listing.entries):
                self.listing.entries.insert(0, Entry(path=path, text=text))

    def drop_half(self) -> None:
        """Lose more than half of the links."""
        with self._lock:
            del self.listing.entries[(len(self.listing.entries) - 1) // 2 :]

    def say(self, notice: str) -> None:
        """Put a paragraph on the page."""
        with self._lock:
            self.listing.notices.append(notice)

    def inflict(
        self, fault: Fault, *, on: str = "*", times: int | None = None, after: int = 0
    ) -> None:
        """Let a fault befall answers.

        Args:
            fault: one of `faults`.
            on: the path with its query, or `*` for all but robots.txt.
            times: how often; None: until `heal`.
            after: how many answers are spared first.
        """
        with self._lock:
            self._afflictions.append(_Affliction(fault, on, times, after))

    def heal(self) -> None:
        """Undo every `inflict`."""
        with self._lock:
            self._afflictions.clear()

    def down(self) -> None:
        """Close the port: connections are refused."""
        self._server.stop()

    def up(self) -> None:
        """Open the same port again."""
        self._server.start()

    def _tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def _answer(self, path: str, headers: dict[str, str]) -> Reply:
        with self._lock:
            reply = self._right(path, headers)
            for affliction in self._afflictions:
                if affliction.on == path or (affliction.on == "*" and path != ROBOTS):
                    reply = _afflicted(affliction, reply)
            self._log.append(
                Request(
                    path=path,
                    headers=headers,
                    status=reply.status,
                    body_bytes=len(reply.body),
                    at_s=time.monotonic(),
                )
            )
            return reply

    def _right(self, path: str, headers: dict[str, str]) -> Reply:
        parts = urlsplit(path)
        if parts.path == ROBOTS and self.robots is not None:
            return Reply(body=self.robots.encode(), headers={"content-type": "text/plain"})
        if parts.path == self.listing.path:
            number = int(parse_qs(parts.query).get("page", ["0"])[0])
            page = self.listing.render(number).encode()
            return Reply(body=page, headers={"content-type": "text/html; charset=UTF-8"})
        document = self._documents.get(parts.path)
        if document is None or document.gone:
            status = (document.gone if document else None) or 404
            return Reply(status=status, body=b"<h1>Page not found</h1>")
        return _served(document, headers)


def _afflicted(affliction: _Affliction, reply: Reply) -> Reply:
    """Apply a fault, if it is its time."""
    if affliction.after > 0:
        affliction.after -= 1
        return reply
    if affliction.left == 0:
        return reply
    if affliction.left is not None:
        affliction.left -= 1
    return affliction.fault(reply)


def _served(document: _Document, asked: dict[str, str]) -> Reply:
    """Serve a document as ice.gov does: If-Modified-Since counts, If-None-Match does not."""
    modified = format_datetime(document.modified_at, usegmt=True)
    headers = {
        "content-type": "application/pdf",
        "last-modified": modified,
        "etag": f'"{sha256(document.body).hexdigest()[:16]}"',
        "accept-ranges": "bytes",
        **document.headers,
    }
    since = asked.get("if-modified-since")
    if since and document.modified_at <= parsedate_to_datetime(since):
        return Reply(status=304, headers={"last-modified": modified})
    reply = Reply(body=document.body, headers=headers)
    begin = asked.get("range", "")
    if begin.startswith("bytes=") and asked.get("if-range") in {modified, headers["etag"]}:
        start = int(begin.removeprefix("bytes=").partition("-")[0])
        size = len(document.body)
        said = {**headers, "content-range": f"bytes {start}-{size - 1}/{size}"}
        return replace(reply, status=206, body=document.body[start:], headers=said)
    return reply
