"""A body that is cut, broken, endless, too large or too slow is never taken for a document."""

import gzip
import hashlib
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import httpcore
import pytest

from scrapers.errors import (
    CutError,
    FetchError,
    SlowError,
    TooLargeError,
)
from scrapers.web.addresses import Addresses
from scrapers.web.buffers import SMALL_BYTES, Buffers
from scrapers.web.transfer import Transfer
from scrapers.web.wire import PIECE_BYTES, Answer, Line, trusted
from tests.agency import AgencySite, Reply, faults, pdf
from tests.fetching import LISTING, PATH, REPORT, URL, fetched, fetching, site

__all__ = ["site"]

DIGEST = hashlib.sha256(REPORT).hexdigest()
PAGE = "/declined-detainer-outcome-report"


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("ranges", ["bytes", "none"])
def test_a_cut_download_is_completed(
    site: AgencySite, tmp_path: Path, framing: str, ranges: str
) -> None:
    site.store(PATH, REPORT, accept_ranges=ranges)
    site.inflict(faults.cut(60_000, framing), on=PATH, times=1)
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path)
    assert bytes(found.body) == REPORT
    assert found.digest == DIGEST
    again = site.asked(PATH)[1]
    assert ("range" in again.headers) == (ranges == "bytes")
    assert again.status == (206 if ranges == "bytes" else 200)


@pytest.mark.parametrize("etag", ['"\xe9"', "W/old"])
def test_a_validator_that_cannot_be_echoed_is_not(
    site: AgencySite, tmp_path: Path, etag: str
) -> None:
    odd = {"etag": etag, "last-modified": "20 März 2017"}
    site.inflict(lambda reply: replace(reply, headers={**reply.headers, **odd}), on=PATH)
    site.inflict(faults.cut(60_000), on=PATH, times=1)
    with fetching(site) as fetcher:
        assert bytes(fetched(fetcher, tmp_path).body) == REPORT
    assert "if-range" not in site.asked(PATH)[1].headers


def test_a_document_that_changes_while_it_is_fetched_is_fetched_anew(
    site: AgencySite, tmp_path: Path
) -> None:
    other = pdf("corrected", pad_bytes=90_000)

    def cut_and_revise(reply: Reply) -> Reply:
        site.revise(PATH, other)
        return faults.cut(60_000)(reply)

    site.inflict(cut_and_revise, on=PATH, times=1)
    with fetching(site) as fetcher:
        assert bytes(fetched(fetcher, tmp_path).body) == other


def test_a_range_of_other_bytes_is_not_joined(site: AgencySite, tmp_path: Path) -> None:
    other = faults.with_header("etag", '"other"')
    site.inflict(faults.cut(60_000), on=PATH, times=1)
    site.inflict(other, on=PATH, times=1, after=1)
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).digest == DIGEST
    assert [request.status for request in site.asked(PATH)] == [200, 206, 200]


def test_a_range_from_elsewhere_is_not_joined(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.cut(60_000), on=PATH, times=1)
    site.inflict(faults.from_the_start(), on=PATH, times=1, after=1)
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).digest == DIGEST
    assert [request.status for request in site.asked(PATH)] == [200, 206, 200]


def test_counts_bytes_itself_whatever_the_library_lets_pass(tmp_path: Path) -> None:
    line = Line(Addresses(frozenset()), trusted())
    response = httpcore.Response(200, content=REPORT[:100])
    headers = {"content-length": "200"}
    answer = Answer(url=URL, status=200, headers=headers, _response=response, _line=line)
    transfer = Transfer(URL, tmp_path, limit=1000, buffers=Buffers())
    with pytest.raises(CutError, match="100 of 200"):
        transfer.take(answer)
    transfer.discard()


@pytest.mark.parametrize(
    "fault",
    [
        faults.cut(60_000),
        faults.cut(60_000, "chunked"),
        faults.cut(60_000, "close"),
        faults.wrong_length(len(REPORT) + 10),
        faults.gzipped(broken=True),
        faults.half_gzip(),
        faults.with_header("content-encoding", "gzip"),
    ],
    ids=["length", "chunked", "no length", "long", "broken gzip", "half gzip", "no gzip"],
)
def test_a_document_that_is_always_cut_is_never_handed_over(
    site: AgencySite, tmp_path: Path, fault: faults.Fault
) -> None:
    site.store(PATH, REPORT, accept_ranges="none")
    site.inflict(fault, on=PATH)
    with fetching(site) as fetcher, pytest.raises(CutError):
        fetcher.document(URL, tmp_path)
    assert len(site.asked(PATH)) == 3
    assert not list(tmp_path.iterdir())


def test_a_length_that_is_too_short_is_tried_again(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.wrong_length(60_000), on=PATH, times=1)
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).digest == DIGEST


def test_the_same_pdf_without_its_end_twice_is_what_the_agency_has(
    site: AgencySite, tmp_path: Path
) -> None:
    site.inflict(faults.truncated(60_000), on=PATH)
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path)
    assert bytes(found.body) == REPORT[:60_000]
    assert found.problem == "a PDF without its end (%%EOF), the same twice"
    assert len(site.asked(PATH)) == 2


