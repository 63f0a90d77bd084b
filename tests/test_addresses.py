"""No page, redirect or name server leads us to where we must not ask."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from scrapers.errors import FetchError, UnansweredError, UnsafeAddressError
from scrapers.fetch import Fetcher, Policy
from scrapers.web.addresses import PORTS, Addresses
from tests.agency import AgencySite, faults
from tests.fetching import AT, HOME, PATH, REPORT, URL, fetched, fetching, site

__all__ = ["site"]

HOSTS = frozenset({"www.ice.gov"})


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/report.pdf",
        "http://10.1.2.3/report.pdf",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://localhost/",
        "http://2130706433/",
        "https://evil.example/report.pdf",
        "https://www.ice.gov.evil.example/",
        "https://www.ice.gov@evil.example/",
        "https://user:pass@www.ice.gov/",
        "https://www.ice.gov:8443/",
        "ftp://www.ice.gov/report.pdf",
        "file:///etc/passwd",
        "gopher://www.ice.gov/",
        "javascript:alert(1)",
        "https://www.ice.gov:port/",
        "http://[::1/",
    ],
)
def test_refuses_forbidden_addresses_as_links_and_as_redirects(
    site: AgencySite, tmp_path: Path, target: str
) -> None:
    site.inflict(faults.redirect(target), on=PATH)
    with fetching(site) as fetcher:
        with pytest.raises(UnsafeAddressError):
            fetcher.document(target, tmp_path)
        assert fetcher.requests == 0
        with pytest.raises(UnsafeAddressError):
            fetcher.document(URL, tmp_path)
        assert fetcher.requests == 2
    assert not list(tmp_path.iterdir())


def test_a_forbidden_redirect_does_not_close_the_host(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.redirect("http://10.0.0.1/"), on=PATH, times=1)
    with fetching(site) as fetcher:
        with pytest.raises(UnsafeAddressError, match="private"):
            fetcher.document(URL, tmp_path)
        assert fetched(fetcher, tmp_path).ext == "pdf"


def test_follows_redirects_within_the_agency(site: AgencySite, tmp_path: Path) -> None:
    for number, target in enumerate(["/b", "//www.ice.gov/c", f"{HOME}/d", f"{site.url}{PATH}"]):
        site.inflict(faults.redirect(target, 301), on=f"/{'abcd'[number]}")
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path, f"{HOME}/a")
    assert bytes(found.body) == REPORT
    assert found.redirects == tuple(f"{HOME}/{name}" for name in "abcd")
    assert found.url == URL


def test_a_loop_is_an_error(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.redirect("/b"), on=PATH)
    site.inflict(faults.redirect(PATH), on="/b")
    with fetching(site) as fetcher, pytest.raises(FetchError, match="loop"):
        fetcher.document(URL, tmp_path)
    assert fetcher.requests == 3


def test_too_many_redirects_are_an_error(site: AgencySite, tmp_path: Path) -> None:
    for number in range(10):
        site.inflict(faults.redirect(f"/{number + 1}"), on=f"/{number}")
    with fetching(site) as fetcher, pytest.raises(FetchError, match="more than 5 times"):
        fetcher.document(f"{HOME}/0", tmp_path)
    assert fetcher.requests == 7


def test_a_name_that_resolves_to_the_loopback_is_refused(
    site: AgencySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(site.url.rpartition(":")[2])
    monkeypatch.setitem(PORTS, "http", port)
    policy = Policy(hosts=frozenset({"localhost"}), pause_s=0, retry_wait_s=0)
    with (
        Fetcher(policy, clock=lambda: AT, sleep=lambda _: None) as fetcher,
        pytest.raises(UnsafeAddressError, match="loopback"),
    ):
        fetcher.document(f"http://localhost{PATH}", tmp_path)
    assert not site.requests


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_only_public_addresses_are_connected_to(ip: str) -> None:
    with pytest.raises(UnsafeAddressError):
        Addresses(HOSTS).check_peer(URL, "www.ice.gov", 443, ip)


@pytest.mark.parametrize("ip", ["23.4.5.6", "2600:1400::1", "64:ff9b::1704:506"])
def test_public_addresses_are_connected_to(ip: str) -> None:
    Addresses(HOSTS).check_peer(URL, "www.ice.gov", 443, ip)


def test_a_named_site_may_be_local_but_nothing_beside_it() -> None:
    addresses = Addresses(HOSTS, "http://127.0.0.1:8000")
    addresses.check_peer(URL, "127.0.0.1", 8000, "127.0.0.1")
    for host, port, ip in (
        ("127.0.0.1", 8001, "127.0.0.1"),
        ("www.ice.gov", 8000, "127.0.0.1"),
        ("127.0.0.1", 8000, "169.254.169.254"),
    ):
        with pytest.raises(UnsafeAddressError):
            addresses.check_peer(URL, host, port, ip)


def test_a_named_site_is_asked_in_place_of_every_host_of_the_source() -> None:
    addresses = Addresses(frozenset({"www.ice.gov", "ice.gov"}), "http://127.0.0.1:8000/")
    for url in (
        "https://www.ice.gov/a?b=1#c",
        "http://ICE.gov/a?b=1",
        "http://127.0.0.1:8000/a?b=1",
    ):
        assert str(addresses.asked(url)) == "http://127.0.0.1:8000/a?b=1"


def test_a_request_is_plain_ascii_whatever_the_address_has() -> None:
    addresses = Addresses(frozenset({"www.ice.gov"}))
    for path, target in (
        ("", "/"),
        ("/a b/é|\x7f.pdf?q=ü v#end", "/a%20b/%C3%A9%7C%7F.pdf?q=%C3%BC%20v"),
        ("/a%20b/100%.pdf?a=1&b=%41", "/a%20b/100%.pdf?a=1&b=%41"),
    ):
        assert addresses.asked(f"https://WWW.ice.gov{path}").target == target
    with pytest.raises(UnsafeAddressError, match="no address"):
        addresses.asked("https://www.ice.gov/\ud800.pdf")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a/../b.pdf", "/b.pdf"),
        ("/../../b", "/b"),
        ("/a//b/../c", "/a//c"),
        ("//x/./y", "//x/y"),
        ("/a/b/..", "/a/"),
        ("/a/.", "/a/"),
        ("/..", "/"),
        ("/a/%2E%2e/b%2epdf", "/b%2epdf"),
        ("/.well-known/...?next=/a/../b", "/.well-known/...?next=/a/../b"),
    ],
)
def test_dots_of_an_absolute_link_are_resolved_before_it_is_asked(path: str, target: str) -> None:
    addresses = Addresses(frozenset({"www.ice.gov"}))
    assert addresses.asked(f"https://www.ice.gov{path}").target == target


def test_a_site_replaced_is_said(site: AgencySite) -> None:
    with fetching(site) as fetcher:
        assert fetcher.messages == (f"asked {site.url} in place of www.ice.gov",)


def test_a_policy_whose_site_is_no_origin_is_refused() -> None:
    for wrong in ("ftp://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1/path", "http://u:p@h"):
        with pytest.raises(ValueError, match=r"127|u:p"):
            Fetcher(Policy(hosts=frozenset({"www.ice.gov"}), site=wrong), clock=lambda: AT)


def test_no_redirect_leaves_tls() -> None:
    with pytest.raises(UnsafeAddressError, match="TLS"):
        Addresses(HOSTS).led(URL, "http://www.ice.gov/report.pdf")
    assert Addresses(HOSTS).led("http://www.ice.gov/a", URL) == URL


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def _tls_site(folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve over TLS with a certificate that nobody vouches for."""
    certificate, key = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), _Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", certificate
    server.shutdown()
    server.server_close()
    thread.join()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for 127.0.0.1."""
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography is not installed")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - optional
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - the same

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(place, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "site.pem", folder / "site.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


def test_tls_is_always_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _tls_site(tmp_path) as (origin, certificate):
        policy = Policy(hosts=HOSTS, site=origin, pause_s=0, retry_wait_s=0)
        with (
            Fetcher(policy, clock=lambda: AT, sleep=lambda _: None) as fetcher,
            pytest.raises(UnansweredError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            fetcher.document(URL, tmp_path / "new")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Fetcher(policy, clock=lambda: AT, sleep=lambda _: None) as fetcher:
            assert fetched(fetcher, tmp_path / "new").problem == "empty where a PDF is due"
