"""From captures and observations to timelines: what was seen at each edition, and when. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from storage import mementos, nowhere
from storage.absences import Homes, hold
from storage.archived import MementoRef, captured_at
from storage.capture import Capture
from storage.documents import DocumentEntry
from storage.ledger import Manifest
from storage.mementos import AbsenceEntry, MementoEntry
from storage.runs import SIGHTS, Observation, RunPart
from storage.timeline import RefoldError, Sighting, Span, add

_ENDS = 2
"""Of a span of no more sightings than this, each one's time is known."""

_UNHEARD_OF = AbsenceEntry(edition=None, timestamps=())
"""Of an address of which no 404 was folded."""

Told = dict[str, list[Sighting]]
"""Edition -> what was seen of it."""


def moved(
    manifest: Manifest, documents: Mapping[str, DocumentEntry], touched: set[str]
) -> dict[str, tuple[Span, ...]]:
    """Move the sightings of documents that turned out to be of another edition than claimed.

    Args:
        manifest: as it was before.
        documents: as they are now.
        touched: digests of those that may have changed.

    Raises:
        RefoldError: they cannot be told from others', or an absence may be of another edition.
    """
    hold(manifest, documents, touched)
    timelines = dict(manifest.timelines)
    for digest in sorted(touched & manifest.documents.keys()):
        before, edition = manifest.documents[digest], documents[digest].edition
        if edition == before.edition:
            continue
        spans = timelines.pop(before.edition, ())
        if any(span.digest != digest or span.count > _ENDS for span in spans):
            raise RefoldError
        sightings = [
            Sighting(at=at, state="seen", digest=digest, archived=at not in (span.ours or ()))
            for span in spans
            for at in (span.first, span.last)[: span.count]
        ]
        timelines[edition] = add(timelines.get(edition, ()), sightings)
    return timelines


def fold(
    manifest: Manifest,
    captures: list[Capture],
    observations: list[Observation],
    parts: list[RunPart],
) -> Manifest:
    """Take sightings and absences in, those of the Archive's captures each once.

    Args:
        manifest: as it was before, but for its documents.
        captures: what brought bytes.
        observations: those of `parts`, with the bytes that they are known to be of.
        parts: of the runs that missed what is absent.

    Raises:
        RefoldError: one falls inside a span of something else, or an address turned out to be of
            another edition than was thought.
    """
    taken = dict(manifest.mementos)
    found: Told = {}
    for digest, sighting in _seen(taken, captures, observations):
        found.setdefault(manifest.documents[digest].edition, []).append(sighting)
    misnamed = {*manifest.misnamed}
    for name, edition, absent in _missed(Homes(manifest.documents), parts):
        misnamed |= {name} - {edition} if absent else {name, edition}
        if absent:
            found.setdefault(edition, []).append(absent)
    absences = _absences(manifest, taken, observations, found)
    timelines = dict(manifest.timelines)
    for edition, sightings in found.items():
        timelines[edition] = add(timelines.get(edition, ()), sightings)
    return replace(
        manifest,
        timelines=timelines,
        absences=absences,
        misnamed=tuple(sorted(misnamed)),
        mementos=taken,
    )


def _missed(homes: Homes, parts: list[RunPart]) -> Iterator[tuple[str, str, Sighting | None]]:
    """Give each absence: as what it was told, of which edition it is, and when it was missed.

    It was not where the same run met a link to it, under whatever name.
    """
    for part in parts:
        for each in part.observations:
            if each.absence and not each.memento:
                edition = homes.of(each)
                asked = each.linked and each.url is not None
                is_void = not asked and homes.are_linked(edition, part.linked)
                absent = Sighting(at=each.at, state=each.absence, digest=None)
                yield each.edition, edition, None if is_void else absent


def _seen(
    taken: dict[str, MementoEntry], captures: list[Capture], observations: list[Observation]
) -> Iterator[tuple[str, Sighting]]:
    """Give each sighting, and the digest of the document that it is of."""
    for capture in captures:
        if capture.memento is None:
            yield capture.digest, Sighting(at=capture.at, state="seen", digest=capture.digest)
    for observation in observations:
        if observation.absence or not observation.digest or observation.memento:
            continue
        if observation.evidence in SIGHTS:
            digest = observation.digest
            yield digest, Sighting(at=observation.at, state="seen", digest=digest)
    archived = [c.memento for c in captures if c.memento]
    archived += [o.sighted for o in observations if o.sighted]
    for ref in archived:
        yield from _archived(taken, ref)


def _archived(taken: dict[str, MementoEntry], ref: MementoRef) -> Iterator[tuple[str, Sighting]]:
    """Give each of the Archive's captures that is not folded yet; none of an error page."""
    digest = mementos.of(taken, ref)
    if digest:
        for at in mementos.take(taken, ref):
            yield digest, Sighting(at=at, state="seen", digest=digest, archived=True)


def _absences(
    manifest: Manifest,
    taken: Mapping[str, MementoEntry],
    observations: Iterable[Observation],
    found: Told,
) -> Mapping[str, AbsenceEntry]:
    """Take the Archive's 404s in, each as a sign of what alone stood there, and nowhere else.

    Raises:
        RefoldError: some were folded that are no such sign by what is known now.
    """
    refs = [o.memento for o in observations if o.memento and o.absence]
    if not refs and not manifest.absences:
        return manifest.absences
    missing = {url: {*entry.timestamps} for url, entry in manifest.absences.items()}
    for ref in refs:
        missing.setdefault(ref.url, set()).update(ref.timestamps)
    absences = nowhere.absences(manifest.documents, taken, missing)
    for url, entry in absences.items():
        before = manifest.absences.get(url, _UNHEARD_OF)
        counted = {*before.counted}
        if counted and (before.edition != entry.edition or not counted <= {*entry.counted}):
            raise RefoldError
        for timestamp in entry.counted:
            if timestamp not in counted:
                at = captured_at(timestamp)
                absent = Sighting(at=at, state="missing", digest=None, archived=True)
                found.setdefault(entry.edition or "", []).append(absent)
    return absences
