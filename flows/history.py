"""What a backfill from the Wayback Machine is made of, as plain functions on a `Past`.

`flows/backfill.py` tells the story; `flows/past.py` asks the index, `flows/plan.py` sorts its rows;
`flows/front_pages.py` holds what is done with listing pages of the past, `flows/learned.py` what
with captures that turn out to be neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from flows import learned, remedies
from flows.keeping import Arrival, if_known
from flows.outcomes import outcome, refused
from flows.past import Past, claim, miss
from flows.plan import Found, Group, candidates, is_empty, new, stood
from flows.remedies import Trouble
from scrapers.errors import FetchError
from scrapers.wayback import Memento, Row
from scrapers.web.verdicts import OK
from storage import mementos
from storage.archived import MementoRef, captured_at
from storage.capture import Capture
from storage.documents import UNKNOWN
from storage.mementos import MementoEntry
from storage.runs import Observation

TRIES = 10
"""How many captures of one body are tried until it is taken for one that is not played back.
Where the Archive does not answer for one, however often it is asked, it is asked for another body
first: it is left alone for the run once it has failed for long, and one body is not all."""


def bodies(past: Past, found: Found, done: set[Group]) -> None:
    """Take every body of the index in, the oldest first; last those that failed before.

    Args:
        past: what was found so far.
        found: the index's rows.
        done: what was taken in already; the others are added.

    Raises:
        BlockedError: the Archive refuses us; what was taken in until then stands.
        NotAskedError: it has failed for too long; what was taken in until then stands.
    """
    due = new(found.bodies, done)
    known = past.work.archive.manifest.mementos
    due.sort(key=lambda groups: groups[0].digest in known and not known[groups[0].digest].digest)
    again: list[_Unanswered] = []
    try:
        for groups in past.progress.over(due, "documents"):
            if past.work.stop.asked:
                break
            missing = _body(past, groups)
            if missing and learned.has_another(past, groups, missing.why, most=TRIES):
                again.append(missing)
            elif missing:
                _not_held(past, missing)
            done.update(groups)
        while again and not past.work.stop.asked:
            missing = _body(past, again[0].groups)
            again.pop(0)
            if missing:
                _not_held(past, missing)
    finally:
        for missing in again:
            _not_held(past, missing)
    past.desk.close()


def rest(past: Past, found: Found) -> None:
    """Take the index's absences in, and say of what nothing is kept."""
    learned.disown(past, found)
    for group in found.absences:
        _absence(past, group)
    for what, number in found.others.items():
        past.work.record.say(f"the Archive's index has {number} {what}, of which nothing is kept")


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """A body that could not be had."""

    groups: tuple[Group, ...]
    fresh: list[Group]
    """Those of its captures that were not told of yet."""
    why: FetchError


def _body(past: Past, groups: tuple[Group, ...]) -> _Unanswered | None:
    """Take one body in, known by its CDX digest or played back; give what could not be had."""
    known = past.work.archive.manifest.mementos
    entry = known.get(groups[0].digest)
    fresh = [group for group in groups if _is_news(past, entry, group)]
    if is_empty(groups):
        _nothing(past, groups)
        return None
    if learned.is_settled(entry, groups) or (
        entry and entry.digest in past.work.archive.manifest.pages
    ):
        return None  # an error page, or a listing page, which lies below a prefix
    if entry and entry.digest:
        arrival = Arrival(digest=entry.digest, before=past.work.archive.manifest)
        _arrive(past, arrival, fresh, confirmed=entry.confirmed)
        return None
    memento, why = _played_back(past, groups)
    if memento:
        before = past.work.archive.manifest
        try:
            facts = past.work.archive.keep((_capture(past, memento), memento.body))
        finally:
            memento.discard()
        past.work.archive.admit(*facts)
        arrival = Arrival(digest=memento.digest, before=if_known(before, memento.digest))
        _arrive(past, arrival, groups, confirmed=memento.confirmed)
    elif isinstance(why, FetchError):
        return _Unanswered(groups, fresh, why)
    return None


