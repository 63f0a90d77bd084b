"""One request to one host, bounded in every way (the only httpx).

Nothing is followed, retried, decoded or remembered here: no redirects, no cookies, no environment
proxies. TLS is always verified. Names are resolved here and each address is checked before it is
connected to, so that no redirect and no name server can lead to a private network.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from scrapers.errors import CutError, FetchError, UnansweredError
from scrapers.web.addresses import Addresses

BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)
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
    _response: httpx.Response
    _line: "Line"
    received: int = field(default=0)
    """Body bytes so far, as on the wire."""

    def chunks(self) -> Iterator[bytes]:
        """Give the body as on the wire, content codings still on.

        Raises:
            CutError: the body broke off, or fell silent for too long.
            FetchError: it was still being sent when its time was over.
        """
        try:
            for chunk in self._response.iter_raw():
                self.received += len(chunk)
                yield chunk
        except httpcore.TimeoutException as error:
            if self._line.is_over:
                raise FetchError(self.url, "was still sending when its time was over") from error
            raise CutError(self.url, f"fell silent after {self.received} bytes") from error
        except BROKEN as error:
            raise CutError(self.url, f"broke off after {self.received} bytes ({error})") from error


def trusted() -> ssl.SSLContext:
    """Give what TLS certificates are checked against: certifi's, or SSL_CERT_FILE's."""
    return httpx.create_ssl_context()


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
        pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=1,
            keepalive_expiry=5.0,
            network_backend=_Backend(self),
        )
        self._client = httpx.Client(
            transport=_Transport(pool),
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
        )
        self._client.headers.clear()

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self.deadline

    @contextmanager
    def ask(self, url: str, headers: Mapping[str, str], limits: Limits) -> Iterator[Answer]:
        """Send one GET, and give its answer while it is open.

        Raises:
            UnansweredError: no connection, or no answer within the limits.
            UnsafeAddressError: the host's name leads to a forbidden address.
        """
        timeout = httpx.Timeout(limits.silence_s, connect=limits.connect_s)
        self.deadline, self.url = time.monotonic() + limits.head_s, url
        try:
            request = self._client.build_request("GET", url, headers=headers, timeout=timeout)
            response = self._client.send(request, stream=True)
        except httpcore.TimeoutException as error:
            raise UnansweredError(url, "did not answer in time") from error
        except (*BROKEN, httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnansweredError(url, f"could not be asked: {error or 'cut off'}") from error
        self.deadline = time.monotonic() + limits.body_s
        shown = {k.lower(): v for k, v in response.headers.items() if k.lower() not in HIDDEN}
        try:
            yield Answer(
                url=url,
                status=response.status_code,
                headers=shown,
                _response=response,
                _line=self,
            )
        finally:
            response.close()

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
        self._client.close()


class _Stream(httpcore.NetworkStream):
    """A socket whose every wait ends at the line's deadline: a drip of bytes cannot hold it."""

    def __init__(self, line: Line, stream: httpcore.NetworkStream) -> None:
        self._line = line
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._line.within(timeout))

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


class _Body(httpx.SyncByteStream):
    """A body as httpcore streams it."""

    def __init__(self, stream: Iterable[bytes], response: httpcore.Response) -> None:
        self._stream = stream
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._response.close()


class _Transport(httpx.BaseTransport):
    """httpx on a pool of our own, since httpx offers no way to set the pool's sockets."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        asked = httpcore.Request(
            request.method, target, headers=request.headers.raw, extensions=request.extensions
        )
        answer = self._pool.handle_request(asked)
        if not isinstance(answer.stream, Iterable):
            raise TypeError("httpcore gave an asynchronous body")
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream, answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()
