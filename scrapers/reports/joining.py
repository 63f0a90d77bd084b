"""The pieces of a section's ruled tables joined into whole tables, over all pages."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scrapers.cells import plain
from scrapers.reports.meanings import Shape, heading_rows, is_heading, recognised, shape_of
from scrapers.reports.tables import (
    Fits,
    Piece,
    Row,
    Table,
    is_uneven,
    joined_headings,
    merged,
    over_the_break,
)

HABIT, MOST = 4, 0.75
"""Rows from which a column's habit is told, and the part of them that must have it."""
_TOTAL = re.compile(
    r"(?P<sub>sub-?)?(?:(?:grand|national|overall|report) )?totals?\b"
    r"(?:\s*[:(].*|\s+(?:detainers?|issued|declined|jurisdictions?|records?|individuals?)\b.*)?"
)


@dataclass(slots=True, kw_only=True)
class _Growing:
    """A table while its pieces are being found."""

    headings: tuple[str, ...]
    page: int
    """Where its last piece stands."""
    is_known: bool
    is_uneven: bool = False
    """Whether texts stand elsewhere than at their rows' tops, as far as it was read."""
    rows: list[Row] = field(default_factory=list)
    bands: list[Row] = field(default_factory=list)
    counted: int = 0
    """Of so many rows it is known how many texts of each column end in `)`, and are not blank."""
    closing: Counter[int] = field(default_factory=Counter)
    filled: Counter[int] = field(default_factory=Counter)

    def habits(self) -> set[int]:
        """The columns (from 0) most of whose texts end in `)`; none of a short table."""
        if len(self.rows) < HABIT:
            return set()
        for row in self.rows[self.counted : -1]:
            for at, text in enumerate(row.texts):
                self.filled[at] += bool(text)
                self.closing[at] += text.endswith(")")
        self.counted = len(self.rows) - 1  # the last row may still grow
        return {
            at
            for at, text in enumerate(self.rows[-1].texts)
            if self.closing[at] + text.endswith(")") > MOST * (self.filled[at] + bool(text))
        }

    def table(self) -> Table:
        """The table as it stands."""
        totals = tuple(row for row in self.rows if is_total(row))
        rows = tuple(row for row in self.rows if not is_total(row))
        return Table(headings=self.headings, rows=rows, bands=tuple(self.bands), totals=totals)


def is_total(row: Row) -> bool:
    """Whether a row adds the others up."""
    return adds_up(next((text for text in row.texts if text), ""))


def adds_up(text: str) -> bool:
    """Whether a row that begins with this text adds the others up."""
    return bool(_TOTAL.fullmatch(plain(text)))


def is_subtotal(row: Row) -> bool:
    """Whether a row adds some of the others up."""
    first = next((text for text in row.texts if text), "")
    found = _TOTAL.fullmatch(plain(first))
    return bool(found and found["sub"])


def join(pieces: Sequence[Piece], title: str, shapes: Sequence[Shape]) -> tuple[Table, ...]:
    """Join pieces, in reading order, into tables; a piece with other headings begins a new one."""
    found: list[_Growing] = []
    for piece in pieces:
        above, depth = _heading(piece, found[-1] if found else None, shapes)
        body = piece.rows[above + depth :]
        headings = joined_headings(piece.rows[above : above + depth]) if depth else ()
        if not found or not _goes_on(found[-1], headings, piece):
            found.append(_begin(piece, headings))
            body = body if depth else piece.rows[1:]
        _add(found[-1], piece.page, body, title, shapes)
    return tuple(growing.table() for growing in found)


def _heading(piece: Piece, before: _Growing | None, shapes: Sequence[Shape]) -> tuple[int, int]:
    """Find a piece's heading; below a table with as many columns it must be alike, or bold."""
    above, depth = heading_rows(piece.rows, shapes)
    if not before or not depth or len(before.headings) != len(piece.rows[0].cells):
        return above, depth
    rows = piece.rows[above : above + depth]
    headings = joined_headings(rows)
    is_alike = recognised(headings, shapes) >= recognised(before.headings, shapes)
    return (above, depth) if is_alike or all(row.bold for row in rows) else (0, 0)


def _begin(piece: Piece, headings: tuple[str, ...]) -> _Growing:
    """Begin a table; where no heading is known, the first row is taken for it."""
    known = headings or piece.rows[0].texts
    return _Growing(headings=known, page=piece.page, is_known=bool(headings))


def _goes_on(table: _Growing, headings: tuple[str, ...], piece: Piece) -> bool:
    """Whether a piece belongs to the table before it."""
    if len(piece.rows[0].cells) != len(table.headings):
        return False
    first = piece.rows[0].texts
    if not table.is_known and plain(" ".join(first)) == plain(" ".join(table.headings)):
        return True
    return not headings or [*map(plain, headings)] == [*map(plain, table.headings)]


def _add(
    table: _Growing, page: int, rows: Sequence[Row], title: str, shapes: Sequence[Shape]
) -> None:
    """Add a piece's rows; the first may be the rest of the last row of the page before."""
    shape = shape_of(table.headings, title, shapes)
    fits = _with_habits(fits_of(table.headings, shape), table.habits())
    key = key_of(table.headings, shape)
    is_break = page != table.page
    table.is_uneven = table.is_uneven or any(map(is_uneven, rows))
    for row in rows:
        if not any(row.texts) or is_heading(row, table.headings, shapes):
            continue
        if row.is_band:
            table.bands.append(row)
        elif (
            is_break
            and table.rows
            and not (is_total(row) or is_total(table.rows[-1]))
            and over_the_break(table.rows[-1], row, fits, key, uneven=table.is_uneven)
        ):
            table.rows[-1] = merged(table.rows[-1], row)
        else:
            table.rows.append(row)
        is_break = False
    table.page = page


def fits_of(headings: Sequence[str], shape: Shape | None) -> Fits:
    """Give what tells a whole value of each column."""
    fields = shape.fields(headings) if shape else ()

    def fits(column: int, text: str) -> bool | None:
        return shape.is_whole(fields[column], text) if shape else None

    return fits


def _with_habits(fits: Fits, habits: set[int]) -> Fits:
    """Count as whole, in a column of free text most of which ends in `)`, what ends so."""

    def known(column: int, text: str) -> bool | None:
        own = fits(column, text)
        return text.endswith(")") if own is None and column in habits else own

    return known


def key_of(headings: Sequence[str], shape: Shape | None) -> int:
    """Give the column without which a row is not one, from 0; the first where none is known."""
    fields = shape.fields(headings) if shape else ()
    return fields.index(shape.key) if shape and shape.key in fields else 0
