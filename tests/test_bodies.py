"""Bodies are told by what they are: block pages from listings, "not found" from reports."""

import gzip
import time

import pytest

from scrapers.errors import CutError, TooLargeError
from scrapers.web import bodies
from tests.agency import faults

MUCH = b"<p>" + b"The Cybersecurity office publishes its reports here, each Monday. " * 20 + b"</p>"
CLOUDFLARE = b'<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'


def page(title: bytes, body: bytes = b"") -> bytes:
    return b"<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>" % (
        title,
        body,
    )


@pytest.mark.parametrize(
    "body",
    [
        faults.AKAMAI_BLOCK,
        faults.CHALLENGE,
        page(b"Just a moment...", CLOUDFLARE),
        page(b"", CLOUDFLARE),
        page(b"Attention Required! | Cloudflare", MUCH),
        page(b"Agency | Access Denied"),
        page(b"x", b"<h1>Pardon Our Interruption</h1>" + MUCH),
        page(b"justice.gov", b"<label>I am not a robot</label>"),
        b"<html><script src='/_Incapsula_Resource?a=1'></script></html>",
    ],
)
def test_knows_a_challenge(body: bytes) -> None:
    assert bodies.challenge(body, {})


def test_knows_a_challenge_by_its_headers() -> None:
    assert bodies.challenge(b"", {"cf-mitigated": "challenge"})
    assert bodies.challenge(b"", {"x-amzn-waf-action": "captcha"})


@pytest.mark.parametrize(
    "body",
    [
        page(b"Reports", CLOUDFLARE + MUCH),
        page(b"TSA Security Checkpoint Wait Times"),
        page(b"Requests to which access was denied", MUCH),
        page(b"Reports", MUCH + b"<p>I am not a robot</p>"),
        b"%PDF-1.4 (Access Denied) bm-verify",
        b"",
    ],
)
def test_takes_no_page_for_a_challenge_that_merely_speaks_of_one(body: bytes) -> None:
    assert bodies.challenge(body, {}) is None


@pytest.mark.parametrize(
    "body",
    [
        faults.SOFT_404,
        page(b"404"),
        page(b"Error 404 - x"),
        page(b"Not Found"),
        page(b"x", b"<h1>We can\xe2\x80\x99t find that page</h1>"),
        page(b"x", b"<h1>This document is <em>no longer</em> available</h1>"),
    ],
)
def test_knows_not_found_by_its_headings(body: bytes) -> None:
    assert bodies.not_found(body, "https://a/x", "https://a/x")


@pytest.mark.parametrize(
    "body",
    [
        page(b"Reports", b"<p>The report of May is no longer available.</p>"),
        page(b"404 detainers declined"[4:]),
        page(b"Lost and found"),
        page(b"Reports", MUCH),
    ],
)
def test_takes_no_listing_for_not_found(body: bytes) -> None:
    assert bodies.not_found(body, "https://a/x", "https://a/x") is None


def test_where_a_document_is_due_a_short_text_counts() -> None:
    said = page(b"Agency", b"<p>The file you requested could not be found.</p>")
    assert bodies.not_found(said, "https://a/x.pdf", "https://a/x.pdf") is None
    assert bodies.not_found_document(said, "https://a/x.pdf", "https://a/x.pdf")
    assert bodies.not_found_document(faults.NEWS, "https://a/x.pdf", "https://a/x.pdf") is None


@pytest.mark.parametrize(
    "piece", [b"<!---->", b"<!--", b"<h1>", b"<", b"<script ", b"<?xml", b" ", b"<title></h1>"]
)
def test_no_markup_holds_us_up(piece: bytes) -> None:
    body = piece * (bodies.HEAD_BYTES // len(piece))
    began = time.process_time()
    for head in (body, b"<html>" + body):
        bodies.kind(head)
        bodies.challenge(head, {})
        bodies.not_found_document(head, "https://a/x", "https://a/x")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("url", ["https://a/", "https://a/404", "https://a/page-not-found.html"])
def test_a_redirect_to_nowhere_in_particular_is_not_found(url: str) -> None:
    assert bodies.not_found(page(b"Home"), "https://a/x.pdf", url)
    assert bodies.not_found(page(b"Home"), "http://a/", "https://a/") is None


@pytest.mark.parametrize(
    ("head", "media_type", "kind"),
    [
        (b"%PDF-1.7", "text/html", "pdf"),
        (b"\0" * 1000 + b"%PDF-1.7", "", "pdf"),
        (b"\0" * 1024 + b"%PDF-1.7", "", "bin"),
        (b"<!-- %PDF-1.7 --><html>", "application/pdf", "html"),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML>", "", "html"),
        (b"Not a tag in sight", "text/html; charset=utf-8", "html"),
        (b"Not a tag in sight", "text/plain", "bin"),
        (b"PK\x03\x04", "text/html", "bin"),
        (b"<?xml version='1.0'?><rss>", "text/xml", "bin"),
    ],
)
def test_tells_kinds_by_their_bytes(head: bytes, media_type: str, kind: str) -> None:
    assert bodies.kind(head, media_type) == kind


MEMBERS = b"".join(gzip.compress(text, mtime=0) for text in (b"one, ", b"two, ", b"three"))


def unpacked(packed: bytes, step: int = 1 << 20, limit: int = 1 << 20) -> bytes:
    chunks = [packed[start : start + step] for start in range(0, len(packed), step)]
    return b"".join(bodies.decoded("https://a/x", chunks, "gzip", limit))


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_every_member_of_a_gzip_is_read(step: int) -> None:
    assert unpacked(MEMBERS, step) == b"one, two, three"


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_zeros_after_a_member_are_padding(step: int) -> None:
    padded = gzip.compress(b"one, ") + bytes(30) + gzip.compress(b"two") + bytes(30_000)
    assert unpacked(padded, step) == b"one, two"


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("lacks", [1, 8, 20, len(gzip.compress(b"three")) - 1])
def test_a_member_that_is_not_finished_is_cut(lacks: int, step: int) -> None:
    with pytest.raises(CutError, match="ends early"):
        unpacked(MEMBERS[:-lacks], step)


@pytest.mark.parametrize("after", [b"<html>", b"\0\0\x1f\x8c", MEMBERS[:10] + b"\xff" * 30])
def test_what_follows_a_member_and_is_none_is_no_end(after: bytes) -> None:
    with pytest.raises(CutError, match="broken"):
        unpacked(MEMBERS + after)


def test_the_members_of_a_gzip_share_one_limit() -> None:
    with pytest.raises(TooLargeError):
        unpacked(gzip.compress(bytes(600)) * 2, limit=1000)


def test_a_crowd_of_members_does_not_hold_us_up() -> None:
    crowd = gzip.compress(b"") * 100_000
    began = time.process_time()
    assert unpacked(crowd, limit=len(crowd)) == b""
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("end", "has_end"),
    [
        (b"</html>", True),
        (b"</HTML >\n<!-- served from a cache -->\n", True),
        ("</html>".encode("utf-16"), True),
        (b"</html>" + b" " * 5000, False),
        (b"</body>", False),
        (b"", False),
    ],
)
def test_knows_the_end_of_a_page(end: bytes, *, has_end: bool) -> None:
    assert bodies.has_end(b"<html>" + MUCH + end) is has_end
