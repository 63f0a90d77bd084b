"""What the tests of the Internet Archive share: a client of the replica that does not wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapers.archived.index import Row
from scrapers.wayback import Wayback
from tests.agency import pdf
from tests.wayback import WaybackSite

HOSTS = frozenset({"www.ice.gov", "ice.gov"})
FOLDER = "https://www.ice.gov/doclib/ddor/"
URL = f"{FOLDER}ddor2017_01-28to02-03.pdf"
PAGE = "https://www.ice.gov/declined-detainer-outcome-report"
REPORT = pdf("week 1", pad_bytes=50_000)
AT = datetime(2017, 3, 21, 9, 30, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@contextmanager
def asking(
    archive: WaybackSite, *, search_pause_s: float = 0, playback_pause_s: float = 0
) -> Iterator[tuple[Wayback, list[float]]]:
    """Give a client of the replica, and the list of the waits that it made."""
    waits: list[float] = []
    with Wayback(
        hosts=HOSTS,
        origin=archive.origin,
        agent="Mozilla/5.0 (compatible; Recordkeep/0.1)",
        clock=lambda: NOW,
        sleep=waits.append,
        monotonic=lambda: sum(waits),  # between waits no time passes at all: they are exact
        search_pause_s=search_pause_s,
        playback_pause_s=playback_pause_s,
        max_bytes=1_000_000,
    ) as wayback:
        yield wayback, waits


def row_of(wayback: Wayback, url: str = URL) -> Row:
    """Give the first capture that the index lists of an address."""
    return next(wayback.search(url))


def is_empty(folder: Path) -> bool:
    """Whether nothing was left in a folder."""
    return not folder.exists() or not list(folder.iterdir())


@pytest.fixture
def archive() -> Iterator[WaybackSite]:
    """Hold one capture of a report."""
    with WaybackSite() as site:
        site.capture(URL, AT, REPORT, headers={"last-modified": "Mon, 20 Mar 2017 14:00:00 GMT"})
        yield site
