"""What a backfill works with: its span, the Archive's index as asked, and what addresses claim."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from flows import outside, remedies
from flows.desk import Desk
from flows.plan import Group, Stood
from flows.progress import Progress
from flows.work import Work
from scrapers.claims import claimed_edition
from scrapers.errors import BlockedError, ExcludedError, FetchError, NotAskedError
from scrapers.wayback import Row, Wayback
from storage import mementos
from storage.mementos import Place
from storage.model import Listing
from storage.searches import Searched

Origin = Literal["agency", "wayback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of the past to load, and from whom."""

    since: date | None = None
    until: date | None = None
    """Days (UTC): of archived captures, and of the editions that the agency's links claim."""
    origins: tuple[Origin, ...] = ("agency", "wayback")

    def __post_init__(self) -> None:
        """Refuse what is no part of the past, which a deployment's run may be told.

        Raises:
            ValueError: it has no days, or nobody to ask.
        """
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since {self.since} lies after until {self.until}")
        if not self.origins:
            raise ValueError("origins are agency, wayback, or both")

    def covers(self, at: datetime) -> bool:
        """Whether a capture lies in it."""
        return (self.since or date.min) <= at.date() <= (self.until or date.max)

    def has(self, edition: str | None) -> bool:
        """Whether an edition that the agency's page links to lies in it, as far as can be told."""
        try:
            day = date.fromisoformat(edition or "")
        except ValueError:
            return True
        return (self.since or date.min) <= day <= (self.until or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a backfill from the Archive works with, and what it has found so far."""

    work: Work
    wayback: Wayback
    desk: Desk
    progress: Progress
    span: Span
    site: str | None
    """The origin that is asked in place of the Archive's."""
    index: dict[tuple[Place, bool], list[Row]] = field(default_factory=dict)
    """Place, and whether all below it were asked for -> what the index lists."""
    answered: set[str] = field(default_factory=set)
    """Addresses that were asked for and of which the index gave what it has, if anything."""
    claims: dict[Place, str] = field(default_factory=dict)
    """Place -> edition that the first archived page which links there claims."""
    moves: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Address and timestamp of a redirect -> where it led; None where that is nowhere of ours."""
    statuses: dict[Stood, int] = field(default_factory=dict)
    """What `stood` names -> status that playback told, where the index does not."""
    unanswered: set[Row] = field(default_factory=set)
    """Captures that were asked for in this run, and for which the Archive did not answer."""
    dead: set[tuple[Group, ...]] = field(default_factory=set)
    """States of listing pages that are not to be had in this run."""
    missed: list[datetime] = field(default_factory=list)
    """When listing pages were captured that could not be had today."""


def search(past: Past, address: str, *, prefix: bool = False, whole: bool = False) -> list[Row]:
    """Ask the index for an address, once in a run; nothing where it does not answer, which is said.

    Args:
        past: what was found so far.
        address: what is asked for.
        prefix: every address that begins so.
        whole: all days, not those of the span alone.

    Raises:
        BlockedError: the Archive refuses us.
        StoppedError: the run was asked to stop.
    """
    past.work.stop.heed()
    asked = (mementos.place(address), prefix)
    if asked not in past.index:
        past.progress.says(f"asking the Archive's index for {address}")
        since, until = (None, None) if whole else (past.span.since, past.span.until)
        past.index[asked] = []
        try:
            found = past.wayback.search(address, prefix=prefix, since=since, until=until)
            past.index[asked] = list(found)
            past.answered.add(address)
        except BlockedError:
            raise
        except ExcludedError as error:
            past.answered.add(address)  # that it shows nothing of it is its answer
            past.work.record.say(str(error), remedies.EXCLUDED)
        except FetchError as error:
            past.work.failures.append(error)
            past.work.record.need(remedies.of_archive(error), str(error))
    return past.index[asked]


@contextmanager
def going_on(past: Past) -> Iterator[None]:
    """End a block in which the Archive was given up, and let it be asked for what comes next.

    A few captures that it cannot give, one after the other, are as if it were down.
    """
    try:
        yield
    except NotAskedError as error:
        miss(past, error)
        past.wayback.once_more()


def miss(past: Past, error: FetchError, page: str | None = None) -> None:
    """Take down that what may lead on could not be had today: the run is incomplete.

    Args:
        past: what was found so far.
        error: why.
        page: the address of a listing page of the past, which is to be asked for again.
    """
    if page is not None:
        there = {each for each in past.answered if mementos.place(each) == mementos.place(page)}
        past.answered.difference_update(there)
    past.work.failures.append(error)
    past.work.record.need(remedies.of_archive(error), str(error))


def searched(past: Past) -> Searched | None:
    """Say for which days the index was asked and answered, up to today; None if for none."""
    since, until = past.span.since or date.min, past.span.until or date.max
    until = min(until, past.work.archive.now().date())
    if since > until or not past.answered:
        return None
    return Searched(since=since, until=until, addresses=tuple(sorted(past.answered)))


def document_searches(work: Work, listings: Iterable[Listing]) -> list[tuple[str, bool]]:
    """Give what to ask the index for documents: the series' folders, and addresses outside them.

    With each, whether it is a folder.
    """
    prefixes = work.source.prefixes
    urls = outside.known(work.archive.manifest, (listing.url for listing in listings))
    places = [(url, False) for url in outside.outside(urls, prefixes)]
    return [(prefix, True) for prefix in prefixes] + places


def claim(past: Past, url: str) -> str | None:
    """Give the edition that an address claims: by an archived page's link, else by its name.

    It rests on nothing that depends on what was done before, so that all orders of work agree.
    """
    if past.work.source.rolling:
        return "rolling"
    return past.claims.get(mementos.place(url)) or claimed_edition(url, "")
