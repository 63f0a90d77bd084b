"""What a backfill from the Wayback Machine is made of, as plain functions on a `Past`.

`flows/backfill.py` tells the story; `flows/plan.py` sorts the index's rows; `flows/front_pages.py`
holds what is done with listing pages of the past.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Literal

from flows import remedies
from flows.desk import Desk
from flows.keeping import Arrival
from flows.outcomes import outcome, refused
from flows.plan import Found, Group, candidates
from flows.progress import Progress
from flows.work import Work
from scrapers.claims import claimed_edition
from scrapers.errors import (
    ArchivedErrorPageError,
    BlockedError,
    ExcludedError,
    FetchError,
    NotThatCaptureError,
)
from scrapers.wayback import Memento, Row, Wayback
from storage import mementos
from storage.archived import MementoRef, captured_at
from storage.model import Capture, Listing, Outcome
from storage.runs import Observation

TRIES = 3
"""How many captures of one body are tried until it is taken for one that is not played back."""

Place = tuple[str, str, str]


Origin = Literal["agency", "wayback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of the past to load, and from whom."""

    since: date | None = None
    until: date | None = None
    """Days (UTC): of archived captures, and of the editions that the agency's links claim."""
    origins: tuple[Origin, ...] = ("agency", "wayback")

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
    claims: dict[Place, str] = field(default_factory=dict)
    """Place -> edition that the first archived page which links there claims."""


def search(past: Past, address: str, *, prefix: bool = False) -> list[Row]:
    """Ask the index for an address, once in a run; nothing where it does not answer, which is said.

    Raises:
        BlockedError: the Archive refuses us.
    """
    asked = (mementos.place(address), prefix)
    if asked not in past.index:
        past.progress.says(f"asking the Archive's index for {address}")
        since, until = past.span.since, past.span.until
        past.index[asked] = []
        try:
            found = past.wayback.search(address, prefix=prefix, since=since, until=until)
            past.index[asked] = list(found)
        except BlockedError:
            raise
        except ExcludedError as error:
            past.work.record.say(str(error))
        except FetchError as error:
            past.work.failures.append(error)
            past.work.record.need(remedies.section(error), str(error))
    return past.index[asked]


def document_searches(work: Work, listings: Iterable[Listing]) -> list[tuple[str, bool]]:
    """Give what to ask the index for documents: the series' folders, and addresses outside them.

    With each, whether it is a folder.
    """
    prefixes = work.source.prefixes
    folders = [mementos.place(prefix) for prefix in prefixes]
    outside = [
        url
        for url in known_addresses(work, listings)
        if not any(mementos.is_below(mementos.place(url), folder) for folder in folders)
    ]
    return [(prefix, True) for prefix in prefixes] + [(url, False) for url in outside]


def known_addresses(work: Work, listings: Iterable[Listing]) -> list[str]:
    """Give the documents' addresses that pages link to, or that the archive knows, each once."""
    manifest = work.archive.manifest
    urls = [listing.url for listing in listings]
    urls += manifest.by_address
    urls += [
        url
        for entry in manifest.mementos.values()
        if entry.digest in manifest.documents or entry.digest is None
        for url in entry.rows
    ]
    return list({mementos.place(url): url for url in reversed(urls)}.values())


def load(past: Past, found: Found) -> None:
    """Take every body and every absence of the index in, the oldest first.

    Raises:
        BlockedError: the Archive refuses us; what was taken in until then stands.
    """
    for groups in past.progress.over(found.bodies, "documents"):
        if past.work.stop.asked:
            break
        _body(past, groups)
    past.desk.close()
    for group in found.absences:
        _absence(past, group)
    for what, number in found.others.items():
        past.work.record.say(f"the Archive's index has {number} {what}, of which nothing is kept")


def _body(past: Past, groups: tuple[Group, ...]) -> None:
    """Take one body in: known by its CDX digest, or played back, or known only as sightings."""
    known = past.work.archive.manifest.mementos
    entry = known.get(groups[0].digest)
    fresh = [group for group in groups if mementos.missing(known, group.ref)]
    if entry and entry.digest in past.work.archive.manifest.pages:
        return  # a listing page, which lies below a prefix
    if entry and entry.digest:
        arrival = Arrival(digest=entry.digest, before=past.work.archive.manifest)
        _arrive(past, arrival, fresh, confirmed=entry.confirmed)
        return
    memento, why = _played_back(past, groups)
    if memento:
        before = past.work.archive.manifest
        _keep(past, memento)
        memento.path.unlink()
        arrival = Arrival(digest=memento.digest, before=before)
        _arrive(past, arrival, groups, confirmed=memento.confirmed)
    elif why:
        _not_held(past, groups, fresh, why)


def _played_back(past: Past, groups: tuple[Group, ...]) -> tuple[Memento | None, FetchError | None]:
    """Play one capture of a body back.

    Returns:
        The document; or why none came; or neither where the body is none of the agency's reports
        but an error page.
    """
    why: FetchError | None = None
    for row in candidates(groups)[:TRIES]:
        try:
            return past.wayback.document(row, past.work.folder), None
        except BlockedError:
            raise
        except ArchivedErrorPageError as error:
            past.work.record.say(f"passed over: {error}")
            return None, None
        except FetchError as error:
            why = error if why is None or isinstance(why, NotThatCaptureError) else why
    return None, why


