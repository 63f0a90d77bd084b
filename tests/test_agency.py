"""The simulated agency does what its name says, as a fetcher sees it."""

from pathlib import Path

import pytest

from scrapers.errors import NotThereError, UnansweredError
from scrapers.fetch import Download, Fetcher, NotModified, Validators
from tests.agency import AgencySite, Listing, faults, listing, pdf
from tests.fetching import HOME, LISTING, PATH, URL, fetched, fetching, site, waiting

__all__ = ["site"]

CORRECTED = pdf("week 1, corrected")
MOVED = "/doclib/ddor/2017/week1.pdf"


def documents(fetcher: Fetcher) -> list[str]:
    """Give the paths of all documents listed, over all pages."""
    found, url = [], LISTING
    while url:
        page = fetcher.page(url)
        found += [link.url for link in page.links() if link.url.endswith(".pdf")]
        url = page.next_page() or ""
    return [url.removeprefix(HOME) for url in found]


def again(fetcher: Fetcher, into: Path, before: Download) -> Download | NotModified:
    """Ask whether a document changed."""
    known = Validators(last_modified=before.headers["last-modified"])
    return fetcher.document(URL, into, known=known)


def test_a_quiet_week_costs_three_requests_and_no_document(
    site: AgencySite, tmp_path: Path
) -> None:
    with fetching(site) as fetcher:
        before = fetched(fetcher, tmp_path)
    site.forget()
    with fetching(site) as fetcher:
        documents(fetcher)
        assert isinstance(again(fetcher, tmp_path, before), NotModified)
    assert [(request.path, request.status) for request in site.requests] == [
        ("/robots.txt", 200),
        ("/declined-detainer-outcome-report", 200),
        (PATH, 304),
    ]
    assert fetcher.bytes_received == sum(len(page.body) for page in fetcher.take_pages())


def test_a_revision_is_seen_by_a_conditional_request(site: AgencySite, tmp_path: Path) -> None:
    with fetching(site) as fetcher:
        before = fetched(fetcher, tmp_path)
        site.revise(PATH, CORRECTED)
        after = again(fetcher, tmp_path, before)
    assert isinstance(after, Download)
    assert bytes(after.body) == CORRECTED
    assert after.headers["last-modified"] != before.headers["last-modified"]


@pytest.mark.parametrize("lie", ["old date", "304"])
def test_a_lying_validator_is_caught_only_without_it(
    site: AgencySite, tmp_path: Path, lie: str
) -> None:
    with fetching(site) as fetcher:
        before = fetched(fetcher, tmp_path)
        site.revise(PATH, CORRECTED, honest=lie != "old date")
        if lie == "304":
            site.inflict(faults.still_the_same(), on=PATH, times=1)
        assert isinstance(again(fetcher, tmp_path, before), NotModified)
        assert bytes(fetched(fetcher, tmp_path).body) == CORRECTED


def test_a_republished_document_has_the_same_digest(site: AgencySite, tmp_path: Path) -> None:
    with fetching(site) as fetcher:
        before = fetched(fetcher, tmp_path)
        site.republish(PATH, MOVED)
        assert documents(fetcher) == [MOVED]
        after = fetched(fetcher, tmp_path, HOME + MOVED)
    assert after.digest == before.digest
    assert after.url != before.url


def test_a_delisted_document_is_still_there(site: AgencySite, tmp_path: Path) -> None:
    site.delist(PATH)
    with fetching(site) as fetcher:
        assert documents(fetcher) == []
        assert fetched(fetcher, tmp_path).ext == "pdf"


@pytest.mark.parametrize("status", [404, 410])
def test_a_removed_document_is_gone_until_restored(
    site: AgencySite, tmp_path: Path, status: int
) -> None:
    with fetching(site) as fetcher:
        site.remove(PATH, status)
        assert documents(fetcher) == [PATH]
        with pytest.raises(NotThereError, match=str(status)):
            fetcher.document(URL, tmp_path)
        site.delist(PATH)
        site.restore(PATH)
        assert documents(fetcher) == [PATH]
        assert fetched(fetcher, tmp_path).ext == "pdf"


def test_half_of_the_links_can_be_lost(site: AgencySite) -> None:
    for number in range(4):
        site.publish(f"/doclib/{number}.pdf", CORRECTED)
    with fetching(site) as fetcher:
        assert len(documents(fetcher)) == 5
        site.drop_half()
        assert len(documents(fetcher)) == 2


def test_furniture_changes_the_page_and_nothing_that_matters(site: AgencySite) -> None:
    with fetching(site) as fetcher:
        before = fetcher.page(LISTING)
        site.listing.furniture = "Last viewed by visitor 2"
        after = fetcher.page(LISTING)
    assert before.digest != after.digest
    assert (before.links(), before.notices()) == (after.links(), after.notices())


def test_what_the_agency_says_is_on_the_page(site: AgencySite) -> None:
    site.say("Correction: the report listed Chester County, PA.")
    with fetching(site) as fetcher:
        (notice,) = fetcher.page(LISTING).notices()
    assert notice.kind == "correction"


@pytest.mark.parametrize(
    "write",
    [str, listing.absolute, listing.schemeless, listing.safelink, listing.extension],
    ids=["relative", "absolute", "schemeless", "safelink", "extension"],
)
def test_links_are_read_however_they_are_written(site: AgencySite, write: listing.Write) -> None:
    site.listing.write = write
    with fetching(site) as fetcher:
        assert documents(fetcher) == [PATH]


def test_one_page_of_a_pagination_can_be_lost() -> None:
    with AgencySite(Listing(per_page=2)) as site, fetching(site) as fetcher:
        for number in range(6):
            site.publish(f"/doclib/{number}.pdf", CORRECTED)
        assert len(documents(fetcher)) == 6
        site.listing.lost = 1
        assert documents(fetcher) == ["/doclib/5.pdf", "/doclib/4.pdf"]
        site.listing.lost = None
        site.inflict(faults.answer(404), on=f"{site.listing.path}?page=1")
        with pytest.raises(NotThereError):
            documents(fetcher)


def test_a_closed_port_opens_again(site: AgencySite, tmp_path: Path) -> None:
    site.down()
    with waiting(site, run_deadline_s=600) as (fetcher, _):
        with pytest.raises(UnansweredError):
            fetcher.document(URL, tmp_path)
        site.up()
        assert fetched(fetcher, tmp_path).ext == "pdf"


def test_faults_befall_as_many_answers_as_they_are_told(site: AgencySite, tmp_path: Path) -> None:
    site.inflict(faults.answer(404), on=PATH, times=1, after=1)
    with fetching(site) as fetcher:
        fetched(fetcher, tmp_path)
        with pytest.raises(NotThereError):
            fetcher.document(URL, tmp_path)
        fetched(fetcher, tmp_path)
        site.inflict(faults.answer(410))
        with pytest.raises(NotThereError):
            fetcher.page(LISTING)
        site.heal()
        fetcher.page(LISTING)
    assert [request.status for request in site.asked(PATH)] == [200, 404, 200]
