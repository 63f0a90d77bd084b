"""On which sightings an answer about the past rests, in words. Pure."""

from collections.abc import Iterable
from datetime import datetime

from storage import mementos
from storage.archived import captured_at
from storage.ledger import Manifest
from storage.timeline import Standing


def told(manifest: Manifest, edition: str, standing: Standing) -> str:
    """Say when and by whom what stood there was seen, as `seen 2017-03-21 and 2017-04-02`.

    What the Wayback Machine saw is said so; all else we saw ourselves, at the agency. A 404 in
    between is named, though it proves no removal, and so are bytes that nobody could read, though
    they are no version; of more, the first and the last.
    """
    missing = [_absence(manifest, edition, at) for at in standing.missing_at]
    elsewhere = [_by_archive(at) for at in _missing_at_one(manifest, standing)]
    found = [_found(manifest, edition, standing)]
    found += [f"not there {' and '.join(missing)}"] if missing else []
    found += [f"not at one of its addresses {' and '.join(elsewhere)}"] if elsewhere else []
    refused = _in_quarantine(manifest, edition, standing)
    found += [f"bytes that are in quarantine seen {' and '.join(refused)}"] if refused else []
    return "; ".join(found)


def _in_quarantine(manifest: Manifest, edition: str, standing: Standing) -> list[str]:
    """Say when bytes stood there that are in quarantine and may be a version: first and last."""
    refused = {each.digest for each in manifest.by_edition[edition] if each.status == "quarantined"}
    spans = [span for span in standing.aside if span.digest in refused]
    ends = [(spans[0].first, spans[0]), (spans[-1].last, spans[-1])] if spans else []
    told = [_sighting(manifest, at, span.digest or "") for at, span in ends]
    return list(dict.fromkeys(told))


def _missing_at_one(manifest: Manifest, standing: Standing) -> list[datetime]:
    """Give the first and the last 404 that the Archive captured where the version stood, meanwhile.

    Only those that say nothing of the edition, since it stood, or may have, at another address.
    """
    end = standing.removed_at or standing.next_seen_at
    places = _places(manifest, standing.digest)
    told = [
        at
        for url, absence in manifest.absences.items()
        if mementos.place(url) in places
        for at in map(captured_at, {*absence.timestamps}.difference(absence.counted))
        if standing.seen_at < at and (end is None or at < end)
    ]
    return sorted({min(told), max(told)}) if told else []


def _places(manifest: Manifest, digest: str) -> set[mementos.Place]:
    """Give where a document stood, as far as anybody saw it."""
    urls = {
        url
        for cdx, entry in manifest.mementos.items()
        if digest in {entry.digest, mementos.unheld(cdx)}
        for url in entry.rows
    }
    return set(map(mementos.place, urls | manifest.documents[digest].served.keys()))


def _found(manifest: Manifest, edition: str, standing: Standing) -> str:
    """Say what was seen, and then what was found next."""
    seen = _sighting(manifest, standing.seen_at, standing.digest)
    removed_at = standing.removed_at
    if removed_at is None:
        if standing.next_seen_at is None:
            return f"last seen {seen}"
        if standing.next_digest:
            later = _sighting(manifest, standing.next_seen_at, standing.next_digest)
            is_same = standing.next_digest == standing.digest
            return f"seen {seen}{' and' if is_same else '; other bytes seen'} {later}"
        removed_at = standing.next_seen_at
    return f"seen {seen}; found removed {_absence(manifest, edition, removed_at)}"


def _sighting(manifest: Manifest, at: datetime, digest: str) -> str:
    """Say the day of a sighting, and that the Archive made it where it did."""
    return _by_whom(at, manifest.archived.get(digest, ()))


def _absence(manifest: Manifest, edition: str, at: datetime) -> str:
    """Say the day on which an edition was not there, and that the Archive found so where it did."""
    known = [each for each in manifest.absences.values() if each.edition == edition]
    return _by_whom(at, [timestamp for each in known for timestamp in each.timestamps])


def _by_whom(at: datetime, archived: Iterable[str]) -> str:
    """Say a day, and that one of the Archive's captures was made just then."""
    if at in map(captured_at, archived):
        return _by_archive(at)
    return f"{at:%Y-%m-%d}"


def _by_archive(at: datetime) -> str:
    return f"{at:%Y-%m-%d} (Wayback Machine)"
