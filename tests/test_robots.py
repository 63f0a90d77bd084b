"""robots.txt is asked for first, obeyed, kept, and never taken for consent when unreadable."""

from pathlib import Path

import pytest

from scrapers.errors import DisallowedError
from scrapers.web.robots import product
from tests.agency import AgencySite, faults
from tests.fetching import AT, LISTING, PATH, URL, fetched, fetching, site, waiting

__all__ = ["site"]

PAGE = "/declined-detainer-outcome-report"


def test_asks_for_robots_txt_first_and_once(site: AgencySite, tmp_path: Path) -> None:
    with fetching(site) as fetcher:
        fetcher.page(LISTING)
        fetched(fetcher, tmp_path)
    assert [request.path for request in site.requests] == ["/robots.txt", PAGE, PATH]
    assert fetcher.requests == 3


def test_keeps_robots_txt_and_pages_as_evidence(site: AgencySite) -> None:
    with fetching(site) as fetcher:
        page = fetcher.page(LISTING)
    robots, listing = fetcher.take_pages()
    assert not fetcher.take_pages()
    assert robots.url == "https://www.ice.gov/robots.txt"
    assert robots.body == (site.robots or "").encode()
    assert listing == page
    assert (page.url, page.at) == (LISTING, AT)
    assert fetcher.bytes_received == len(robots.body) + len(page.body)


def test_asks_nothing_that_robots_txt_disallows(site: AgencySite, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nDisallow: /doclib/\n"
    with fetching(site) as fetcher:
        with pytest.raises(DisallowedError):
            fetcher.document(URL, tmp_path)
        assert fetcher.page(LISTING).links()
    assert not site.asked(PATH)


def test_dots_in_an_address_do_not_get_around_robots_txt(site: AgencySite, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nDisallow: /doclib/\n"
    with fetching(site) as fetcher:
        for written in (f"/about/..{PATH}", f"/.{PATH}", f"/x/%2e%2E{PATH}", f"{PATH}?x=1"):
            with pytest.raises(DisallowedError):
                fetcher.document(f"https://www.ice.gov{written}", tmp_path)
    assert [request.path for request in site.requests] == ["/robots.txt"]


def test_obeys_what_robots_txt_says_to_us_by_name(site: AgencySite, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nDisallow: /\n\nUser-agent: Recordkeep\nAllow: /doclib/\n"
    with fetching(site) as fetcher:
        assert fetched(fetcher, tmp_path).ext == "pdf"


def test_a_site_without_robots_txt_allows_all(site: AgencySite, tmp_path: Path) -> None:
    site.robots = None
    with waiting(site) as (fetcher, waits):
        fetched(fetcher, tmp_path)
    assert waits == [pytest.approx(10, abs=0.5)]
    assert {robots.state for robots in fetcher.robots.values()} == {"none"}


@pytest.mark.parametrize(
    "fault",
    [
        faults.block(),
        faults.answer(429),
        faults.answer(500),
        faults.challenge(),
        faults.soft_404(),
        faults.redirect("http://10.0.0.1/robots.txt"),
        faults.redirect("/robots.txt?again"),
    ],
    ids=["403", "429", "500", "challenge", "html", "private", "loop"],
)
def test_an_unreadable_robots_txt_is_no_block_but_makes_us_slow(
    site: AgencySite, tmp_path: Path, fault: faults.Fault
) -> None:
    site.inflict(fault, on="/robots.txt")
    site.inflict(fault, on="/robots.txt?again")
    with waiting(site) as (fetcher, waits):
        fetched(fetcher, tmp_path)
        fetched(fetcher, tmp_path)
    assert waits[-1] == pytest.approx(20, abs=0.5)
    assert any("robots.txt" in said and "unknown" in said for said in fetcher.messages)


def test_reads_a_robots_txt_that_is_compressed_unasked(site: AgencySite, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nDisallow: /doclib/\n"
    site.inflict(faults.gzipped(), on="/robots.txt")
    with fetching(site) as fetcher, pytest.raises(DisallowedError):
        fetcher.document(URL, tmp_path)


def test_obeys_a_robots_txt_as_far_as_anyone_must_read(site: AgencySite, tmp_path: Path) -> None:
    site.robots = "User-agent: *\nDisallow: /doclib/\n" + "# filler\n" * 200_000
    with fetching(site) as fetcher, pytest.raises(DisallowedError):
        fetcher.document(URL, tmp_path)
    assert fetcher.bytes_received < 1_000_000


def test_keeps_the_pause_that_robots_txt_asks_for(site: AgencySite) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 30\n"
    with waiting(site) as (fetcher, waits):
        fetcher.page(LISTING)
    assert waits == [pytest.approx(30, abs=0.5)]


@pytest.mark.parametrize(
    "asks", ["Crawl-delay: 86400", "Request-rate: 1/1d", f"Request-rate: 1/{'9' * 400}s"]
)
def test_bounds_an_absurd_crawl_delay_and_says_so(site: AgencySite, asks: str) -> None:
    site.robots = f"User-agent: *\n{asks}\n"
    with waiting(site) as (fetcher, waits):
        fetcher.page(LISTING)
    assert waits == [pytest.approx(60, abs=0.5)]
    assert any("86400" in said for said in fetcher.messages)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (compatible; Recordkeep/0.1; +https://example.org)", "Recordkeep"),
        ("CountyArchive/2 (contact@example.org)", "CountyArchive"),
        ("", "recordkeep"),
    ],
)
def test_robots_txt_knows_us_by_our_product(agent: str, name: str) -> None:
    assert product(agent) == name
