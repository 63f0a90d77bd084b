"""One request to one host, bounded in every way (the only httpx).

It uses httpx's own lower half, httpcore, since only there can one choose the sockets: names are
resolved here, and each address is checked before it is connected to, so that no redirect and no
name server can lead to a private network, and every wait ends at a deadline. Nothing is followed,
tried again, decoded or remembered: no redirects, no cookies, no proxies out of the environment.
TLS is always verified.
"""

import os
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import httpcore
import httpx

from scrapers.errors import CutError, SlowError, UnansweredError
from scrapers.web.addresses import Addresses, Asked

BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)
PIECE_BYTES = 1 << 18
"""So much of an answer is taken at once, where it is there."""
KEPT_S = 5.0
"""So long a connection is kept for the next request."""
HIDDEN = frozenset({"set-cookie", "set-cookie2"})
"""Headers that are never handed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long one request may take, in seconds."""

    connect_s: float
    silence_s: float
    """Each wait for further bytes."""
    head_s: float
    """From sending the request until its answer's headers are complete."""
    body_s: float
    """From then until the body is complete."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """Status and headers of an answer, whose body can be read once."""

    url: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case, cookies left out."""
    _response: httpcore.Response
    _line: "Line"
    received: int = field(default=0)
    """Body bytes so far, as on the wire."""

    @property
    def is_framed(self) -> bool:
        """Whether its headers tell where the body ends; else it ends where the connection does."""
        chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        return chunked or bool(self.headers.get("content-length", ""))

    def hurry(self, seconds: float) -> None:
        """Give the rest of the body no more time than this."""
        self._line.deadline = min(self._line.deadline, time.monotonic() + seconds)

    def chunks(self) -> Iterator[bytes]:
        """Give the body as on the wire, content codings still on.

        Raises:
            CutError: the body broke off, or fell silent for too long.
            SlowError: it was still coming when its time was over.
        """
        try:
            for chunk in self._response.iter_stream():
                self.received += len(chunk)
                yield chunk
        except httpcore.TimeoutException as error:
            if self._line.is_over:
                raise SlowError(self.url, "was still coming when its time was over") from error
            raise CutError(self.url, f"fell silent after {self.received} bytes") from error
        except BROKEN as error:
            raise CutError(self.url, f"broke off after {self.received} bytes ({error})") from error


def trusted() -> ssl.SSLContext:
    """Give what TLS certificates are checked against: certifi's, or SSL_CERT_FILE's."""
    return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _trusted(*_: str | None) -> ssl.SSLContext:
    """Read the certificates once, which takes a tenth of a second."""
    return httpx.create_ssl_context()


def _request(asked: Asked, headers: Mapping[str, str], limits: Limits) -> httpcore.Request:
    """Put a GET as httpcore takes it."""
    told = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    url = httpcore.URL(
        scheme=asked.scheme.encode("ascii"),
        host=asked.host.encode("ascii"),
        port=asked.port,
        target=asked.target.encode("ascii"),
    )
    timeout = {"connect": limits.connect_s, "read": limits.silence_s, "write": limits.silence_s}
    place = asked.place.encode("ascii")
    return httpcore.Request(
        "GET", url, headers=[(b"host", place), *told], extensions={"timeout": timeout}
    )


class Line:
    """The connection to one host; one request at a time.

    Attributes:
        deadline: the `time.monotonic()` at which the present wait is over.
    """

    def __init__(self, addresses: Addresses, context: ssl.SSLContext) -> None:
        """Connect to nothing yet."""
        self.deadline = 0.0
        self.url = ""
        self._addresses = addresses
        self._context = context
        self._connection: httpcore.HTTPConnection | None = None

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self.deadline

    @contextmanager
    def ask(
        self, url: str, asked: Asked, headers: Mapping[str, str], limits: Limits
    ) -> Iterator[Answer]:
        """Send one GET, and give its answer while it is open.

        Args:
            url: the agency's address, for messages.
            asked: where it is really asked.
            headers: of the request.
            limits: how long it may take.

        Raises:
            UnansweredError: no connection, or no answer within the limits.
            UnsafeAddressError: the host's name leads to a forbidden address.
        """
        self.deadline, self.url = time.monotonic() + limits.head_s, url
        try:
            request = _request(asked, headers, limits)
            response = self._connected(request.url.origin).handle_request(request)
        except httpcore.TimeoutException as error:
            raise UnansweredError(url, f"did not answer in time (at {asked.place})") from error
        except BROKEN as error:
            why = str(error) or "cut off"
            raise UnansweredError(url, f"could not be asked (at {asked.place}): {why}") from error
        self.deadline = time.monotonic() + limits.body_s
        said = httpx.Headers(response.headers)
        shown = {name: value for name, value in said.items() if name not in HIDDEN}
        try:
            yield Answer(
                url=url, status=response.status, headers=shown, _response=response, _line=self
            )
        finally:
            response.close()

    def _connected(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        """Give the connection that stands, if it leads there; else one that is yet to be made."""
        held = self._connection
        if held and held.can_handle_request(origin) and held.is_idle() and not held.has_expired():
            return held
        self.close()
        self._connection = httpcore.HTTPConnection(
            origin, self._context, keepalive_expiry=KEPT_S, network_backend=_Backend(self)
        )
        return self._connection

    def connect(self, host: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        """Resolve the name, check every address it has, and connect to the first that answers."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known: {error}") from error
        places = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for place in places:
            self._addresses.check_peer(self.url, host, port, place)
        for place in places[:-1]:
            try:
                return httpcore.SyncBackend().connect_tcp(place, port, self.within(timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return httpcore.SyncBackend().connect_tcp(places[-1], port, self.within(timeout))

    def within(self, timeout: float | None) -> float:
        """Shorten a time-out to the deadline.

        Raises:
            httpcore.ReadTimeout: the deadline has passed.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return left if timeout is None else min(left, timeout)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection:
            self._connection.close()


class _Stream(httpcore.NetworkStream):
    """A socket whose every wait ends at the line's deadline: a drip of bytes cannot hold it."""

    def __init__(self, line: Line, stream: httpcore.NetworkStream) -> None:
        self._line = line
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        # httpcore asks for 64 KB, and takes what it gets: each piece costs it as much as 100 KB.
        return self._stream.read(max(max_bytes, PIECE_BYTES), self._line.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._line.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = self._line.within(timeout)
        return _Stream(self._line, self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Where httpcore gets its sockets: from the line, which checks them."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        return _Stream(self._line, self._line.connect(host, port, timeout))
