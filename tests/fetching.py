"""What the tests of fetching share: a fetcher that asks a simulated agency, and does not wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapers.fetch import Download, Fetcher, Policy
from tests.agency import AgencySite, pdf

HOME = "https://www.ice.gov"
LISTING = f"{HOME}/declined-detainer-outcome-report"
PATH = "/doclib/ddor/ddor2017_01-28to02-03.pdf"
URL = HOME + PATH
REPORT = pdf("week 1", pad_bytes=100_000)
AT = datetime(2017, 3, 20, 14, tzinfo=UTC)


@dataclass
class Waiting:
    """Waits that take no time: the clock that politeness goes by is set forward instead."""

    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.waits)


@contextmanager
def fetching(site: AgencySite, **rules: object) -> Iterator[Fetcher]:
    """Give a fetcher of www.ice.gov, asked at the simulated site, without pauses."""
    plain = Policy(
        hosts=frozenset({"www.ice.gov"}), site=site.url, pause_s=0, retry_wait_s=0, timeout_s=5
    )
    policy = replace(plain, **rules)  # type: ignore[arg-type] # the names are Policy's
    with Fetcher(policy, clock=lambda: AT) as fetcher:
        yield fetcher


@contextmanager
def waiting(site: AgencySite, **rules: object) -> Iterator[tuple[Fetcher, list[float]]]:
    """Give a fetcher with the usual pauses, and the list of the waits that it made."""
    watch = Waiting()
    plain = Policy(hosts=frozenset({"www.ice.gov"}), site=site.url, retry_wait_s=0, timeout_s=5)
    policy = replace(plain, **rules)  # type: ignore[arg-type] # the names are Policy's
    with Fetcher(policy, clock=lambda: AT, sleep=watch.sleep, monotonic=watch.monotonic) as fetcher:
        yield fetcher, watch.waits


def fetched(fetcher: Fetcher, into: Path, url: str = URL) -> Download:
    """Fetch a document that is due to come."""
    found = fetcher.document(url, into)
    assert isinstance(found, Download)
    return found


@pytest.fixture
def site() -> Iterator[AgencySite]:
    """Serve one report."""
    with AgencySite() as agency:
        agency.publish(PATH, REPORT, "Jan. 28 – Feb. 3, 2017")
        yield agency
