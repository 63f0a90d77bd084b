"""The read side, for researchers: what is held, the originals, the records; verified on each read.

catalogue = Catalogue(open_store("archive"))
version = catalogue.choose("ice_ddor", "2017-01-28", as_of=end_of_day("2017-03-25"))
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import BinaryIO

from storage import facts, layout
from storage.differences import Difference, tables
from storage.documents import DocumentEntry, Table
from storage.errors import NotHeldError
from storage.ledger import Manifest, Version
from storage.model import Json, iso
from storage.objects import Objects, copy_verified, read_verified
from storage.timeline import Standing

_DIGEST_START = 8
"""Digits of a digest that are enough to name a document."""


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

    @property
    def key(self) -> str:
        """Key of the original."""
        return layout.raw(self.source, self.document.digest, self.document.ext)

    def to_json(self) -> Json:
        """Shape: what a citation needs: number, digest, address, sightings."""
        standing, captures = self.standing, self.document.captures
        return {
            "source": self.source,
            "edition": self.edition,
            "version": self.version.number if self.version else None,
            "status": self.document.status,
            "digest": self.document.digest,
            "size_bytes": self.document.size_bytes,
            "url": self.document.url,
            "fetched_at": iso(captures[0].at) if captures else None,
            "seen_at": iso(standing.seen_at) if standing else None,
            "next_seen_at": iso(standing.next_seen_at)
            if standing and standing.next_seen_at
            else None,
            "removed_at": iso(standing.removed_at) if standing and standing.removed_at else None,
        }


def end_of_day(text: str) -> datetime:
    """Read a date as its end in UTC, and a time as it is given (UTC where it names no zone).

    Raises:
        ValueError: it is neither.
    """
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError:
        parsed = datetime.fromisoformat(text)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


class Catalogue:
    """What a store holds. It writes nothing, and needs neither Prefect nor the scrapers."""

    def __init__(
        self, objects: Objects, *, manifests: Mapping[str, Manifest] | None = None
    ) -> None:
        """Read from a store, as `storage.stores.open_store` opens it.

        Args:
            objects: the store.
            manifests: source -> its index, for those who have newer ones than are stored.
        """
        self.objects = objects
        self.warnings: list[str] = []
        """What was found wrong on the way and could be helped, as a deleted object."""
        self._manifests = dict(manifests or {})

    def sources(self) -> list[str]:
        """Name the sources of which something is held."""
        keys = [entry.key for entry in self.objects.list("manifests/")]
        return [key.removeprefix("manifests/").removesuffix(".json") for key in keys]

    def manifest(self, source: str) -> Manifest:
        """Give a source's index.

        Raises:
            NotHeldError: nothing of that source is held.
            FixityError: the index is damaged; `recordkeep verify --repair` folds it anew.
        """
        if source not in self._manifests:
            found = facts.held(self.objects, source)
            if not found.facts:
                raise NotHeldError(f"source {source}", self.sources())
            self._manifests[source] = found
        return self._manifests[source]

    def versions(self, source: str, edition: str) -> tuple[Version, ...]:
        """Give an edition's versions, first to last.

        Raises:
            NotHeldError: no such edition is held; says which are.
        """
        manifest = self.manifest(source)
        if edition not in manifest.by_edition:
            raise NotHeldError(f"{source} edition {edition}", list(manifest.by_edition))
        return manifest.versions(edition)

    def choose(
        self,
        source: str,
        edition: str,
        *,
        number: int | None = None,
        as_of: datetime | None = None,
        digest: str | None = None,
    ) -> Chosen:
        """Find one version: by number, by time, or by digest; else what the agency last showed.

        Raises:
            NotHeldError: there is none such; says which there are.
        """
        versions = self.versions(source, edition)
        if digest:
            return self._by_digest(source, edition, digest)
        if number is not None:
            if not 1 <= number <= len(versions):
                held = [str(each.number) for each in versions]
                raise NotHeldError(f"version {number} of {source} {edition}", held)
            version = versions[number - 1]
            return _chosen(source, edition, version, None)
        standing = self.manifest(source).as_of(edition, as_of or datetime.max.replace(tzinfo=UTC))
        if standing is None:
            asked = f"{source} {edition} as of {as_of:%Y-%m-%d}" if as_of else f"{edition}"
            held = [f"version {v.number}, first seen {v.first_seen:%Y-%m-%d}" for v in versions]
            raise NotHeldError(asked, held)
        version = next(v for v in versions if v.document.digest == standing.digest)
        return _chosen(source, edition, version, standing)

    def _by_digest(self, source: str, edition: str, digest: str) -> Chosen:
        manifest = self.manifest(source)
        documents = manifest.by_edition[edition]
        found = [d for d in documents if d.digest.startswith(digest.lower())]
        if len(found) != 1 or len(digest) < _DIGEST_START:
            held = [each.digest for each in documents]
            raise NotHeldError(f"digest {digest} of {source} {edition}", held)
        numbered = {v.document.digest: v for v in manifest.versions(edition)}
        version = numbered.get(found[0].digest)
        return Chosen(
            source=source, edition=edition, version=version, document=found[0], standing=None
        )

    def original(self, chosen: Chosen, into: BinaryIO) -> None:
        """Write the original's bytes into an empty file, verified against their digest.

        Raises:
            NotHeldError: only sightings of it are known, and no bytes.
            FixityError: no version of the object has that digest any more.
            MissingError: it is not there at all.
        """
        if not chosen.document.captures:
            raise NotHeldError(
                f"the original of {chosen.source} {chosen.edition} {chosen.document.digest[:12]}…",
                ["only sightings of it; nobody fetched its bytes in time"],
            )
        warning = copy_verified(self.objects, chosen.key, chosen.document.digest, into)
        self.warnings += [warning] if warning else []

    def reading(self, chosen: Chosen) -> Json:
        """Give what was read from a version, as `extract --json` prints it.

        Raises:
            NotHeldError: nothing was read from it; says why.
            FixityError: the table is not as it was filed.
        """
        table = chosen.document.table
        if table is None:
            why = [f"it is {chosen.document.status}"]
            raise NotHeldError(f"a table of {chosen.source} {chosen.edition}", why)
        return self.table(chosen.source, table)

    def table(self, source: str, table: Table) -> Json:
        """Give one reading, current or not, as `extract --json` prints it.

        Raises:
            FixityError: it is not as it was filed.
        """
        recorded = self.manifest(source).facts[table.key]
        body, warning = read_verified(self.objects, table.key, recorded)
        self.warnings += [warning] if warning else []
        reading: Json = json.loads(body)
        return reading

    def diff(self, before: Chosen, after: Chosen) -> Mapping[str, Difference]:
        """Say which records differ between two versions, table by table.

        Raises:
            NotHeldError: one of them has no records.
            FixityError: a table is not as it was filed.
        """
        old, new = self.reading(before), self.reading(after)
        return tables(old["tables"], new["tables"], new["keys"])

    def save(self, chosen: Chosen, path: Path) -> None:
        """Write the original to a file, which appears only when it is whole and verified.

        Raises:
            FixityError, MissingError: as `original`; no file is left behind.
            OSError: the file cannot be written.
        """
        aside = path.with_name(f"{path.name}.part")
        try:
            with aside.open("w+b") as file:
                self.original(chosen, file)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def _chosen(source: str, edition: str, version: Version, standing: Standing | None) -> Chosen:
    return Chosen(
        source=source,
        edition=edition,
        version=version,
        document=version.document,
        standing=standing,
    )
