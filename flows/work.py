"""What a run works with, and what it keeps in mind until its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from flows.record import RunRecord
from flows.stopping import Stop
from scrapers.fetch import Fetcher
from scrapers.limits import Limits
from scrapers.source import Source
from storage.archive import Archive


def clock(at: datetime | None) -> Callable[[], datetime]:
    """Give the clock of a run: the machine's, or one that is set to a time, and goes on from it.

    The machine's is asked each time: one that counts seconds stands still while the machine sleeps.
    """
    if at is None:
        return lambda: datetime.now(UTC)
    began = monotonic()
    return lambda: at + timedelta(seconds=monotonic() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """A 404 or 410 that a run met; what it proves is settled when the whole site was seen."""

    at: datetime
    edition: str
    url: str
    why: str
    linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a run works with."""

    source: Source
    archive: Archive
    fetcher: Fetcher
    record: RunRecord
    folder: Path
    """Where downloads lie until they are kept."""
    limits: Limits
    recheck_weeks: int
    site: str | None
    stop: Stop = field(default_factory=Stop)
    """Whether to stop after the edition in hand."""
    whole: set[str] = field(default_factory=set)
    """Addresses to ask without validators in this run."""
    not_there: list[NotThere] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    """What went wrong at the site itself: while it does, a 404 proves nothing."""
