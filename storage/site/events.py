"""What happened, as the manifest tells it: new, corrected, removed, shown again, refused."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from storage.ledger import Manifest, Version
from storage.timeline import Span

Happening = Literal[
    "new", "revision", "amendment", "reissue", "delisted", "gone", "returned", "quarantined"
]
SAYS: dict[Happening, str] = {
    "new": "New",
    "revision": "Revised: records differ",
    "amendment": "Amended: text differs, records do not",
    "reissue": "Reissued: other bytes, the same text",
    "delisted": "No longer linked by the agency",
    "gone": "Removed by the agency",
    "returned": "Shown again by the agency",
    "quarantined": "Refused: it could not be read reliably",
}
"""What a visitor reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to an edition."""

    at: datetime
    """When it was first seen."""
    source: str
    edition: str
    kind: Happening
    digest: str | None = None
    """The document that it is about; None for a removal."""
    number: int | None = None
    """The version's number; None for what is no version."""
    before: str | None = None
    """Digest of the version before, where there is one."""

    @property
    def says(self) -> str:
        """What happened, in a few words."""
        return SAYS[self.kind]

    @property
    def id(self) -> str:
        """Name it for ever, as a feed's entries must be."""
        told = f"{self.source}/{self.edition}/{self.kind}/{self.at.isoformat()}/{self.digest or ''}"
        return uuid.uuid5(uuid.NAMESPACE_URL, f"recordkeep/{told}").urn

    @property
    def part(self) -> str:
        """Name the part of the site that is about the difference to the version before."""
        return f"changes {self.before} {self.digest}"

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        """Time, and then what makes it one event."""
        return (self.at, self.edition, self.kind, self.digest or "")


def of_source(manifest: Manifest) -> list[Event]:
    """Tell what happened to a source's editions, newest first."""
    told = [event for edition in manifest.by_edition for event in of_edition(manifest, edition)]
    return sorted(told, key=lambda event: event.order, reverse=True)


def of_edition(manifest: Manifest, edition: str) -> Iterator[Event]:
    """Tell what happened to one edition, in no order."""
    versions = manifest.versions(edition)
    name = manifest.source
    for place, version in enumerate(versions):
        yield Event(
            at=version.first_seen,
            source=name,
            edition=edition,
            kind=version.kind,
            digest=version.document.digest,
            number=version.number,
            before=versions[place - 1].document.digest if place else None,
        )
    yield from _of_spans(manifest, edition, versions)
    for document in manifest.by_edition[edition]:
        if document.status == "quarantined" and document.captures:
            at = document.captures[0].at
            digest = document.digest
            yield Event(at=at, source=name, edition=edition, kind="quarantined", digest=digest)


def _of_spans(manifest: Manifest, edition: str, versions: tuple[Version, ...]) -> Iterator[Event]:
    """Tell of removals, and of what was shown again."""
    numbers = {version.document.digest: version.number for version in versions}
    shown: set[str] = set()
    for span in told_spans(manifest, edition):
        if span.is_removal:
            kind: Happening = "delisted" if span.state == "delisted" else "gone"
            yield Event(at=span.first, source=manifest.source, edition=edition, kind=kind)
        elif span.digest in numbers:
            if span.digest in shown:
                yield Event(
                    at=span.first,
                    source=manifest.source,
                    edition=edition,
                    kind="returned",
                    digest=span.digest,
                    number=numbers[span.digest],
                )
            shown.add(span.digest)


def told_spans(manifest: Manifest, edition: str) -> list[Span]:
    """Give an edition's spans with those left out that prove nothing (a single 404).

    What such a one parted is joined again.
    """
    told: list[Span] = []
    for span in manifest.timelines.get(edition, ()):
        if span.state == "missing" and not span.is_removal:
            continue
        last = told[-1] if told else None
        if last and (last.state, last.digest) == (span.state, span.digest):
            told[-1] = replace(last, last=span.last, count=last.count + span.count)
        else:
            told.append(span)
    return told
