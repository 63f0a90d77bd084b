"""Which of the Archive's 404s take an edition away: those at which it stood nowhere else. Pure.

A report may move, and be corrected under another name: a 404 where it once stood takes nothing
away while it stands elsewhere. Where that is not known of a place, it is taken to stand there.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from storage.archived import timestamp
from storage.documents import DocumentEntry
from storage.mementos import AbsenceEntry, MementoEntry, Place, place, unheld

_Stood = tuple[str, Place, tuple[str, ...]]
"""An edition, a place at which it stood, and when the Archive had it there, as it writes times."""


@dataclass
class _Ground:
    """What is known of one place of an edition; no 404s where it did not stand there alone."""

    captured: set[str] = field(default_factory=set)
    """When the Archive had it there."""
    shown: list[tuple[str, str]] = field(default_factory=list)
    """When the agency showed it to us there, first and last; what lay between is not known."""
    missing: set[str] = field(default_factory=set)
    """When the Archive met a 404."""

    def is_gone(self, at: str) -> bool:
        """Whether the newest that is known of it at a time is a 404.

        Where both were met in one second, it stands: timelines tell a sighting after a 404, too.
        """
        known = bisect_right(self._told, (at, True))
        if not known or self._told[known - 1][1]:
            return False
        since, _ = self._told[known - 1]
        return not any(first <= at and since <= last for first, last in self.shown)

    @cached_property
    def _told(self) -> list[tuple[str, bool]]:
        """Give times, and whether it stood there; asked only once all is taken in."""
        stood = {(each, True) for each in self.captured}
        return sorted(stood | {(each, False) for each in self.missing})


def absences(
    documents: Mapping[str, DocumentEntry],
    taken: Mapping[str, MementoEntry],
    missing: Mapping[str, Collection[str]],
) -> dict[str, AbsenceEntry]:
    """Say of 404s which edition was missed, and at which of them it stood elsewhere.

    Args:
        documents: as they are now, by digest.
        taken: by CDX digest, with the captures that are folded.
        missing: address -> the timestamps of all its 404s that are known.
    """
    stood = list(_stood(documents, taken))
    editions, homes = defaultdict[Place, set[str]](set), defaultdict[str, set[Place]](set)
    for name, at, _ in stood:
        editions[at].add(name)
        homes[name].add(at)
    alone = {at: next(iter(those)) for at, those in editions.items() if len(those) == 1}
    missed = {alone[at] for at in map(place, missing) if at in alone}
    several = {name for name in missed if len(homes[name]) > 1}
    grounds = _grounds(documents, (each for each in stood if each[0] in several))
    for url, timestamps in missing.items():
        # Where another edition stood as well, it cannot be told which of them is meant by a 404.
        if alone.get(place(url)) in several:
            grounds[place(url)].missing.update(timestamps)
    found = {}
    for url, timestamps in missing.items():
        edition, told = alone.get(place(url)), tuple(sorted(timestamps))
        others = homes[edition] - {place(url)} if edition else set[Place]()
        gone = told if not others else ()
        if edition in several:
            gone = tuple(t for t in told if all(grounds[other].is_gone(t) for other in others))
        elsewhere = tuple(t for t in told if edition and t not in gone)
        found[url] = AbsenceEntry(edition=edition, timestamps=told, elsewhere=elsewhere)
    return found


def _stood(
    documents: Mapping[str, DocumentEntry], taken: Mapping[str, MementoEntry]
) -> Iterator[_Stood]:
    """Tell where versions stood, also those of which nobody has the bytes."""
    for cdx, entry in taken.items():
        document = documents.get(entry.digest or unheld(cdx)) if entry.rows else None
        if document and document.is_version and not entry.is_worthless:
            for url, timestamps in entry.rows.items():
                yield document.edition, place(url), timestamps
    for document in documents.values():
        if document.is_version:
            for url in document.served.keys() | document.shown.keys():
                yield document.edition, place(url), ()


def _grounds(
    documents: Mapping[str, DocumentEntry], stood: Iterable[_Stood]
) -> dict[Place, _Ground]:
    """Take together what is known of places, but for their 404s."""
    grounds: dict[Place, _Ground] = defaultdict(_Ground)
    for _, where, timestamps in stood:
        grounds[where].captured.update(timestamps)
    for document in documents.values():
        if document.is_version:
            for url, (first, last) in document.shown.items():
                if where_shown := grounds.get(place(url)):
                    where_shown.shown.append((timestamp(first), timestamp(last)))
    return grounds
