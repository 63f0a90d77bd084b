"""How we behave towards a site: pauses, refusals, rests, and when a host is given up.

Which test covers which of the failure modes of others (research, 1.6), as far as they concern
fetching and pages; the rest is the sources' and the ledger's.

1 selector that finds nothing: test_page.py, test_a_redesigned_page_has_no_document_links
2, 4 fixed address gone stale, silent fallback: here,
    test_a_page_that_is_gone_is_an_error_and_nothing_else_is_tried
3 page count hard-coded: test_page.py, test_pages_are_followed_to_the_last_one
5 safelinks, extensions, https:/: test_page.py, test_cleans_what_was_pasted_around_a_link
6 HTML saved as a report: test_download.py,
    test_html_where_a_pdf_is_due_is_evidence_with_a_problem
7 same name, new bytes: test_agency.py, test_a_revision_is_seen_by_a_conditional_request
8, 14 same bytes, two names: test_agency.py, test_a_republished_document_has_the_same_digest
11, 13 delisted but reachable, half of the links lost: test_agency.py,
    test_a_delisted_document_is_still_there, test_half_of_the_links_can_be_lost
12 silence: test_page.py, test_knows_when_a_page_says_that_there_is_nothing
15 failures asked for ever: here, test_asks_a_failing_address_only_so_often
19 no time-out, no status check: here, test_a_silent_site_is_given_up and
    test_each_status_has_its_meaning
"""

import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from scrapers.errors import (
    BlockedError,
    FetchError,
    LayoutError,
    NotThereError,
    SoftNotFoundError,
    TooLargeError,
    UnansweredError,
)
from scrapers.fetch import Fetcher, user_agent
from scrapers.web.buffers import SMALL_BYTES
from tests.agency import AgencySite, faults, pdf
from tests.fetching import LISTING, PATH, URL, fetched, fetching, site, waiting

__all__ = ["site"]

PAGE = "/declined-detainer-outcome-report"


def test_says_honestly_who_asks(site: AgencySite) -> None:
    agent = user_agent("https://example.org/recordkeep", "archive@example.org")
    with fetching(site, agent=agent) as fetcher:
        fetcher.page(LISTING)
    said = {request.headers["user-agent"] for request in site.requests}
    told = "compatible; Recordkeep/0.1; +https://example.org/recordkeep; archive@example.org"
    assert said == {f"Mozilla/5.0 ({told})"}


def test_pauses_between_requests_to_a_host(site: AgencySite, tmp_path: Path) -> None:
    with waiting(site, pause_s=7) as (fetcher, waits):
        fetcher.page(LISTING)
        fetched(fetcher, tmp_path)
    assert waits == [pytest.approx(7, abs=0.5)] * 2


