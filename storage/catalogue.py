"""The read side, for researchers: what is held, the originals, the records; verified on each read.

>>> from storage.catalogue import Catalogue
>>> archive = Catalogue("demo-archive")  # a folder, or s3://bucket/prefix
>>> archive.editions("ice_ddor")
['2017-01-28', '2017-02-04']

As of a date there are two questions. What had the agency published by then, by sightings?

>>> archive.choose("ice_ddor", "2017-01-28", as_of="2017-03-25").version.number
1

And what did this archive know by then, by its own fetches? (They differ after a backfill.)

>>> archive.editions("ice_ddor", known="2017-03-25")
['2017-01-28']

Records come as pyarrow tables, originals as bytes; a digest is checked on every read.

>>> archive.records("ice_ddor", "2017-01-28", table="declined").num_rows
197
>>> archive.records("ice_ddor", "2017-01-28", table="declined", as_of="2017-03-25").num_rows
206
>>> archive.original("ice_ddor", "2017-01-28", as_of="2017-03-25")[:5]
b'%PDF-'
>>> found = archive.diff("ice_ddor", "2017-01-28")
>>> {table: len(difference.removed) for table, difference in found.items()}
{'issued': 4, 'declined': 9, 'policies': 0}
"""

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Unpack

from storage import chosen as choosing
from storage import facts, layout
from storage.chosen import EVER, Asked, Chosen, Time, end_of_day
from storage.datasets import rows
from storage.differences import Difference, tables
from storage.documents import Table
from storage.errors import NotHeldError
from storage.files import placed
from storage.knowing import known_by
from storage.ledger import Manifest, Version
from storage.model import Json
from storage.objects import Objects, copy_verified, read_verified
from storage.stores import open_store

if TYPE_CHECKING:  # it takes half a second to import, which those who read no records need not
    from datetime import datetime

    from storage.datasets.arrow import Records

__all__ = ["Catalogue", "Chosen", "end_of_day"]