def _keep(past: Past, memento: Memento) -> None:
    """Store the bytes, then the capture that brought them, each unless it is held."""
    archive = past.work.archive
    known = archive.manifest.documents.get(memento.digest)
    if known and known.captures:
        return
    archive.keep(memento.path, memento.digest, memento.ext)
    row = memento.row
    capture = Capture(
        source=past.work.source.name,
        edition=claim(past, row.original),
        url=row.original,
        at=row.at,
        status=memento.status,
        headers=memento.headers,
        digest=memento.digest,
        size_bytes=memento.size_bytes,
        ext=memento.ext,
        via="wayback",
        site=past.site,
        memento=MementoRef(
            url=row.original,
            digest=row.digest,
            timestamps=(row.timestamp,),
            confirmed=memento.confirmed,
        ),
    )
    archive.capture(capture)


def claim(past: Past, url: str) -> str | None:
    """Give the edition that an address claims: by an archived page's link, else by its name.

    It rests on nothing that depends on what was done before, so that all orders of work agree.
    """
    if past.work.source.rolling:
        return "rolling"
    return past.claims.get(mementos.place(url)) or claimed_edition(url, "")


def _arrive(past: Past, arrival: Arrival, groups: Iterable[Group], *, confirmed: bool) -> None:
    """Have a held document read if that is due; then tell of its sightings, address by address."""
    told = list(groups)
    if told:
        past.desk.take(arrival, partial(_tell, past, arrival, told, confirmed))


def _tell(  # noqa: PLR0913, PLR0917 - the first four are bound where the document is taken in
    past: Past,
    arrival: Arrival,
    groups: list[Group],
    confirmed: bool,  # noqa: FBT001 - see above
    bug: str | None,
    tables: tuple[str, ...],
) -> None:
    record, manifest = past.work.record, past.work.archive.manifest
    document = manifest.documents[arrival.digest]
    for group in groups:
        word = outcome(arrival.before, manifest, document, None)
        if bug:
            word = "failed"
        elif record.has_seen(arrival.digest) and word != "quarantined":
            word = "unchanged"
        claimed = claim(past, group.url)
        ref = group.ref
        observation = Observation(
            at=captured_at(ref.timestamps[0]),
            edition=document.edition,
            outcome=word,
            evidence="memento",
            url=group.url,
            digest=arrival.digest,
            detail=bug or refused(document) or _sightings(ref),
            tables=tables,
            claim=None if claimed == document.edition else claimed,
            memento=MementoRef(
                url=ref.url, digest=ref.digest, timestamps=ref.timestamps, confirmed=confirmed
            ),
        )
        record.observe(observation, section(word))


def section(word: Outcome) -> str | None:
    """Name the RUNBOOK's section for what came of a document that was loaded."""
    if word == "quarantined":
        return remedies.QUARANTINE
    return remedies.BUG if word == "failed" else None


def _sightings(ref: MementoRef) -> str:
    """Say when captures were made."""
    first, last = captured_at(ref.timestamps[0]), captured_at(ref.timestamps[-1])
    if len(ref.timestamps) == 1:
        return f"captured by the Wayback Machine on {first:%Y-%m-%d}"
    number = f"{len(ref.timestamps)} times"
    return f"captured by the Wayback Machine {number}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _not_held(past: Past, groups: tuple[Group, ...], fresh: list[Group], why: FetchError) -> None:
    """Take down a version of which nobody has the bytes.

    It may be played back another day, when the Archive's index and its playback are in step.
    """
    record, manifest = past.work.record, past.work.archive.manifest
    lasting = isinstance(why, NotThatCaptureError | ExcludedError)
    if lasting and all(row.media_type == "text/html" for row in candidates(groups)):
        record.say(f"passed over: {why}")
        return
    digest = mementos.unheld(groups[0].digest)
    for group in fresh:
        edition = claim(past, group.url) or f"unknown-{digest[-12:]}"
        said = f"{_sightings(group.ref)}, but not played back: {why}"
        observation = Observation(
            at=captured_at(group.ref.timestamps[0]),
            edition=edition,
            outcome="unchanged" if lasting else "failed",
            evidence="memento",
            url=group.url,
            detail=said,
            memento=group.ref,
        )
        record.observe(observation, None if lasting else remedies.section(why))
    document = manifest.documents.get(digest)
    edition = document.edition if document else claim(past, groups[0].url) or digest
    told = f"{edition}: known without its bytes ({digest[:17]}…): {why}"
    if lasting:
        record.say(told)
    elif not fresh:
        record.need(remedies.section(why), told)


def _absence(past: Past, group: Group) -> None:
    """Take the 404s of an address down; what they prove follows from all that is known of it."""
    known = past.work.archive.manifest.absences
    folded = known[group.url].timestamps if group.url in known else ()
    fresh = tuple(each for each in group.ref.timestamps if each not in folded)
    if not fresh:
        return
    edition = claim(past, group.url) or "unknown"
    observation = Observation(
        at=captured_at(fresh[0]),
        edition=edition,
        outcome="unchanged",
        evidence="not-there",
        url=group.url,
        memento=MementoRef(url=group.url, digest="", timestamps=fresh),
    )
    past.work.record.note(observation)