def test_asks_a_host_one_thing_at_a_time(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.late(0.15), on=PATH)
    with fetching(site, pause_s=0.2) as fetcher:
        threads = [threading.Thread(target=fetched, args=(fetcher, tmp_path)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    times = [request.at_s for request in site.asked(PATH)]
    assert len(times) == 3
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.34
    assert len(site.asked("/robots.txt")) == 1


def test_waits_once_for_as_long_as_the_site_asks(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.throttle("120"), on=PATH, times=1)
    with waiting(site) as (fetcher, waits):
        assert fetched(fetcher, tmp_path).digest
    assert waits[-1] == pytest.approx(120, abs=0.5)
    assert any("120 s" in said for said in fetcher.messages)


def test_waits_out_a_503_that_names_a_time_past_the_run_deadline(
    site: AgencySite, tmp_path: Path
) -> None:
    site.inflict(faults.throttle("300", status=503), on=PATH, times=1)
    with waiting(site, run_deadline_s=90) as (fetcher, waits):
        assert fetched(fetcher, tmp_path).digest
    assert waits[-1] == pytest.approx(300, abs=0.5)


def test_waits_out_503s_that_heal_until_they_cost_the_longest_wait(
    site: AgencySite, tmp_path: Path
) -> None:
    with waiting(site, max_wait_s=100) as (fetcher, waits):
        for _ in range(3):
            site.inflict(faults.throttle("30", status=503), on=PATH, times=1)
            assert fetched(fetcher, tmp_path).digest
        assert [wait for wait in waits if wait > 15] == [pytest.approx(30, abs=0.5)] * 3
        site.inflict(faults.throttle("30", status=503), on=PATH, times=1)
        with pytest.raises(FetchError, match="30 s, and 90 s were waited already"):
            fetched(fetcher, tmp_path)


def test_a_second_503_in_a_row_that_says_how_long_is_not_waited_for(
    site: AgencySite, tmp_path: Path
) -> None:
    site.inflict(faults.throttle("30", status=503), on=PATH)
    with waiting(site) as (fetcher, _), pytest.raises(FetchError, match="30 s were waited already"):
        fetcher.document(URL, tmp_path)
    assert len(site.asked(PATH)) == 2


def test_reads_a_retry_after_that_is_a_date_by_the_servers_own_clock(
    site: AgencySite, tmp_path: Path
) -> None:
    late = faults.answer(
        429,
        retry_after="Mon, 20 Mar 2017 14:01:00 GMT",
        date="Mon, 20 Mar 2017 14:00:00 GMT",
    )
    site.inflict(late, on=PATH, times=1)
    with waiting(site) as (fetcher, waits):
        fetched(fetcher, tmp_path)
    assert waits[-1] == pytest.approx(60, abs=0.5)


@pytest.mark.parametrize(
    "fault",
    [
        faults.block(),
        faults.answer(403),
        faults.answer(401),
        faults.answer(429),
        faults.throttle("301"),
        faults.throttle("9" * 5000),
        faults.throttle("soon"),
        faults.challenge(),
        faults.challenge(status=503),
    ],
    ids=["akamai", "403", "401", "429", "long", "without end", "unreadable", "challenge", "503"],
)
def test_asks_nothing_more_of_a_host_that_refuses(
    site: AgencySite, tmp_path: Path, fault: faults.Fault
) -> None:
    site.inflict(fault, on=PATH)
    with fetching(site) as fetcher:
        with pytest.raises(BlockedError):
            fetcher.document(URL, tmp_path)
        asked = fetcher.requests
        with pytest.raises(BlockedError, match="refused us before"):
            fetcher.page(LISTING)
    assert fetcher.requests == asked
    assert len(site.asked(PATH)) == 1
    assert not list(tmp_path.iterdir())


def test_a_second_429_is_a_refusal(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.throttle("3"), on=PATH)
    with waiting(site) as (fetcher, _), pytest.raises(BlockedError):
        fetcher.document(URL, tmp_path)
    assert len(site.asked(PATH)) == 2


@pytest.mark.parametrize(("asks", "says"), [("3600", "3600 s"), ("9" * 5000, "inf s")])
def test_leaves_a_host_alone_that_wants_a_long_rest(
    site: AgencySite, tmp_path: Path, asks: str, says: str
) -> None:
    site.inflict(faults.throttle(asks, status=503), on=PATH)
    with waiting(site) as (fetcher, waits):
        with pytest.raises(FetchError, match=says) as raised:
            fetcher.document(URL, tmp_path)
        with pytest.raises(FetchError, match=says):
            fetcher.page(LISTING)
    assert max(waits) < 60
    assert not isinstance(raised.value, BlockedError)
    assert [request.path for request in site.requests] == ["/robots.txt", PATH]


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NotThereError), (410, NotThereError), (400, FetchError), (204, FetchError)]
    + [(status, UnansweredError) for status in (500, 502, 503, 504, 408)],
)
def test_each_status_has_its_meaning(
    site: AgencySite, tmp_path: Path, status: int, error: type[FetchError]
) -> None:
    site.inflict(faults.answer(status), on=PATH)
    with fetching(site) as fetcher, pytest.raises(FetchError, match=str(status)) as raised:
        fetcher.document(URL, tmp_path)
    assert raised.type is error
    assert not list(tmp_path.iterdir())


def test_asks_a_failing_address_only_so_often(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.answer(500), on=PATH)
    with fetching(site) as fetcher, pytest.raises(UnansweredError):
        fetcher.document(URL, tmp_path)
    assert len(site.asked(PATH)) == 3


def test_a_passing_failure_is_no_failure(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.answer(502), on=PATH, times=2)
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).digest


def test_a_page_that_is_gone_is_an_error_and_nothing_else_is_tried(site: AgencySite) -> None:
    with fetching(site) as fetcher, pytest.raises(NotThereError):
        fetcher.page("https://www.ice.gov/ddor")
    assert len(site.requests) == 2


