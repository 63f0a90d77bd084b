"""From an agency's listing page, over all of its leaves, to the documents that it links to."""

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from scrapers.claims import claimed_edition
from scrapers.errors import LayoutError
from scrapers.page import Link, Page
from scrapers.source import Fetch
from storage.model import Listing

FILE = re.compile(r"\.pdf$|/doclib/|/file-download/", re.IGNORECASE)
"""Paths of documents: by 2026 ice.gov has addresses that bear neither a name nor an ending."""


def listed(
    fetch: Fetch, url: str, *, source: str, hosts: Collection[str], report: re.Pattern[str]
) -> tuple[Listing, ...]:
    """Give each document once of which the link's text or address says that it is a report.

    Raises:
        LayoutError: the page links to none, and does not say that there are none.
    """
    found: dict[tuple[str, str], Listing] = {}
    pages = tuple(leaves(fetch, url))
    for page in pages:
        own = {*hosts, urlsplit(page.url).hostname}
        for link in page.links():
            place = _place(link)
            if place[0] in own and FILE.search(place[1]) and report.search(link.text + place[1]):
                edition = claimed_edition(link.url, link.text)
                listing = Listing(source=source, edition=edition, url=link.url, title=link.text)
                found.setdefault((place[0].removeprefix("www."), place[1]), listing)
    if not found and not any(page.says_none() for page in pages):
        raise LayoutError(url, expected=f"a link like {report.pattern}", found="no such link")
    return tuple(found.values())


def leaves(fetch: Fetch, url: str) -> Iterator[Page]:
    """Give the page and those that it goes on with, each once."""
    seen: set[str] = set()
    address: str | None = url
    while address and address not in seen:
        seen.add(address)
        page = fetch(address)
        yield page
        address = page.next_page()


def _place(link: Link) -> tuple[str, str]:
    """A link's host and path: the same document under another query is the same."""
    parts = urlsplit(link.url)
    return parts.hostname or "", parts.path
