"""What goes with the tables for people: `DICTIONARY.md` and `CITATION.cff`."""

import json
import re
from collections.abc import Sequence

from storage.about import About
from storage.datasets.meanings import meaning
from storage.datasets.package import Sheet

_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
_TYPES = {
    "text": "text",
    "integer": "whole number",
    "list": "list of texts (in CSV and SQLite as JSON)",
    "json": "JSON",
    "time": "moment, UTC",
    "blank": "nothing so far",
}
_RULES = """## How to read the files

- One table per kind of record, each as CSV and Parquet; `{source}.sqlite` holds them all, with
  foreign keys and, as `<table>_fts`, full-text search. Every record of every version stands
  there: choose a version by `digest`, or what the agency last showed by joining `editions` on
  `digest`.
- A blank is a blank: nothing is filled in. What could not be typed is blank, and stands in
  `cells` as printed.
- Dates are ISO texts; a month alone is `2017-02`.
- In CSV a text that begins with `=`, `+`, `-`, `@` (of full width, too), a tab or a line end has an
  apostrophe before it, so that no spreadsheet takes it for a formula. Parquet and SQLite have the
  text as it is.
- `last_seen` is as of the last change: a week in which nothing changed rewrites nothing.
"""
_ROLLING = """- One document is replaced for ever and repeats what it said before. Records that
  stand unchanged in versions 3 to 9 are told once, with `version` 3 and `last_version` 9. What
  version 5 said is `version <= 5 AND last_version >= 5`; in SQLite `<table>_by_version` has it
  spread out. `page`, `row` and `boxes` are those of `version`.
"""


def dictionary(about: About, sheets: Sequence[Sheet], *, rolling: bool) -> bytes:
    """Write the data dictionary."""
    told = [f"# {_plain(about.title)}\n"]
    told += [f"{_plain(about.agency)}, <{about.url}>\n"] if about.agency else []
    told.append(_RULES.format(source=about.source) + (_ROLLING if rolling else ""))
    for sheet in sheets:
        told.append(f"## `{sheet.name}`\n\n{_plain(sheet.title)} {sheet.count:,} rows.\n")
        told.append("| column | type | is |\n|---|---|---|")
        told += [
            f"| `{column.name}` | {_TYPES[column.kind]} | {_cell(meaning(about, column.name))} |"
            for column in sheet.columns
        ]
        told.append("")
    return "\n".join(told).encode()


def citation(about: About, *, at: str) -> bytes:
    """Write the citation file; JSON strings are YAML, whatever stands in them."""
    message = "Cite a single report by its SHA-256 as well: a version's number may shift."
    lines = {
        "cff-version": "1.2.0",
        "type": "dataset",
        "message": message,
        "title": f"{about.title}: records of all versions held",
        "version": at,
        "date-released": at,
        "url": about.url,
    }
    told = [f"{name}: {json.dumps(value)}" for name, value in lines.items() if value]
    author = about.agency or about.title
    return "\n".join([*told, "authors:", f"  - name: {json.dumps(author)}", ""]).encode()


def _plain(text: str) -> str:
    """Keep a text from being taken for Markdown or HTML."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
