"""From a table's rows to records: typed fields by the meaning of the headings, cells as printed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from scrapers.cells import count, plain, starts_with_bullet, with_bullets
from scrapers.reports.joining import is_subtotal
from scrapers.reports.meanings import Shape
from scrapers.reports.tables import CellText, Row, Table
from storage.model import Check, FieldValue, Record

NUMBERS = {"no", "#", "row", "row no", "item", "item no", "number", "nr", "seq", "line"}
"""Headings (as `plain`) of columns that number the rows."""
_MIDWAY = re.compile(r"[a-zß-ÿ]")
Typed = Callable[[Mapping[str, str]], dict[str, FieldValue]]
"""Makes a record's typed fields of the cell texts of the known columns, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A table under its name in the reading, with the shape that its headings have, if any."""

    name: str
    shape: Shape | None
    table: Table
    title: str
    """Of the section that it stands in."""


def keys(headings: Sequence[str]) -> tuple[str, ...]:
    """Name the columns by their headings as printed; a blank one by its place, twins by count."""
    found: list[str] = []
    for at, heading in enumerate(headings, start=1):
        name, twin = heading or f"column {at}", 2
        while name in found:
            name, twin = f"{heading or f'column {at}'} ({twin})", twin + 1
        found.append(name)
    return tuple(found)


def tables(
    found: Sequence[Named], fields: Mapping[str, Sequence[str]], typed: Mapping[str, Typed]
) -> dict[str, tuple[Record, ...]]:
    """Make records of all tables; those of `fields` that were not found are empty.

    Args:
        found: the tables.
        fields: every field of a record, by the name of its table's shape.
        typed: makes the fields of the cell texts, by the same name.
    """
    made: dict[str, tuple[Record, ...]] = dict.fromkeys(fields, ())
    for named in found:
        name = named.shape.name if named.shape else named.name
        made[named.name] = records(named, fields.get(name, ()), typed.get(name, dict))
    return made


def records(named: Named, fields: Sequence[str], typed: Typed) -> tuple[Record, ...]:
    """Make records of a table's rows.

    Args:
        named: the table.
        fields: every field of such a record; None where no column has it, or a blank one.
        typed: makes the fields of the cell texts.
    """
    table, columns = named.table, _columns(named)
    names = keys(table.headings)
    found = []
    for row in table.rows:
        texts = cell_texts(row)
        known = {field: text for field, text in zip(columns, texts, strict=True) if field}
        values = typed(known) if named.shape else {}
        found.append(
            Record(
                fields={field: _filled(values.get(field)) for field in fields},
                cells=dict(zip(names, texts, strict=True)),
                boxes=row.boxes,
            )
        )
    return tuple(found)


def _filled(value: FieldValue) -> FieldValue:
    """A value, or None for one that is blank; a count of 0 is a value."""
    return None if value in ("", ()) else value


def cell_texts(row: Row) -> tuple[str, ...]:
    """The texts of a row's cells, bullets as `• `."""
    return tuple(with_bullets(cell.lines, cell.text, cell.lefts) for cell in row.cells)


def _columns(named: Named) -> tuple[str | None, ...]:
    """The field of each column."""
    headings = named.table.headings
    return named.shape.fields(headings) if named.shape else (None,) * len(headings)


def checks(named: Named) -> tuple[Check, ...]:
    """Check that every column is known, every value typed, every row whole and named."""
    table, columns = named.table, _columns(named)
    unknown = [key for key, field in zip(keys(table.headings), columns, strict=True) if not field]
    known = Check(
        name=f"{named.name} columns known",
        passed=not unknown,
        expected=None,
        found="; ".join(unknown) or None,
    )
    rows = (
        _rows(f"{named.name} values typed", table, lambda row: not _untyped(row, columns, named)),
        _rows(f"{named.name} rows not merged", table, lambda row: not row.is_merged),
    )
    bands = [text for band in table.bands for text in band.texts if text]
    apart = Check(
        name=f"{named.name} without captions between rows",
        passed=not bands,
        expected=None,
        found="; ".join(bands) or None,
    )
    own = (*_totalled(table), *_numbered(table, columns), *_torn(table))
    named_own = (replace(check, name=f"{named.name} {check.name}") for check in own)
    return (known, *rows, *_keyed(named, columns), *((apart,) if bands else ()), *named_own)


