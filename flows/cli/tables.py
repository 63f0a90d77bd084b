"""Records and listings on standard output: as a table, JSON, CSV or Parquet."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from flows.cli.output import binary_out, failed, print_json, print_table, show
from storage.model import Json

if TYPE_CHECKING:  # it takes half a second to import, which --help need not wait for
    from storage.catalogue import Catalogue, Chosen
    from storage.differences import Difference

_PLACES = ("cells", "page", "boxes")
_LONG = re.compile(
    r"(?P<digest>[0-9a-f]{12})[0-9a-f]{52}|(?P<day>[0-9-]{10})T(?P<time>[0-9:]{5}).*Z"
)
"""What a table shows cut, since people need no more: digests (12 digits name a document) and
times (to the minute, UTC). JSON has them whole."""


def listing(rows: Sequence[Json], *, as_json: bool) -> None:
    """Print a listing: one JSON list, or a table with the same columns."""
    if as_json:
        print_json(rows)
        return
    columns = list(rows[0]) if rows else []
    print_table(columns, [[_shown(row[column]) for column in columns] for row in rows])


def _shown(value: object) -> str:
    if isinstance(value, str) and (cut := _LONG.fullmatch(value)):
        return cut["digest"] or f"{cut['day']} {cut['time']}"
    if isinstance(value, dict):
        if {"start", "end"} == value.keys():
            return f"{value['start']} to {value['end']}"
        return counts(value)
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def counts(value: Json) -> str:
    """Write counts in a line: `10 issued, 206 declined`."""
    return ", ".join(f"{number} {name}" for name, number in value.items())


def describe(described: Json) -> None:
    """Print what was written, a line each; of a text with several, each in its place."""
    for name, value in described.items():
        if value is not None:
            first, *others = str(value).split("\n")
            show(f"{name:>14}  {first}")
            for other in others:
                show(f"{'':>14}  {other}")


def pick(tables: Iterable[str], table: str | None) -> str:
    """Give the table that is meant; wrong usage (exit 2) where several could be."""
    names = list(tables)
    if table is None and len(names) > 1:
        failed(f"which table? give --table {', --table '.join(names)}", code=2)
    if not names or table not in {None, *names}:
        named = f"table {table}" if table else "table"
        failed(f"there is no {named}; there are: {', '.join(names) or 'none'}", code=3)
    return table or names[0]


def pour(held: "Catalogue", chosen: "Chosen", into: BinaryIO) -> None:
    """Write an original to a stream that cannot be rewound, only after it was verified whole."""
    import shutil  # noqa: PLC0415 - only this rare path needs these
    import tempfile  # noqa: PLC0415 - the same

    from storage.files import passing  # noqa: PLC0415 - the same

    with tempfile.TemporaryDirectory(prefix="recordkeep-") as folder:
        path = Path(folder) / "original"
        with passing(path) as whole:
            held.copy(chosen, whole)
        with path.open("rb") as whole:
            shutil.copyfileobj(whole, into)


def line(row: Json) -> str:
    """Write a record in a line: its typed fields that are not blank; its cells if all are."""
    told = [value for name, value in row.items() if name not in _PLACES and value is not None]
    told = told or [text for text in row["cells"].values() if text]
    return " | ".join("; ".join(each) if isinstance(each, list) else str(each) for each in told)


def write(rows: Sequence[Json], form: str) -> None:
    """Print records on standard output as `json`, `csv` or `parquet`."""
    if form == "json":
        print_json(rows)
    elif form == "csv":
        _csv(rows)
    else:
        _parquet(rows)


def _csv(rows: Sequence[Json]) -> None:
    """Print typed fields and the page; what is printed raw stands in JSON and Parquet."""
    from storage.datasets.columns import JSON, columns, flat  # noqa: PLC0415 - pydantic, see above
    from storage.datasets.sheets import sheet  # noqa: PLC0415 - the same

    told = [column for column in columns(rows) if column.name not in JSON]
    if told:
        sheet(sys.stdout, told)(flat(told, rows))


def _parquet(rows: Sequence[Json]) -> None:
    from storage.datasets.arrow import parquet  # noqa: PLC0415 - pyarrow takes half a second to import

    if sys.stdout.isatty():
        failed("Parquet is not for a terminal: send it to a file, as > records.parquet", code=2)
    with os.fdopen(binary_out(), "wb") as file:
        parquet(rows, file)


def show_difference(table: str, difference: "Difference") -> None:
    """Print which records of a table differ, a line each."""
    numbers = (len(difference.added), len(difference.removed), len(difference.changed))
    show(f"{table}: {numbers[0]} added, {numbers[1]} removed, {numbers[2]} changed")
    lines = [("+", line(row)) for row in difference.added]
    lines += [("-", line(row)) for row in difference.removed]
    for change in difference.changed:
        fields = [f"{field}: {was} → {now}" for field, (was, now) in change.fields.items()]
        lines.append(("~", f"{line(change.after)}   [{'; '.join(fields)}]"))
    for mark, told in lines:
        show(f"  {mark} {told}")