def _nothing(past: Past, groups: tuple[Group, ...]) -> None:
    """Find out what captures without bytes are: a redirect, a 404, whatever; no document."""
    memento, why = _played_back(past, groups)
    if memento:
        memento.discard()
        past.statuses[stood(groups[0].rows[0])] = OK
    elif isinstance(why, learned.LASTING):
        past.work.record.say(f"passed over: {why}", "passed over")
    elif isinstance(why, FetchError):
        miss(past, why)


def _is_news(past: Past, entry: MementoEntry | None, group: Group) -> bool:
    """Whether captures, or what their address claims, were not told of yet."""
    manifest = past.work.archive.manifest
    if mementos.missing(manifest.mementos, group.ref):
        return True
    name = (entry.digest if entry else None) or mementos.unheld(group.digest)
    document = manifest.documents.get(name)
    claimed = claim(past, group.url)
    return bool(document and claimed and claimed not in document.names)


def _played_back(past: Past, groups: tuple[Group, ...]) -> tuple[Memento | None, Exception | None]:
    """Play a document back, see `learned.played_back`."""

    def play(row: Row) -> Memento:
        return past.wayback.document(row, past.work.folder)

    return learned.played_back(past, groups, play, most=TRIES)


def _capture(past: Past, memento: Memento) -> Capture:
    row = memento.row
    return Capture(
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


def _arrive(past: Past, arrival: Arrival, groups: Iterable[Group], *, confirmed: bool) -> None:
    """Have a held document read if that is due; then tell of its sightings, address by address.

    Where all of them were told of before, its edition is `unchanged`.
    """
    told = list(groups)
    if told:
        past.desk.take(arrival, partial(_tell, past, arrival, told, confirmed))
    else:
        document = past.work.archive.manifest.documents[arrival.digest]
        past.work.record.overlook([document.edition], "unchanged")


def _tell(  # noqa: PLR0913, PLR0917 - the first four are bound where the document is taken in
    past: Past,
    arrival: Arrival,
    groups: list[Group],
    confirmed: bool,  # noqa: FBT001 - see above
    trouble: Trouble | None,
    tables: tuple[str, ...],
) -> None:
    record, manifest = past.work.record, past.work.archive.manifest
    document = manifest.documents[arrival.digest]
    for group in groups:
        word = outcome(arrival.before, manifest, document, None)
        if trouble:
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
            detail=trouble.says if trouble else refused(document) or _sightings(ref),
            tables=tables,
            claim=None if claimed == document.edition else claimed,
            memento=MementoRef(
                url=ref.url, digest=ref.digest, timestamps=ref.timestamps, confirmed=confirmed
            ),
        )
        record.observe(observation, remedies.of_document(word, trouble))


def _sightings(ref: MementoRef) -> str:
    """Say when captures were made."""
    first, last = captured_at(ref.timestamps[0]), captured_at(ref.timestamps[-1])
    if len(ref.timestamps) == 1:
        return f"captured by the Wayback Machine on {first:%Y-%m-%d}"
    number = f"{len(ref.timestamps)} times"
    return f"captured by the Wayback Machine {number}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _not_held(past: Past, missing: _Unanswered) -> None:
    """Take down a version of which nobody has the bytes.

    It may be played back another day, when the Archive's index and its playback are in step.
    """
    groups, fresh, why = missing.groups, missing.fresh, missing.why
    record, manifest = past.work.record, past.work.archive.manifest
    lasting = isinstance(why, learned.LASTING)
    if lasting and all(row.media_type == "text/html" for row in candidates(groups)):
        record.say(f"passed over: {why}", "passed over")
        return
    digest = mementos.unheld(groups[0].digest)
    unnamed = f"{UNKNOWN}{digest[-12:]}"
    for group in fresh:
        edition = claim(past, group.url) or unnamed
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
        record.observe(observation, None if lasting else remedies.of_archive(why))
    document = manifest.documents.get(digest)
    edition = document.edition if document else claim(past, groups[0].url) or unnamed
    record.overlook([edition], "unchanged" if lasting else "failed")
    told = f"{edition}: known without its bytes: {why}"
    if lasting:
        record.say(told, "known without its bytes")
    elif not fresh:
        record.need(remedies.of_archive(why), told)


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
