"""A source's datasets, made from its index and tables, and put where they differ."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from storage import layout
from storage.about import About
from storage.datasets import dictionary, index, rolling, rows
from storage.datasets.arrow import parquet_file, release
from storage.datasets.columns import flat
from storage.datasets.database import Database
from storage.datasets.package import Sheet, package
from storage.datasets.sheets import csv_file
from storage.datasets.spool import Spool
from storage.ledger import Manifest, Version
from storage.model import Json
from storage.objects import Objects, read_verified

PACKAGE = "datapackage.json"
_REFERS = {"edition": "editions", "digest": "versions"}
_INDEX = {
    "editions": ("Every edition that is held.", "edition"),
    "versions": ("Every version of every edition.", "digest"),
    "notices": ("What the agency said on its listing pages.", None),
}


@dataclass(frozen=True, slots=True)
class Datasets:
    """What the datasets of one source are made from."""

    objects: Objects
    manifest: Manifest
    about: About
    state: str

    def write(self) -> list[str]:
        """Make all files aside, and put those that are not held as they are; give their keys."""
        with tempfile.TemporaryDirectory(prefix="recordkeep-") as name:
            folder = Path(name)
            made = folder / "made"
            made.mkdir()
            with ExitStack() as open_files:
                spools = self._spools(folder, open_files)
                sheets = [self._sheet(table, spool) for table, spool in spools.items()]
                _write_files(self.about.source, made, sheets, spools)
            release()  # to the web pages, which are written next
            at = self._changed_on()
            is_rolling = any(c.name == "last_version" for s in sheets for c in s.columns)
            told = dictionary.dictionary(self.about, sheets, rolling=is_rolling)
            (made / "DICTIONARY.md").write_bytes(told)
            (made / "CITATION.cff").write_bytes(dictionary.citation(self.about, at=at))
            described = package(self.about, sheets, made, state=self.state, at=at)
            (made / PACKAGE).write_bytes(described)
            return self._put(made)

    def _spools(self, folder: Path, open_files: ExitStack) -> dict[str, Spool]:
        """Set aside the index's rows and, version by version, all records."""
        spools: dict[str, Spool] = {}

        def spool(table: str) -> Spool:
            if table not in spools:
                layout.dataset(self.about.source, f"{table}.csv")
                path = folder / f"{len(spools)}.jsonl"
                spools[table] = open_files.enter_context(Spool(path))
            return spools[table]

        spool("editions").add(index.editions(self.manifest))
        spool("versions").add(index.versions(self.manifest))
        spool("notices").add(index.notices(self.manifest))
        for table in self.about.keys:
            spool(_named(table))
        for table, told in self._records():
            spool(_named(table)).add(told)
        return {name: each for name, each in spools.items() if each.columns}

    def _records(self) -> Iterator[tuple[str, Iterator[Json]]]:
        for edition in self.manifest.by_edition:
            versions = [v for v in self.manifest.versions(edition) if v.document.table]
            if rolling.is_rolling(versions):
                begun = rolling.runs(versions)
                fresh = [version for version in versions if begun[version.number]]
                for version in fresh:
                    yield from rolling.told(version, self._reading(version), begun[version.number])
                continue
            for version in versions:
                reading = self._reading(version)
                for table in reading["tables"]:
                    yield table, rows.rows(version, reading, table)

    def _reading(self, version: Version) -> Json:
        table = version.document.table
        if table is None:
            raise ValueError(f"{version.document.digest} has no records")
        body, _ = read_verified(self.objects, table.key, self.manifest.facts[table.key])
        reading: Json = json.loads(body)
        return reading

    def _sheet(self, table: str, spool: Spool) -> Sheet:
        title, key = _INDEX.get(table, (f"Records of {self.about.title}: {table}.", None))
        columns = spool.columns
        names = {column.name for column in columns}
        refers = {c: t for c, t in _REFERS.items() if c in names and t != table and c != key}
        # Editions name their latest version, and versions their edition: a circle of which a
        # database needs but one half.
        refers = {} if table == "editions" else refers
        return Sheet(
            name=table, title=title, columns=columns, count=spool.count, key=key, refers=refers
        )

    def _changed_on(self) -> str:
        """Give the day on which something last came, changed or went."""
        spans = [span for told in self.manifest.timelines.values() for span in told]
        seen = [span.first for span in spans if span.state != "missing"]
        return f"{max(seen):%Y-%m-%d}" if seen else "1970-01-01"

    def _put(self, made: Path) -> list[str]:
        """Put what is not held as it is; the package last, which vouches for the rest."""
        written = []
        for path in sorted(made.iterdir(), key=lambda each: (each.name == PACKAGE, each.name)):
            key = layout.dataset(self.about.source, path.name)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if not _is_held(self.objects, key, digest, path.stat().st_size):
                self.objects.put(key, path, sha256=digest)
                written.append(key)
        return written


def _named(table: str) -> str:
    """Name a table of records so that it is none of the index's."""
    return f"{table}_records" if table in _INDEX else table


def _write_files(
    source: str, made: Path, sheets: Sequence[Sheet], spools: Mapping[str, Spool]
) -> None:
    """Write every table as CSV and Parquet and into the database, each row read once."""
    with Database(made / f"{source}.sqlite") as database:
        for sheet in sheets:
            columns = sheet.columns
            write = database.table(sheet.name, columns, key=sheet.key, refers=sheet.refers)
            with (
                csv_file(made / f"{sheet.name}.csv", columns) as write_csv,
                parquet_file(made / f"{sheet.name}.parquet", columns) as write_parquet,
            ):
                for batch in spools[sheet.name].batches():
                    write_parquet(batch)
                    told = flat(columns, batch)
                    write(told)
                    write_csv(told)
            database.make_searchable(sheet.name, columns)
            if any(column.name == "last_version" for column in columns):
                database.view_by_version(sheet.name)


def _is_held(objects: Objects, key: str, sha256: str, size_bytes: int) -> bool:
    held = objects.find(key)
    if held is None or held.size_bytes != size_bytes:
        return False
    if held.sha256:
        return held.sha256 == sha256
    with objects.open(key) as file:
        found = hashlib.sha256()
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest() == sha256
