"""A listing is read over all of its leaves, and no further than any listing goes."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from scrapers import listings
from scrapers.errors import LayoutError
from scrapers.page import Page
from storage.model import Listing
from tests.agency import Reply
from tests.agency_weeks import PAGE, TITLE
from tests.fetching import HOME, LISTING
from tests.weeks import EDITIONS, FIRST, Weeks, weeks

__all__ = ["weeks"]

REPORT = re.compile("report", re.IGNORECASE)


def leaf(url: str, reports: int, *, goes_on: bool) -> bytes:
    """A page of so many reports, the names of which its address decides, and a pager."""
    name = hashlib.sha256(url.encode()).hexdigest()[:8]
    links = "".join(f"<li><a href='/doclib/{name}-{n}.pdf'>{TITLE}</a>" for n in range(reports))
    pager = f"<a rel='next' href='?page={name}'>Next</a>" if goes_on else ""
    return f"<html><body><main><ul>{links}</ul>{pager}</main></body></html>".encode()


class Site:
    """A listing of so many leaves."""

    def __init__(self, leaves: int, reports: int) -> None:
        self.leaves, self.reports, self.asked = leaves, reports, 0

    def __call__(self, url: str, /) -> Page:
        self.asked += 1
        body = leaf(url, self.reports, goes_on=self.asked < self.leaves)
        return Page(url=url, at=datetime(2017, 3, 20, tzinfo=UTC), body=body, digest="0" * 64)

    def listed(self) -> Iterator[Listing]:
        return listings.listed(
            self, LISTING, source="ice_ddor", hosts={"www.ice.gov"}, report=REPORT
        )


def given(site: Site) -> tuple[int, str]:
    """How many reports a listing gives before it fails, and what it says then."""
    found: list[Listing] = []
    with pytest.raises(LayoutError) as caught:
        found.extend(site.listed())
    return len(found), str(caught.value)


@pytest.mark.parametrize("leaves", [1, 2, 40])
def test_every_leaf_is_read(leaves: int) -> None:
    site = Site(leaves, reports=3)
    assert len(list(site.listed())) == 3 * leaves
    assert site.asked == leaves


def test_an_endless_pager_ends_after_what_it_led_to_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listings, "MAX_LEAVES", 20)
    assert len(list(Site(20, reports=1).listed())) == 20
    site = Site(21, reports=1)
    count, said = given(site)
    assert (count, site.asked) == (20, 20)
    assert f"{LISTING}: expected at most 20 pages, found also {HOME}" in said


def test_more_links_than_any_series_has_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "MAX_REPORTS", 100)
    assert len(list(Site(2, reports=50).listed())) == 100
    count, said = given(Site(3, reports=40))
    assert count == 80
    assert "expected at most 100 reports, found links to 120" in said


def test_an_endless_pager_is_told_and_takes_nothing_for_delisted(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "MAX_LEAVES", 5)
    weeks.look(0)
    right = weeks.site._right

    def endless(path: str, headers: dict[str, str]) -> Reply:
        if not path.startswith(PAGE):
            return right(path, headers)
        body = leaf(path, 1, goes_on=True)
        return Reply(body=body, headers={"content-type": "text/html"})

    monkeypatch.setattr(weeks.site, "_right", endless)
    for day in (7, 14):
        summary = weeks.look(day)
        assert summary.status == "incomplete"
        assert any("expected at most 5 pages" in said for said in summary.messages)
        assert {summary.outcomes[edition] for edition in EDITIONS} == {"failed"}
    assert weeks.manifest.removal(FIRST) is None
