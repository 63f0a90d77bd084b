"""`datapackage.json` (Data Package v2): the files, what is in them, what refers where."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage.about import About
from storage.datasets.columns import Column
from storage.datasets.meanings import meaning
from storage.model import Json, canonical

PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {"integer": "integer", "list": "array", "time": "datetime"}
_JSON_TYPES = {"cells": "object", "boxes": "array"}
_MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
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
        folder: where they are.
        state: of the index they were made from.
        at: the day of the last change.
    """
    files: list[tuple[str, str, Sheet | None]] = [(s.name, "csv", s) for s in sheets]
    files += [(sheet.name, "parquet", None) for sheet in sheets]
    files.append((about.source, "sqlite", None))
    told: Json = {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": about.source.replace("_", "-"),
        "title": about.title,
        "description": f"Records of every version of “{about.title}” that is held, as printed, "
        "with where each was read. DICTIONARY.md says what the columns mean.",
        "version": at,
        "homepage": about.url,
        "contributors": [{"title": about.agency, "roles": ["publisher"]}],
        "sources": [{"title": f"{about.agency}: {about.title}", "path": about.url}],
        "state": state,
        "resources": [
            _resource(about, folder / f"{n}.{form}", form, sheet) for n, form, sheet in files
        ],
    }
    return canonical(told, sort=False)


def _resource(about: About, path: Path, form: str, sheet: Sheet | None) -> Json:
    name = path.stem if sheet else f"{path.stem}-{form}"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    told: Json = {
        "name": name.replace("_", "-").lower(),
        "path": path.name,
        "format": form,
        "mediatype": _MEDIA[form],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
    }
    if sheet is None:
        return told
    return {"type": "table", **told, "title": sheet.title, **_table(about, sheet)}


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
