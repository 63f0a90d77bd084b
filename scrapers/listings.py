"""From an agency's listing page, over all of its leaves, to the documents that it links to."""

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapers.claims import claimed_edition
from scrapers.errors import LayoutError
from scrapers.source import Fetch
from storage.model import Listing

if TYPE_CHECKING:  # BeautifulSoup takes longer to import than a short report to read
    from scrapers.page import Link, Page

FILE = re.compile(r"\.pdf$|/doclib/|/file-download/", re.IGNORECASE)
"""Paths of documents: by 2026 ice.gov has addresses that bear neither a name nor an ending."""
MAX_LEAVES = 500
"""Of one listing: a weekly series of fifty years, six on a leaf. A pager that makes up addresses
has no end, and neither has a run that follows it."""
MAX_REPORTS = 10_000
"""On all leaves together: a daily series of 27 years. Each is asked for, after a pause."""


def listed(
    fetch: Fetch, url: str, *, source: str, hosts: Collection[str], report: re.Pattern[str]
) -> Iterator[Listing]:
    """Give each document once of which the link's text or address says that it is a report.

    They are given leaf by leaf, so that those of the first are had though a later one is not.

    Raises:
        LayoutError: a leaf links to none that is new; the first one may say that there are none.
            Or there are more leaves, or more reports on them, than any series has.
    """
    found: set[tuple[str, str]] = set()
    for number, page in enumerate(leaves(fetch, url)):
        fresh = {_place(link): link for link in reversed(_reports(page, hosts, report))}
        fresh = {place: link for place, link in fresh.items() if place not in found}
        found |= fresh.keys()
        if len(found) > MAX_REPORTS:
            expected = f"at most {MAX_REPORTS} reports"
            raise LayoutError(page.url, expected=expected, found=f"links to {len(found)}")
        for link in reversed(fresh.values()):
            edition = claimed_edition(link.url, link.text)
            yield Listing(source=source, edition=edition, url=link.url, title=link.text)
        if not fresh and (number or not page.says_none()):
            expected = f"a link like {report.pattern}"
            raise LayoutError(page.url, expected=expected, found="no such link")


def _reports(page: "Page", hosts: Collection[str], report: re.Pattern[str]) -> list["Link"]:
    """Give the links of a page that say that they are to a report, in its order."""
    own = {place.removeprefix("www.") for place in (*hosts, urlsplit(page.url).hostname or "")}
    places = ((link, *_place(link)) for link in page.links())
    return [
        link
        for link, host, path in places
        if host in own and FILE.search(path) and report.search(link.text + path)
    ]


def leaves(fetch: Fetch, url: str) -> Iterator["Page"]:
    """Give the page and those that it goes on with, each once.

    Raises:
        LayoutError: they are more than any listing has.
    """
    seen: set[str] = set()
    address: str | None = url
    while address and address not in seen:
        if len(seen) == MAX_LEAVES:
            raise LayoutError(url, expected=f"at most {MAX_LEAVES} pages", found=f"also {address}")
        seen.add(address)
        page = fetch(address)
        yield page
        address = page.next_page()


def _place(link: "Link") -> tuple[str, str]:
    """A link's host and path: the same document under another query is the same."""
    parts = urlsplit(link.url)
    return (parts.hostname or "").removeprefix("www."), parts.path
