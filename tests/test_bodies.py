"""Bodies are told by what they are: block pages from listings, "not found" from reports."""

import time

import pytest

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
