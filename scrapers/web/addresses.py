"""Which addresses may be asked, and where they are asked (the guard against being led astray)."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from scrapers.errors import UnsafeAddressError
from scrapers.web.links import SAFE

PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 within IPv6 (RFC 6052): the last 32 bits are the IPv4 address."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where an address is really asked, in the parts that a request is made of; all ASCII."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, with what has no place in a request as `%XX`."""

    @property
    def place(self) -> str:
        """Host and port, the latter where the scheme does not tell it."""
        return _netloc(self.scheme, self.host, self.port)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}{self.target}"


class Addresses:
    """The addresses that one source may ask.

    Attributes:
        site: the origin asked in place of the agency's hosts, as (scheme, host, port), or None.
    """

    def __init__(self, hosts: frozenset[str], site: str | None = None) -> None:
        """Take the source's hosts, and the origin that replaces them.

        Raises:
            ValueError: `site` is no origin.
        """
        self._hosts = frozenset(host.lower().rstrip(".") for host in hosts)
        self.site = _origin(site) if site else None

    def asked(self, url: str) -> Asked:
        """Give where `url` is really asked.

        Raises:
            UnsafeAddressError: it must not be asked; says why.
        """
        parts = _split(url)
        scheme, host, port = _place(parts, url)
        if (scheme, host, port) != self.site:
            self._refuse(url, host, port, scheme)
            if self.site:
                scheme, host, port = self.site
        return Asked(scheme=scheme, host=host, port=port, target=_target(parts, url))

    def led(self, url: str, location: str) -> str:
        """Give the address to which `url` redirects, told as the agency's.

        Whether it may be asked is for `asked` to say.

        Raises:
            UnsafeAddressError: it is no address, or would leave TLS.
        """
        target = _joined(url, location.strip())
        parts = _split(target)
        if self.site and _place(parts, target) == self.site:
            here = urlsplit(url)
            return urlunsplit((here.scheme, here.netloc, parts.path, parts.query, ""))
        if urlsplit(url).scheme == "https" and parts.scheme == "http" and not self.site:
            raise UnsafeAddressError(target, f"would leave TLS, redirected from {url}")
        return urlunsplit((*parts[:4], ""))

    def check_peer(self, url: str, host: str, port: int, address: str) -> None:
        """Check an IP address that the host's name resolved to, before it is connected to.

        Raises:
            UnsafeAddressError: it is not on the public internet, and not the given site's.
        """
        ip = _embedded(ipaddress.ip_address(address.partition("%")[0]))
        named = self.site is not None and (host, port) == self.site[1:]
        if named and (ip.is_loopback or (ip.is_private and not ip.is_link_local)):
            return
        if not ip.is_global or ip.is_multicast:
            raise UnsafeAddressError(url, f"is refused: {host} is at {ip}, {_nature(ip)}")

    def _refuse(self, url: str, host: str, port: int, scheme: str) -> None:
        """Raise unless host and port are the agency's."""
        if host not in self._hosts:
            try:
                ip = _embedded(ipaddress.ip_address(host))
            except ValueError:
                raise UnsafeAddressError(
                    url, f"is refused: {host} is not a host of this source"
                ) from None
            raise UnsafeAddressError(url, f"is refused: {ip} is {_nature(ip)}")
        if port != PORTS[scheme]:
            raise UnsafeAddressError(url, f"is refused: port {port} is not the agency's")


def _origin(site: str) -> tuple[str, str, int]:
    """Read `--site`."""
    parts = urlsplit(site)
    try:
        place = _place(parts, site)
    except UnsafeAddressError as error:
        raise ValueError(str(error)) from error
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"{site} is no origin: give scheme, host and port alone")
    return place


def _joined(url: str, location: str) -> str:
    """Make a redirect's target absolute."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise UnsafeAddressError(location, f"is no address: {error}") from error


def _split(url: str) -> SplitResult:
    """Split an address that a page or server gave."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UnsafeAddressError(url, f"is no address: {error}") from error


def _place(parts: SplitResult, url: str) -> tuple[str, str, int]:
    """Give scheme, host and port, or raise UnsafeAddressError."""
    if parts.scheme not in PORTS:
        raise UnsafeAddressError(url, "is refused: only http and https are asked")
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddressError(url, "is refused: it carries credentials")
    try:
        port = parts.port or PORTS[parts.scheme]
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except ValueError as error:
        raise UnsafeAddressError(url, f"is no address: {error}") from error
    if not host:
        raise UnsafeAddressError(url, "is no address: it names no host")
    return parts.scheme, host, port


def _target(parts: SplitResult, url: str) -> str:
    """Write path and query as a request has them, or raise UnsafeAddressError."""
    path = _without_dots(parts.path or "/")
    target = f"{path}?{parts.query}" if parts.query else path
    try:
        return quote(target, SAFE)
    except UnicodeEncodeError as error:
        raise UnsafeAddressError(url, f"is no address: {error}") from error


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` in a path, `%2e` for a dot too (RFC 3986, 5.2.4 and 6.2.2.2).

    An absolute link may still have them, and servers resolve them.
    """
    kept: list[str] = []
    segment = ""
    for written in path.split("/")[1:]:
        segment = written.replace("%2e", ".").replace("%2E", ".")
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(written)
    is_folder = segment in {".", ".."}
    return "/" + "/".join([*kept, ""] if is_folder else kept)


def _netloc(scheme: str, host: str, port: int) -> str:
    """Write host and port as an address has them."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port == PORTS[scheme] else f"{shown}:{port}"


def _embedded(ip: IPAddress) -> IPAddress:
    """Give the IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return ip.ipv4_mapped or ip.sixtofour or ip
    return ip


def _nature(ip: IPAddress) -> str:
    """Say what kind of address it is."""
    if ip.is_loopback:
        return "a loopback address"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_private:
        return "a private address"
    return "an address that no source names" if ip.is_global else "no public address"
