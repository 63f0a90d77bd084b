"""The server: its captures, its log, and the faults inflicted on it."""

import json
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

from tests.agency.faults import Fault
from tests.agency.replies import Reply
from tests.agency.serving import Server
from tests.agency.site import Request
from tests.wayback.captures import Capture, cdx_digest, urlkey

INDEX = "/cdx/search/cdx"
PLAYBACK = re.compile(r"/web/(\d{14})id_/(.+)", re.DOTALL)
HTML = "text/html; charset=utf-8"


@dataclass(slots=True)
class _Affliction:
    fault: Fault
    on: str
    left: int | None
    after: int


class WaybackSite:
    """The Archive's two interfaces; use it in a `with`. Every method may be called meanwhile.

    Attributes:
        page_rows: how many rows an answer of the index has at most, whatever is asked for.
        repeats_at_seams: whether each further answer begins with the last row of the one before.
        revisits: whether a body captured again under the same address is listed as a revisit.
        odd_rows: rows that the index gives at the end of its last answer, as they stand here.
    """

    def __init__(self, *, revisits: bool = False, page_rows: int = 5000) -> None:
        """Bind a free port on the loopback, and hold nothing yet."""
        self.page_rows = page_rows
        self.repeats_at_seams = False
        self.revisits = revisits
        self.odd_rows: list[list[str]] = []
        self._captures: list[Capture] = []
        self._by_key: dict[str, list[Capture]] = {}
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
    def origin(self) -> str:
        """Where it is, as `http://127.0.0.1:41234`."""
        return self._server.url

    @property
    def requests(self) -> list[Request]:
        """What was asked so far, in order."""
        with self._lock:
            return list(self._log)

    @property
    def searches(self) -> list[Request]:
        """What was asked of the index."""
        return [request for request in self.requests if request.path.startswith(INDEX)]

    @property
    def playbacks(self) -> list[Request]:
        """What was asked of playback."""
        return [request for request in self.requests if request.path.startswith("/web/")]

    def forget(self) -> None:
        """Begin the log anew."""
        with self._lock:
            self._log.clear()

    def capture(
        self,
        url: str,
        at: datetime,
        body: bytes = b"",
        status: int = 200,
        *,
        media_type: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Capture:
        """Add a capture.

        Args:
            url: the address as captured.
            at: when.
            body: what the agency sent.
            status: what it answered.
            media_type: by default PDF or HTML, by the body.
            headers: what it sent besides, names in lower case.
        """
        kind = media_type or ("application/pdf" if body.startswith(b"%PDF") else "text/html")
        capture = Capture(
            url=url,
            at=at.astimezone(UTC).replace(microsecond=0),
            body=body,
            status=status,
            media_type=kind,
            headers={"content-type": kind, **(headers or {})},
            digest=cdx_digest(body),
        )
        with self._lock:
            held = self._by_key.setdefault(urlkey(url), [])
            known = any(other.digest == capture.digest for other in held)
            capture.is_revisit = self.revisits and known
            held.append(capture)
            self._captures.append(capture)
        return capture

    def missing(self, url: str, at: datetime) -> Capture:
        """Add a capture of a 404."""
        return self.capture(url, at, b"<h1>Page not found</h1>", 404)

    def moved(self, url: str, at: datetime, to: str) -> Capture:
        """Add a capture of a redirect."""
        return self.capture(url, at, b"", 301, headers={"location": to})

    def inflict(
        self, fault: Fault, *, on: str = "*", times: int | None = None, after: int = 0
    ) -> None:
        """Let a fault befall answers.

        Args:
            fault: one of `faults`.
            on: `index`, `playback`, `*` for both, or a text that the asked path holds.
            times: how often; None: until `heal`.
            after: how many answers are spared first.
        """
        with self._lock:
            self._afflictions.append(_Affliction(fault, on, times, after))

    def heal(self) -> None:
        """Undo every `inflict`."""
        with self._lock:
            self._afflictions.clear()

    def _answer(self, path: str, headers: dict[str, str]) -> Reply:
        with self._lock:
            reply = self._right(path)
            for affliction in self._afflictions:
                if _befalls(affliction.on, path):
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

    def _right(self, path: str) -> Reply:
        parts = urlsplit(path)
        if parts.path == INDEX:
            return self._index({name: values[0] for name, values in parse_qs(parts.query).items()})
        if asked := PLAYBACK.fullmatch(path):
            return self._playback(asked[1], asked[2])
        return Reply(status=404, body=b"<h1>404</h1>", headers={"content-type": HTML})

    def _index(self, asked: dict[str, str]) -> Reply:
        """Answer as the index does: sorted by key and time, a resume key after an empty row."""
        found = self._found(asked)
        names = asked.get("fl", "urlkey,timestamp,original").split(",")
        start = int(asked.get("resumeKey", "0").rpartition("+")[2] or 0)
        size = min(self.page_rows, int(asked.get("limit", self.page_rows)))
        shown = found[start : start + size]
        if self.repeats_at_seams and start:
            shown.insert(0, found[start - 1])
        lines = [[capture.fields[name] for name in names] for capture in shown]
        if start + size < len(found):
            # As the Archive's: without the key among the fields, it leads nowhere.
            key = shown[-1].fields["urlkey"] if names[0] == "urlkey" else "-"
            number = start + size if names[0] == "urlkey" else start
            lines += [[], [f"{quote(key)} {shown[-1].timestamp}+{number}"]]
        else:
            lines += self.odd_rows
        body = json.dumps([names, *lines] if lines else []).replace("], [", "],\n[")
        return Reply(body=body.encode(), headers={"content-type": "application/json"})

    def _found(self, asked: dict[str, str]) -> list[Capture]:
        """Give the captures that a search means."""
        key = urlkey(asked["url"])
        is_prefix = asked.get("matchType") == "prefix"
        first, last = asked.get("from", ""), asked.get("to", "").ljust(14, "9")
        return [
            capture
            for held, captures in sorted(self._by_key.items())
            if held == key or (is_prefix and held.startswith(key))
            for capture in sorted(captures, key=lambda capture: capture.timestamp)
            if first <= capture.timestamp <= last
        ]

    def _playback(self, timestamp: str, url: str) -> Reply:
        """Play the capture of that time back, or lead to the nearest."""
        held = self._by_key.get(urlkey(url), [])
        found = next((capture for capture in held if capture.timestamp == timestamp), None)
        if found and found.leads_to:
            return _led(url, f"{found.leads_to:%Y%m%d%H%M%S}")
        if found and found.is_played:
            return _played(found)
        others = [capture for capture in held if capture.is_played]
        if found or not others:
            said = "<html><head><title>Wayback Machine</title></head><p>not archived</p></html>"
            return Reply(status=404, body=said.encode(), headers={"content-type": HTML})
        nearest = min(others, key=lambda capture: abs(int(capture.timestamp) - int(timestamp)))
        return _led(url, nearest.timestamp)


def _led(url: str, timestamp: str) -> Reply:
    """Redirect to another capture."""
    return Reply(status=302, headers={"location": f"/web/{timestamp}id_/{url}"})


def _played(capture: Capture) -> Reply:
    """Give a capture as `id_` does: its body as it was, its headers under other names."""
    headers = {
        "memento-datetime": format_datetime(capture.at, usegmt=True),
        "content-type": capture.media_type,
        "x-archive-src": "replica.warc.gz",
        "link": f'<{capture.url}>; rel="original"',
        **{f"x-archive-orig-{name}": value for name, value in capture.headers.items()},
    }
    if "location" in capture.headers:
        headers["location"] = f"/web/{capture.timestamp}id_/{capture.headers['location']}"
    return Reply(status=capture.status, body=capture.body, headers=headers)


def _befalls(on: str, path: str) -> bool:
    """Whether a fault's place is that of a request."""
    if on == "index":
        return path.startswith(INDEX)
    if on == "playback":
        return path.startswith("/web/")
    return on == "*" or on in path


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