def _totalled(table: Table) -> Iterator[Check]:
    """Hold the rows that add the others up against these: sums of figures, else their number."""
    columns = [*zip(*(row.texts for row in table.rows), strict=True)]
    for at, texts in enumerate(columns):
        figures = [figure for text in texts if (figure := count(text)) is not None]
        is_summed = len(figures) == sum(map(bool, texts))
        due = sum(figures) if is_summed else len(texts)
        subs = [row.texts[at] for row in table.totals if is_subtotal(row)]
        wholes = [row.texts[at] for row in table.totals if not is_subtotal(row)]
        printed = [known for text in wholes if (known := count(text)) is not None]
        parts = [known for text in subs if (known := count(text)) is not None]
        for total in (*printed, *([sum(parts)] if parts and is_summed else ())):
            name = f"total of “{table.headings[at]}” = printed total row"
            yield Check(name=name, passed=total == due, expected=total, found=due)


def _numbered(table: Table, columns: Sequence[str | None]) -> Iterator[Check]:
    """Check that rows which the table itself numbers follow one another: none is lost."""
    for at, (heading, field) in enumerate(zip(table.headings, columns, strict=True)):
        if field is None and plain(heading).rstrip(".") in NUMBERS:
            numbers = [count(row.texts[at]) for row in table.rows]
            pairs = enumerate(pairwise(numbers), start=2)
            wrong = tuple(row for row, (a, b) in pairs if a is None or b != a + 1)
            name = f"rows numbered without a gap in “{heading}”"
            yield Check(name=name, passed=not wrong, expected=0, found=len(wrong), rows=wrong)


def _torn(table: Table) -> Iterator[Check]:
    """Name the rows of which a list goes on in the middle of an entry that begins in no cell.

    Where neither rules nor space part the rows, a line may go to the neighbour's list.
    """
    for at, heading in enumerate(table.headings):
        cells = [row.cells[at] for row in table.rows]
        is_listed = 2 * sum(any(map(starts_with_bullet, c.lines)) for c in cells) > len(cells)
        rows = [n for n, cell in enumerate(cells, start=1) if _is_torn(cell)]
        if is_listed and rows:
            name = f"lists in “{heading}” begin with an entry"
            yield Check(name=name, passed=False, expected=0, found=len(rows), rows=tuple(rows))


def _is_torn(cell: CellText) -> bool:
    """Whether a cell begins with the rest of an entry, and has other entries after it."""
    is_rest = bool(_MIDWAY.match(cell.text)) and not starts_with_bullet(cell.text)
    return is_rest and any(map(starts_with_bullet, cell.lines[1:]))


def _keyed(named: Named, columns: Sequence[str | None]) -> tuple[Check, ...]:
    """Check that no row lacks the cell that names it."""
    shape = named.shape
    if not shape or shape.key not in columns:
        return ()
    at = columns.index(shape.key)
    name = f"{named.name} rows have their {shape.key}"
    return (_rows(name, named.table, lambda row: bool(row.texts[at])),)


def _untyped(row: Row, columns: Sequence[str | None], named: Named) -> bool:
    """Whether a cell that must hold a date or a number holds something else."""
    shape = named.shape
    if not shape:
        return False
    pairs = zip(columns, row.texts, strict=True)
    return any(
        text and field in shape.typed and not shape.is_whole(field, text) for field, text in pairs
    )


def _rows(name: str, table: Table, is_right: Callable[[Row], bool]) -> Check:
    """Check each row of a table."""
    wrong = tuple(at for at, row in enumerate(table.rows, start=1) if not is_right(row))
    return Check(name=name, passed=not wrong, expected=0, found=len(wrong), rows=wrong)
