"""Weeks at the simulated agency, run as plain functions; documents are made, and read in no time.

A made report says in its text what a reader finds in it: its period, how many records, what words.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import opening, weekly
from scrapers import sandbox
from scrapers.errors import ExtractionBugError
from scrapers.fetch import Fetcher, Policy
from scrapers.limits import Limits
from storage import layout
from storage.catalogue import Catalogue
from storage.fixity import verify
from storage.ledger import Manifest, RunSummary
from storage.model import Reading
from storage.objects import Objects
from storage.runs import Observation, RunPart
from storage.stores import open_store
from tests import histories
from tests.agency import AgencySite, pdf
from tests.histories import SOURCE, on

PRINTED = re.compile(rb"\((?:period (\S+) )?rows (\d+) words (\S+) furniture (\S+)\) Tj")
BUGGY = "bug"
"""The word on which the made reader stumbles."""
real_read = sandbox.read
FIRST, SECOND, THIRD = "2017-01-28", "2017-02-04", "2017-02-11"
EDITIONS = (FIRST, SECOND, THIRD)


def report(
    edition: str | None = FIRST, rows: int = 2, words: str = "one", furniture: str = "p1"
) -> bytes:
    """A report's bytes; `edition` None where it prints no period."""
    printed = f"period {edition} " if edition else ""
    return pdf(f"{printed}rows {rows} words {words} furniture {furniture}")


def path(edition: str) -> str:
    """Where the agency puts the report of that week, claiming its period."""
    start = date.fromisoformat(edition)
    end = start + timedelta(days=6)
    return f"/doclib/ddor/ddor{start:%Y_%m-%d}to{end:%m-%d}.pdf"


def fast_read(path: Path, source: str, *, limits: Limits | None = None) -> Reading:
    """Read a made report as a source would; refuse what is none; stumble where it says `bug`."""
    assert limits is not None
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    found = PRINTED.search(body)
    if found is None:
        return Reading(
            source=source,
            parser=histories.PARSER,
            digest=digest,
            pages=None,
            status="quarantined",
            reason="not-a-pdf",
            detail=f"it begins with {body[:8]!r}",
        )
    edition, rows, words, _ = (part.decode() if part else None for part in found.groups())
    if words == BUGGY:
        raise ExtractionBugError(source, digest, "KeyError: 'county'")
    made = histories.reading(words or "", int(rows or 0), edition=edition)
    return replace(made, digest=digest, period=made.period if edition else None)


@dataclass
class Watch:
    """Waits that take no time, see `tests/fetching.py`; and the waits that were made."""

    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.waits)

    def brought_to(self, asking: Callable[..., Any]) -> Callable[..., Any]:
        """Make whoever asks wait by this watch, whatever it is told to wait by."""
        waits = {"sleep": self.sleep, "monotonic": self.monotonic}
        return lambda *known, **asked: asking(*known, **(asked | waits))


@dataclass
class Weeks:
    """An archive and the agency that it looks at."""

    site: AgencySite
    store: str
    watch: Watch
    publishes: bool = False
    """Whether datasets and web pages are written too, as a real week does."""

    def look(self, day: float) -> RunSummary:
        """Look at the agency so many days after its first report."""
        with opening.opened(SOURCE, self.store, site=self.site.url, pause_s=0, at=on(day)) as work:
            return (weekly.look_and_publish if self.publishes else weekly.look_at_all)(work)

    @property
    def objects(self) -> Objects:
        return open_store(self.store)

    @property
    def manifest(self) -> Manifest:
        return Catalogue(self.objects).manifest(SOURCE)

    def kinds(self, edition: str) -> list[str]:
        """What each version of an edition is, first to last."""
        return [version.kind for version in self.manifest.versions(edition)]

    def originals(self) -> set[str]:
        """The digests whose bytes are held."""
        return {layout.digest(entry.key) for entry in self.objects.list("raw/")}

    @property
    def part(self) -> RunPart:
        """What the last run took down."""
        key = max(entry.key for entry in self.objects.list("runs/"))
        return RunPart.from_json(json.loads(self.objects.get(key)))

    def observations(self) -> list[Observation]:
        """What the last run took down of editions."""
        return list(self.part.observations)

    def assert_whole(self, before: set[str]) -> None:
        """Everything is as recorded, and what was held is held."""
        assert verify(self.objects, SOURCE).findings == []
        assert self.originals() >= before


def publish(site: AgencySite, *editions: str) -> None:
    """Put up the report of each week, newest first on the page."""
    for edition in editions:
        site.publish(path(edition), report(edition), f"Declined Detainer Outcome Report {edition}")


def quicker(monkeypatch: pytest.MonkeyPatch, **rules: object) -> Watch:
    """Let weeks wait for nothing and read made reports."""
    watch = Watch()
    fast = {"retry_wait_s": 0, "timeout_s": 0.4, "connect_s": 2.0, "max_bytes": 200_000, **rules}

    def policy(**chosen: Any) -> Policy:
        return Policy(**(chosen | fast))

    monkeypatch.setattr(opening, "Policy", policy)
    monkeypatch.setattr(opening, "Fetcher", watch.brought_to(Fetcher))
    monkeypatch.setattr(sandbox, "read", fast_read)
    return watch


@pytest.fixture
def weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Weeks]:
    """An agency with three reports, and an archive that holds nothing yet."""
    watch = quicker(monkeypatch)
    with AgencySite() as site:
        publish(site, *EDITIONS)
        yield Weeks(site, str(tmp_path / "archive"), watch)