def test_takes_a_coding_off_that_was_not_asked_for(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.gzipped(), on=PATH)
    with fetching(site) as fetcher:
        found = fetched(fetcher, tmp_path)
    assert bytes(found.body) == REPORT
    assert found.headers["content-encoding"] == "gzip"


def test_a_coding_that_nobody_knows_is_an_error(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.with_header("content-encoding", "br"), on=PATH)
    with fetching(site) as fetcher, pytest.raises(FetchError, match="br"):
        fetcher.document(URL, tmp_path)


def test_a_bomb_meets_the_limit(site: AgencySite, tmp_path: Path) -> None:
    bomb = gzip.compress(b"%PDF-1.4" + bytes(50_000_000))
    site.inflict(faults.answer(200, bomb, content_encoding="gzip"), on=PATH)
    tracemalloc.start()
    try:
        with fetching(site, max_bytes=1_000_000) as fetcher, pytest.raises(TooLargeError):
            fetcher.document(URL, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_too_large_a_document_is_stopped(site: AgencySite, tmp_path: Path, framing: str) -> None:
    site.store(PATH, pdf("large", pad_bytes=4 * PIECE_BYTES))
    site.inflict(lambda reply: replace(reply, framing=framing), on=PATH)
    with fetching(site, max_bytes=50_000) as fetcher, pytest.raises(TooLargeError, match="50000"):
        fetcher.document(URL, tmp_path)
    assert fetcher.bytes_received <= 2 * PIECE_BYTES
    assert not list(tmp_path.iterdir())


def test_a_drip_of_bytes_meets_the_deadline(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.drip(100, 0.05), on=PATH)
    began = time.monotonic()
    with fetching(site, document_deadline_s=0.5) as fetcher, pytest.raises(SlowError):
        fetcher.document(URL, tmp_path)
    assert time.monotonic() - began < 2
    assert len(site.asked(PATH)) == 1
    assert not list(tmp_path.iterdir())


def test_no_silence_outlasts_the_deadline(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.drip(60_000, 20), on=PATH)
    began = time.monotonic()
    with fetching(site, document_deadline_s=0.5) as fetcher, pytest.raises(SlowError):
        fetcher.document(URL, tmp_path)
    assert time.monotonic() - began < 2


def test_a_body_that_falls_silent_is_cut(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.drip(60_000, 20), on=PATH, times=1)
    with fetching(site, timeout_s=0.3) as fetcher:
        assert fetched(fetcher, tmp_path).digest == DIGEST
    assert site.asked(PATH)[1].status == 206


def test_memory_that_an_error_holds_on_to_raises_no_other() -> None:
    buffers = Buffers()
    buffer = buffers.take()
    held = memoryview(buffer)
    buffers.give_back(buffer)
    buffers.release()
    assert len(held) == SMALL_BYTES


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_page_that_ends_with_the_connection_and_does_not_close_is_cut(
    site: AgencySite, coding: str
) -> None:
    def apply(reply: Reply) -> Reply:
        half = faults.truncated(reply.body.rfind(b"<li"))(reply)
        whole = faults.gzipped()(half) if coding == "gzip" else half
        return replace(whole, framing="close")

    site.inflict(apply, on=PAGE)
    with fetching(site) as fetcher, pytest.raises(CutError, match="</html>"):
        fetcher.page(LISTING)
    assert len(site.asked(PAGE)) == 3
    assert [page.url for page in fetcher.take_pages()] == ["https://www.ice.gov/robots.txt"]


def test_a_page_that_was_cut_once_is_read_whole(site: AgencySite) -> None:
    site.inflict(faults.cut(400, "close"), on=PAGE, times=1)
    with fetching(site) as fetcher:
        assert URL in {link.url for link in fetcher.page(LISTING).links()}
    assert len(site.asked(PAGE)) == 2


def test_a_page_that_ends_with_the_connection_and_closes_is_whole(site: AgencySite) -> None:
    site.inflict(lambda reply: replace(reply, framing="close"), on=PAGE)
    with fetching(site) as fetcher:
        assert URL in {link.url for link in fetcher.page(LISTING).links()}
    assert len(site.asked(PAGE)) == 1


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_page_whose_end_is_told_need_not_close(site: AgencySite, framing: str) -> None:
    body = b"<html><body><p>Reports: <a href='/doclib/a.pdf'>May</a>"
    site.inflict(lambda reply: replace(reply, body=body, framing=framing), on=PAGE)
    with fetching(site) as fetcher:
        assert len(fetcher.page(LISTING).links()) == 1


def test_only_pages_are_held_to_the_end_of_a_page(site: AgencySite, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nDisallow: /private/\n"
    for path in (PATH, "/robots.txt"):
        site.inflict(lambda reply: replace(reply, framing="close"), on=path)
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).digest == DIGEST
        assert [robots.state for robots in fetcher.robots.values()] == ["read"]


def test_a_range_of_more_digits_than_any_file_has_is_not_joined(
    site: AgencySite, tmp_path: Path
) -> None:
    odd = faults.with_header("content-range", f"bytes 60000-{'9' * 5000}/{'9' * 5001}")
    site.inflict(faults.cut(60_000), on=PATH, times=1)
    site.inflict(odd, on=PATH, times=1, after=1)
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).digest == DIGEST
    assert [request.status for request in site.asked(PATH)] == [200, 206, 200]
