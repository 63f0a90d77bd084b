"""`datapackage.json` (Data Package v2): the files, what is in them, what refers where."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage.about import About
from storage.datasets.columns import Column
from storage.datasets.meanings import meaning
from storage.model import SCHEMA, Json, canonical

PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {"integer": "integer", "list": "array", "time": "datetime"}
_JSON_TYPES = {"cells": "object", "boxes": "array"}
_MEDIA = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".md": "text/markdown",
    ".cff": "application/yaml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table as the package describes it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    count: int
    """How many rows it has."""
    key: str | None = None
    """The column that names a row."""
    refers: Mapping[str, str] = field(default_factory=dict)
    """Column -> the table to whose column of the same name it refers."""


def package(about: About, sheets: Sequence[Sheet], folder: Path, *, state: str, at: str) -> bytes:
    """Describe the files in a folder.

    Args:
        about: the series.
        sheets: its tables; `<name>.csv` and `<name>.parquet` stand in the folder, and
            `<source>.sqlite`.
        folder: where they are, and what goes with them. Files that are no plain tables stand
            under `files`, a name of ours: the standard's tools would take them for CSV.
        state: of the index they were made from.
        at: the day of the last change.
    """
    others = [f"{sheet.name}.parquet" for sheet in sheets]
    others += [f"{about.source}.sqlite", "DICTIONARY.md", "CITATION.cff"]
    told: Json = {
        "$schema": f"{PROFILES}/datapackage.json",
        "recordkeep_schema": SCHEMA,
        "name": about.source.replace("_", "-"),
        "title": about.title,
        "description": f"Records of every version of “{about.title}” that is held, as printed, "
        "with where each was read. DICTIONARY.md says what the columns mean.",
        "version": at,
        **(_origin(about) if about.agency else {}),
        "state": state,
        "resources": [_resource(about, folder, sheet) for sheet in sheets],
        "files": [_file(folder / name) for name in others],
    }
    return canonical(told, sort=False)


def _origin(about: About) -> Json:
    """Say whose reports they are, where this installation knows."""
    return {
        "homepage": about.url,
        "contributors": [{"title": about.agency, "roles": ["publisher"]}],
        "sources": [{"title": f"{about.agency}: {about.title}", "path": about.url}],
    }


def _resource(about: About, folder: Path, sheet: Sheet) -> Json:
    told: Json = {"name": sheet.name, "type": "table", "title": sheet.title}
    return {**told, **_file(folder / f"{sheet.name}.csv"), **_table(about, sheet)}


def _file(path: Path) -> Json:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    told: Json = {"path": path.name, "format": path.suffix[1:], "mediatype": _MEDIA[path.suffix]}
    return {**told, "bytes": path.stat().st_size, "hash": f"sha256:{digest}"}


def _table(about: About, sheet: Sheet) -> Json:
    schema: Json = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [_field(about, column) for column in sheet.columns],
        "missingValues": [""],
    }
    if sheet.key:
        schema["primaryKey"] = [sheet.key]
    if sheet.refers:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": table, "fields": [column]}}
            for column, table in sheet.refers.items()
        ]
    return {
        "encoding": "utf-8",
        "dialect": {"$schema": f"{PROFILES}/tabledialect.json", "lineTerminator": "\n"},
        "rows": sheet.count,
        "schema": schema,
    }


def _field(about: About, column: Column) -> Json:
    kind = _JSON_TYPES.get(column.name) or _TYPES.get(column.kind, "string")
    told: Json = {"name": column.name, "type": kind}
    if kind == "datetime":
        told["format"] = "%Y-%m-%dT%H:%M:%S.%fZ"
    return {**told, "description": meaning(about, column.name)}
