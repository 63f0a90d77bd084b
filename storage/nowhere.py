"""Which of the Archive's 404s take an edition away: those at which it stood nowhere else. Pure.

A report may move, and be corrected under another name: a 404 where it once stood takes nothing
away while it stands elsewhere. Where that is not known of a place, it is taken to stand there,
until another report is met in its stead.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from storage.archived import timestamp
from storage.documents import DocumentEntry
from storage.mementos import AbsenceEntry, MementoEntry, Place, place, unheld

_Stood = tuple[str, Place, tuple[str, ...]]
"""An edition, a place at which it stood, and when the Archive had it there, as it writes times."""


@dataclass
class _Ground:
    """What is known of one place."""

    met: set[tuple[str, str]] = field(default_factory=set)
    """When which edition was met there; none where it was a 404."""
    shown: list[tuple[str, str, str]] = field(default_factory=list)
    """Which edition the agency showed us there, first and last; what lay between is not known."""
    _told: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)
    """Edition -> times, and whether it stood there then, as far as it was asked for."""

    def is_gone(self, edition: str, at: str) -> bool:
        """Whether the newest that is known of an edition at a time is that it did not stand there.

        Where it was met and missed in one second, it stands: timelines tell a sighting after a 404,
        too. Asked only once all is taken in.
        """
        if edition not in self._told:
            others = {(end, who) for who, *ends in self.shown if who != edition for end in ends}
            met = {(when, who == edition) for when, who in self.met | others}
            self._told[edition] = sorted(met)
        told = self._told[edition]
        known = bisect_right(told, (at, True))
        if not known or told[known - 1][1]:
            return False
        since, _ = told[known - 1]
        ours = ((first, last) for who, first, last in self.shown if who == edition)
        return not any(first <= at and since <= last for first, last in ours)


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
    grounds = {at: _Ground() for name in several for at in homes[name]}
    _survey(grounds, documents, stood, missing)
    found = {}
    for url, timestamps in missing.items():
        edition, told = alone.get(place(url)), tuple(sorted(timestamps))
        others = homes[edition] - {place(url)} if edition else set[Place]()
        gone = told if not others else ()
        if edition in several:
            gone = tuple(t for t in told if all(grounds[o].is_gone(edition, t) for o in others))
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


def _survey(
    grounds: Mapping[Place, _Ground],
    documents: Mapping[str, DocumentEntry],
    stood: Iterable[_Stood],
    missing: Mapping[str, Collection[str]],
) -> None:
    """Take in what is known of places."""
    for name, where, timestamps in stood:
        if ground := grounds.get(where):
            ground.met.update((at, name) for at in timestamps)
    for document in documents.values():
        for url, (first, last) in document.shown.items() if document.is_version else ():
            if ground := grounds.get(place(url)):
                ground.shown.append((document.edition, timestamp(first), timestamp(last)))
    for url, told in missing.items():
        if ground := grounds.get(place(url)):
            ground.met.update((at, "") for at in told)