class Catalogue:
    """What a store holds. It writes nothing, and needs neither Prefect nor the scrapers.

    Wherever `as_of` is taken, it asks what the agency had published by then, as far as anybody
    saw it; `known` asks what this archive had written down by then. Both are a day (meaning its
    end in UTC) or a moment, as text or as a value; what is neither raises ValueError.
    """

    def __init__(
        self, store: Objects | Path | str, *, manifests: Mapping[str, Manifest] | None = None
    ) -> None:
        """Read from a store.

        Args:
            store: a folder, `s3://bucket/prefix`, or a store that is open already.
            manifests: source -> its index, for those who have newer ones than are stored.

        Raises:
            ValueError: that names no store.
            StoreUnreachableError: the folder is not there.
        """
        if isinstance(store, str | Path):
            store = open_store(str(store), create=False)
        self.objects = store
        self.warnings: list[str] = []
        """What was found wrong on the way and could be helped, as a deleted object."""
        self._manifests = dict(manifests or {})
        self._known: dict[tuple[str, datetime], Manifest] = {}

    def sources(self, *, known: Time | None = None) -> list[str]:
        """Name the sources of which something is held."""
        names = [layout.source(entry.key) for entry in self.objects.list("manifests/")]
        return [
            name for name in names if name and (known is None or self._manifest(name, known).facts)
        ]

    def manifest(self, source: str, *, known: Time | None = None) -> Manifest:
        """Give a source's index.

        Raises:
            NotHeldError: nothing of that source is held, or was known by then.
            FixityError: the index is damaged; `recordkeep verify --repair` folds it anew.
        """
        found = self._manifest(source, known) if layout.is_source(source) else None
        if not found or not found.facts:
            by = f" as known by {end_of_day(known):%Y-%m-%d}" if known else ""
            raise NotHeldError(f"source {source}{by}", self.sources(known=known))
        return found

    def _manifest(self, source: str, known: Time | None) -> Manifest:
        if source not in self._manifests:
            self._manifests[source] = facts.held(self.objects, source)
        now = self._manifests[source]
        if known is None:
            return now
        at = end_of_day(known)
        if (source, at) not in self._known:
            self._known[source, at] = known_by(self.objects, now, at)
        return self._known[source, at]

    def editions(
        self, source: str, *, as_of: Time | None = None, known: Time | None = None
    ) -> list[str]:
        """Name the editions, oldest first; with `as_of`, those that had been seen by then.

        Raises:
            NotHeldError: nothing of that source is held.
        """
        manifest = self.manifest(source, known=known)
        at = None if as_of is None else end_of_day(as_of)
        return [e for e in manifest.by_edition if at is None or manifest.as_of(e, at)]

    def versions(
        self, source: str, edition: str, *, as_of: Time | None = None, known: Time | None = None
    ) -> tuple[Version, ...]:
        """Give an edition's versions, first to last; with `as_of`, those seen by then.

        Raises:
            NotHeldError: no such edition is held; says which are.
        """
        manifest = self.manifest(source, known=known)
        if edition not in manifest.by_edition:
            raise NotHeldError(f"{source} edition {edition}", list(manifest.by_edition))
        at = EVER if as_of is None else end_of_day(as_of)
        return tuple(each for each in manifest.versions(edition) if each.first_seen <= at)

    def choose(self, source: str, edition: str, **asked: Unpack[Asked]) -> Chosen:
        """Find one version: by `number`, `as_of` or `digest`; else what the agency last showed.

        Raises:
            NotHeldError: there is none such; says which there are.
        """
        self.versions(source, edition, known=asked.get("known"))
        manifest = self.manifest(source, known=asked.get("known"))
        return choosing.choose(manifest, edition, asked)

    def original(self, source: str, edition: str, **asked: Unpack[Asked]) -> bytes:
        """Give the agency's bytes of one version, asked for as by `choose`, verified.

        Raises:
            NotHeldError: there is none such, or only sightings of it are known.
            FixityError, MissingError: as `copy`.
        """
        into = io.BytesIO()
        self.copy(self.choose(source, edition, **asked), into)
        return into.getvalue()

    def copy(self, chosen: Chosen, into: BinaryIO) -> None:
        """Write the original's bytes into an empty file, verified against their digest.

        Raises:
            NotHeldError: only sightings of it are known, and no bytes; says which version has them.
            FixityError: no version of the object has that digest any more.
            MissingError: it is not there at all.
        """
        if not chosen.document.captures:
            numbered = self.manifest(chosen.source).versions(chosen.edition)
            raise choosing.without_bytes(chosen, numbered)
        warning = copy_verified(self.objects, chosen.key, chosen.document.digest, into)
        self.warnings += [warning] if warning else []

    def save(self, chosen: Chosen, path: Path) -> None:
        """Write the original to a file, which appears only when it is whole and verified.

        Raises:
            FixityError, MissingError: as `copy`; no file is left behind.
            OSError: the file cannot be written.
        """
        with placed(path) as file:
            self.copy(chosen, file)

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

    def records(
        self,
        source: str,
        edition: str | None = None,
        *,
        table: str | None = None,
        every_version: bool = False,
        **asked: Unpack[Asked],
    ) -> "Records":
        """Give records as a pyarrow table, a row each, with where they come from.

        Columns: `edition`, `version`, `digest`, `first_seen`, `last_seen`, `row` (from 1, as
        `recordkeep explain --row` takes it); the fields (counts int64, dates ISO text, lists);
        `page`, `parser`, and as JSON text `cells` (the row as printed) and `boxes`.

        Args:
            source: whose.
            edition: which; None for all.
            table: which table; may be left out where there is but one.
            every_version: all versions instead of one of each edition.
            asked: which version, as of when, known when: as `choose`.

        Raises:
            NotHeldError: there is no such source, edition, version or table.
            FixityError: a table is not as it was filed.
        """
        from storage.datasets import arrow  # noqa: PLC0415 - pyarrow, see above

        as_of, known = asked.get("as_of"), asked.get("known")
        until = EVER if as_of is None else as_of
        all_seen = self.editions(source, as_of=until, known=known)
        chosen: list[Chosen] = []
        for each in all_seen if edition is None else [edition]:
            if every_version:
                told = self.versions(source, each, as_of=as_of, known=known)
                chosen += [choosing.of(source, version) for version in told]
            else:
                chosen.append(self.choose(source, each, **asked))
        name = rows.pick(chosen, table)
        return arrow.table([row for each in chosen for row in self._rows(each, name)])

    def _rows(self, chosen: Chosen, table: str) -> Iterator[Json]:
        if chosen.version and chosen.document.table:
            yield from rows.rows(chosen.version, self.reading(chosen), table)
        else:
            self.warnings.append(chosen.left_out)

    def diff(  # noqa: PLR0913 - what is compared, and as of when
        self,
        source: str,
        edition: str,
        old: int | None = None,
        new: int | None = None,
        *,
        as_of: Time | None = None,
        known: Time | None = None,
    ) -> Mapping[str, Difference]:
        """Say which records differ between two versions, table by table.

        Args:
            source: whose.
            edition: which.
            old: number of the older version; the one before `new` if left out.
            new: number of the newer one; the last one if left out.
            as_of: compare from what stood there then, instead of `old`.
            known: among what this archive knew by then.

        Raises:
            NotHeldError: one of them is not held, or has no records.
            FixityError: a table is not as it was filed.
        """
        newest = len(self.versions(source, edition, known=known))
        last = newest if new is None else new
        first = last - 1 if old is None else old
        number = first if as_of is None else None
        before = self.choose(source, edition, number=number, as_of=as_of, known=known)
        after = self.choose(source, edition, number=last, known=known)
        return self.compare(before, after)

    def compare(self, before: Chosen, after: Chosen) -> Mapping[str, Difference]:
        """Say which records differ between two versions at hand. Raises as `diff`."""
        old, new = self.reading(before), self.reading(after)
        return tables(old["tables"], new["tables"], new["keys"])
