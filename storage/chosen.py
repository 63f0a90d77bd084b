"""A version as somebody asks for it: by number, by time, by digest."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypedDict

from storage import grounds, layout
from storage.documents import CaptureRef, DocumentEntry
from storage.errors import NotHeldError
from storage.ledger import Manifest, Version
from storage.model import Json, iso
from storage.timeline import Standing

Time = str | date | datetime
"""A day (meaning its end in UTC) or a moment, as text or as a value."""
EVER = datetime.max.replace(tzinfo=UTC)
_DIGEST_START = 8
"""Digits of a digest that are enough to name a document."""
_SHOWN = 12
"""Digits of a digest that are shown."""


class Asked(TypedDict, total=False):
    """The ways in which a version can be asked for; none: what the agency last showed."""

    number: int | None
    """Its number, from 1."""
    as_of: Time | None
    """What the agency had published by then, as far as anybody saw it."""
    digest: str | None
    """Its SHA-256, or the first digits of it: also of what is in quarantine."""
    known: Time | None
    """Choose among what this archive had written down by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The version that was asked for, and on what the choice rests."""

    source: str
    edition: str
    version: Version | None
    """None for a document in quarantine, which has no number."""
    document: DocumentEntry
    standing: Standing | None
    """Set where the choice was by time: the sightings that it rests on."""
    rests_on: str | None = None
    """The same in words, as `seen 2017-03-21 and 2017-04-02`."""

    @property
    def key(self) -> str:
        """Key of the original."""
        return layout.raw(self.source, self.document.digest, self.document.ext)

    @property
    def left_out(self) -> str:
        """Say that records of many editions lack this one's, of which there are none."""
        status = self.version.status if self.version else self.document.status
        return f"{self.source} {self.edition} is left out: nothing was read from it ({status})"

    def to_json(self) -> Json:
        """Shape: what a citation needs: number, digest, address, sightings.

        Of `next_seen_at` and `next_removed_at` one at most is set: what was found next, after the
        time asked for. `removed_at` is set where it was removed by then.
        """
        standing, captures = self.standing, self.document.captures
        next_at = standing.next_seen_at if standing else None
        is_removal = bool(standing and standing.next_digest is None)
        return {
            "source": self.source,
            "edition": self.edition,
            "version": self.version.number if self.version else None,
            "status": self.version.status if self.version else self.document.status,
            "digest": self.document.digest,
            "size_bytes": self.document.size_bytes,
            "url": self.document.url,
            "fetched_at": iso(_fetched_at(captures[0])) if captures else None,
            "last_modified": self.document.last_modified,
            "seen_at": iso(standing.seen_at) if standing else None,
            "next_seen_at": iso(next_at) if next_at and not is_removal else None,
            "next_removed_at": iso(next_at) if next_at and is_removal else None,
            "removed_at": iso(standing.removed_at) if standing and standing.removed_at else None,
            "rests_on": self.rests_on,
        }


def _fetched_at(capture: CaptureRef) -> datetime:
    """Give when we fetched it; the Archive's captures are of the time when it saw them."""
    return capture.at if capture.via == "agency" else layout.written_at(capture.key)


def end_of_day(asked: Time) -> datetime:
    """Read a date as its end in UTC, and a time as it is given (UTC where it names no zone).

    Raises:
        ValueError: it is neither, or lies in UTC before the year 1 or after 9999.
    """
    at = _parsed(asked) if isinstance(asked, str) else asked
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max, UTC)
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{asked} is out of the calendar in UTC") from error


def _parsed(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def of(
    source: str,
    version: Version,
    standing: Standing | None = None,
    rests_on: str | None = None,
) -> Chosen:
    """Choose a version at hand."""
    document = version.document
    return Chosen(
        source=source,
        edition=document.edition,
        version=version,
        document=document,
        standing=standing,
        rests_on=rests_on,
    )


def choose(manifest: Manifest, edition: str, asked: Asked) -> Chosen:
    """Find one version of an edition that is held, in the index of what was known.

    Raises:
        NotHeldError: there is none such; says which there are.
        ValueError: `as_of` is no time.
    """
    digest = asked.get("digest")
    if digest is not None:
        return _by_digest(manifest, edition, digest)
    versions = manifest.versions(edition)
    number = asked.get("number")
    if number is not None:
        if not 1 <= number <= len(versions):
            held = [str(each.number) for each in versions] or _aside(manifest, edition)
            raise NotHeldError(f"version {number} of {manifest.source} {edition}", held)
        return of(manifest.source, versions[number - 1])
    as_of = asked.get("as_of")
    at = EVER if as_of is None else end_of_day(as_of)
    standing = manifest.as_of(edition, at)
    if standing is None:
        written = _apart(at, [v.first_seen for v in versions])
        then = "" if as_of is None else f" as of {at:{written}}"
        named = f"{manifest.source} {edition}{then}"
        held = [f"version {v.number}, first seen {v.first_seen:{written}}" for v in versions]
        if not versions:
            raise NotHeldError(f"a version of {named}", _aside(manifest, edition))
        raise NotHeldError(named, held)
    version = next(v for v in versions if v.document.digest == standing.digest)
    rests_on = grounds.told(manifest, edition, standing)
    return of(manifest.source, version, standing, rests_on)


def without_bytes(chosen: Chosen, versions: tuple[Version, ...]) -> NotHeldError:
    """Say that only sightings of a version are known, and how the newest is had that is whole.

    Args:
        chosen: what was asked for.
        versions: all of its edition, as numbered where nothing is asked about a time.
    """
    held = ["only sightings of it (nobody fetched its bytes in time)"]
    whole = [each for each in versions if each.document.captures]
    if whole:
        number, seen = whole[-1].number, f"last seen {whole[-1].last_seen:%Y-%m-%d}"
        command = f"recordkeep get {chosen.source} {chosen.edition} --version {number}"
        held.append(f"version {number} whole, {seen}: {command}")
    named = f"{chosen.source} {chosen.edition} {chosen.document.digest[:_SHOWN]}…"
    return NotHeldError(f"the original of {named}", held)


def _apart(at: datetime, others: list[datetime]) -> str:
    """Give the shortest of the ways to write times in which one does not look like the others."""
    *shorter, longest = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"
    looks = (way for way in shorter if f"{at:{way}}" not in {f"{each:{way}}" for each in others})
    return next(looks, longest)


def _aside(manifest: Manifest, edition: str) -> list[str]:
    """Name what is held of an edition that has no versions; by digest it can be had."""
    return [f"{each.status} document {each.digest}" for each in manifest.by_edition[edition]]


def _by_digest(manifest: Manifest, edition: str, digest: str) -> Chosen:
    documents = manifest.by_edition[edition]
    found = [d for d in documents if d.digest.startswith(digest.lower())]
    if len(found) != 1 or len(digest) < _DIGEST_START:
        held = [each.digest for each in documents]
        raise NotHeldError(f"digest {digest or repr(digest)} of {manifest.source} {edition}", held)
    numbered = {v.document.digest: v for v in manifest.versions(edition)}
    return Chosen(
        source=manifest.source,
        edition=edition,
        version=numbered.get(found[0].digest),
        document=found[0],
        standing=None,
    )