def test_a_site_that_is_down_ends_soon(site: AgencySite) -> None:
    site.down()
    with waiting(site) as (fetcher, waits):
        while sum(waits) < 45:
            with pytest.raises(UnansweredError):
                fetcher.page(LISTING)
            if "was not asked" in _refusal(fetcher):
                break
        asked = fetcher.requests
        assert "kept failing, and is given 45 s in a run" in _refusal(fetcher)
    assert fetcher.requests == asked
    assert sum(waits) <= 45


def _refusal(fetcher: Fetcher) -> str:
    with pytest.raises(UnansweredError) as raised:
        fetcher.page(LISTING)
    return str(raised.value)


def test_a_silent_site_is_given_up(site: AgencySite) -> None:
    site.inflict(faults.late(30), on="/robots.txt")
    site.inflict(faults.late(30))
    began = time.monotonic()
    with (
        fetching(site, timeout_s=0.3, run_deadline_s=0.8) as fetcher,
        pytest.raises(UnansweredError, match=r"in time|kept failing"),
    ):
        fetcher.page(LISTING)
    assert time.monotonic() - began < 3


def test_headers_that_drip_are_no_answer(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.head_drip(0.05), on=PATH)
    began = time.monotonic()
    with fetching(site, timeout_s=0.4) as fetcher, pytest.raises(UnansweredError, match="in time"):
        fetcher.document(URL, tmp_path)
    assert time.monotonic() - began < 4
    assert len(site.asked(PATH)) == 3


def test_the_body_of_an_error_is_not_waited_for(
    site: AgencySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrapers.web.conversation.HEAD_S", 0.3)
    site.inflict(faults.answer(404, b"x" * 1000), on=PATH)
    site.inflict(faults.drip(1, 0.1), on=PATH)
    began = time.monotonic()
    with fetching(site) as fetcher, pytest.raises(NotThereError):
        fetcher.document(URL, tmp_path)
    assert time.monotonic() - began < 3


def test_a_host_that_recovers_gets_its_whole_time_again(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.answer(500), on=PAGE, times=2)
    with waiting(site, pause_s=20) as (fetcher, _):
        fetcher.page(LISTING)
        site.inflict(faults.answer(500), on=PATH, times=2)
        assert fetched(fetcher, tmp_path).digest


def test_a_page_is_html_or_an_error(site: AgencySite) -> None:
    with fetching(site) as fetcher, pytest.raises(LayoutError, match="application/pdf"):
        fetcher.page(URL)


def test_a_listing_that_says_not_found_is_no_empty_listing(site: AgencySite) -> None:
    site.inflict(faults.soft_404(), on=PAGE)
    with fetching(site) as fetcher, pytest.raises(SoftNotFoundError, match="Page Not Found"):
        fetcher.page(LISTING)


def test_a_page_is_limited_in_size(site: AgencySite) -> None:
    site.inflict(faults.answer(200, b"<html>" + b"x" * 5000), on=PAGE)
    with fetching(site, max_page_bytes=4096) as fetcher, pytest.raises(TooLargeError):
        fetcher.page(LISTING)


def test_reads_a_compressed_page(site: AgencySite) -> None:
    site.inflict(faults.gzipped(), on=PAGE)
    with fetching(site) as fetcher:
        page = fetcher.page(LISTING)
    assert page.body == site.listing.render().encode()
    assert fetcher.bytes_received < len(page.body) + len((site.robots or "").encode())


def test_keeps_no_cookies(site: AgencySite) -> None:
    site.inflict(faults.with_header("set-cookie", "ak_bmsc=1; Path=/"))
    with fetching(site) as fetcher:
        fetcher.page(LISTING)
        fetcher.page(LISTING)
    assert not any("cookie" in request.headers for request in site.requests)


def test_two_large_documents_are_two_files(site: AgencySite, tmp_path: Path) -> None:
    bodies = [pdf(name, pad_bytes=2 * SMALL_BYTES) for name in ("one", "two")]
    site.store(PATH, bodies[0])
    site.publish("/doclib/ddor/b.pdf", bodies[1])
    with fetching(site) as fetcher:
        one = fetched(fetcher, tmp_path)
        two = fetched(fetcher, tmp_path, "https://www.ice.gov/doclib/ddor/b.pdf")
    files = [found.body for found in (one, two) if isinstance(found.body, Path)]
    assert [file.read_bytes() for file in files] == bodies
