"""A whole report: its sections, the tables in them under their names, and which say "none"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from scrapers.cells import plain
from scrapers.errors import RefusedError
from scrapers.pdf import Document
from scrapers.reports import beyond, columns, furniture, joining, sections, sheets, titles
from scrapers.reports.furniture import Sheet
from scrapers.reports.lines import Line, is_mark
from scrapers.reports.meanings import Shape, shape_of, titled
from scrapers.reports.records import Named
from scrapers.reports.sections import Section
from scrapers.reports.tables import Piece, Table
from storage.model import Box, Check

APART = 2.0
"""Font sizes between two words of one line, which no sentence leaves: they are of two cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What stands in a document."""

    front: tuple[Line, ...]
    """What stands before the first section."""
    sections: tuple[Section, ...]
    tables: tuple[Named, ...]
    """In the document's order, each name once."""
    empty: frozenset[str]
    """Names of the tables of which a sentence says that there is nothing to list."""
    blank: tuple[int, ...] = ()
    """Pages that show nothing at all, not even their numbers: what they held may be lost."""

    @property
    def front_text(self) -> str:
        """What stands before the first section, as one text."""
        return " ".join(line.text for line in self.front)

    def text_of(self, name: str, shapes: Sequence[Shape]) -> str:
        """The titles and the text outside of tables of the sections that speak of a table."""
        return " ".join(
            f"{section.title}. {section.text}"
            for section in self.sections
            if (shape := titled(section.title, shapes)) and shape.name == name
        )


def read(
    document: Document,
    shapes: Sequence[Shape],
    *,
    subject: re.Pattern[str],
    none: re.Pattern[str],
) -> Report:
    """Read a document whose sections hold tables of known shapes.

    Args:
        document: the PDF.
        shapes: the tables that there may be.
        subject: found in the text of the first pages (as `plain`) of any such report.
        none: found in a section's text (as `plain`) where that says that there is nothing.

    Raises:
        RefusedError: it is about something else, pages are missing, words are left over or
            run off a page, or a section has neither a table nor a sentence that says that there
            is none.
    """
    every = sheets.read(document, subject)
    blank = tuple(sheet.number for sheet in every if not (sheet.lines or sheet.pieces))
    pages = furniture.without_furniture(every, titles.is_title)
    beyond.refuse_cut_off(pages)
    front, found = sections.split(sections.flow(pages), shapes)
    if not found:
        raise RefusedError("unrecognised-layout", "no section has a title that is known")
    drawn = {sheet.number: sheet for sheet in pages}
    tables: list[Named] = []
    empty: set[str] = set()
    for section in found:
        own = _tables(section, shapes, drawn)
        shape = titled(section.title, shapes)
        if shape and not own:
            _refuse_silent(section, none)
            empty.add(shape.name)
        for table in own:
            _file(tables, table, section, shapes)
    shown = tuple(_displayed(named, pages) for named in tables)
    return Report(front=front, sections=found, tables=shown, empty=frozenset(empty), blank=blank)


def _displayed(named: Named, pages: Sequence[Sheet]) -> Named:
    """Tell the places of a table's rows as the pages are displayed."""
    rows = tuple(
        replace(
            row,
            boxes=tuple(
                Box(page=box.page, box=pages[box.page - 1].displayed(box.box)) for box in row.boxes
            ),
        )
        for row in named.table.rows
    )
    return replace(named, table=replace(named.table, rows=rows))


def _tables(
    section: Section, shapes: Sequence[Shape], drawn: Mapping[int, Sheet]
) -> tuple[Table, ...]:
    """Read the tables of a section: ruled ones, else those that white space makes."""
    pieces = [item for item in section.items if isinstance(item, Piece)]
    if pieces:
        _refuse_left_over(section)
        return joining.join(pieces, section.title, shapes)
    unruled = columns.pieces(section.lines, section.title, shapes, drawn)
    return joining.join(unruled, section.title, shapes)


def _refuse_left_over(section: Section) -> None:
    """Refuse lines that look like a table's rows, beside ruled tables."""
    for line in section.lines:
        pairs = pairwise(line.words[is_mark(line.words[0].text) :])
        if any(right.x0 - left.x1 > APART * left.size for left, right in pairs):
            detail = f"“{line.text}” looks like a table's row and stands outside all cells"
            raise RefusedError("unrecognised-layout", detail, page=line.page)


def _refuse_silent(section: Section, none: re.Pattern[str]) -> None:
    """Refuse a section that has no table and does not say that there is none."""
    if not none.search(plain(f"{section.title} {section.text}")):
        detail = (
            f"“{section.title}” has neither a table nor a sentence that says that there is none"
        )
        raise RefusedError("unrecognised-layout", detail, page=section.page)


def _file(tables: list[Named], table: Table, section: Section, shapes: Sequence[Shape]) -> None:
    """Name a table; one with the same columns as another of its name goes on with that."""
    shape = shape_of(table.headings, section.title, shapes)
    by_title = titled(section.title, shapes)
    name = shape.name if shape else by_title.name if by_title else f"section_{section.number}"
    for at, before in enumerate(tables):
        if before.name == name and _is_alike(before, table, shape):
            rows = before.table.rows + table.rows
            bands = before.table.bands + table.bands
            totals = before.table.totals + table.totals
            whole = replace(before.table, rows=rows, bands=bands, totals=totals)
            tables[at] = replace(before, table=whole)
            return
    taken = sum(before.name.startswith(name) for before in tables)
    own = f"{name}_{taken + 1}" if taken else name
    tables.append(Named(name=own, shape=shape, table=table, title=section.title))


def _is_alike(before: Named, table: Table, shape: Shape | None) -> bool:
    """Whether a table has the columns of another."""
    if shape and before.shape is shape:
        return shape.fields(before.table.headings) == shape.fields(table.headings)
    return shape is before.shape and [*map(plain, before.table.headings)] == [
        *map(plain, table.headings)
    ]


def checks(report: Report, shapes: Sequence[Shape]) -> tuple[Check, ...]:
    """Check that every kind of table is there, of a known shape, under a title that says so."""
    there = {named.name for named in report.tables} | report.empty
    missing = [shape.name for shape in shapes if shape.name not in there]
    unknown = [named.name for named in report.tables if not named.shape]
    astray = [
        named.name
        for named in report.tables
        if (by_title := titled(named.title, shapes)) and named.shape not in (None, by_title)
    ]
    numbers = [section.number for section in report.sections]
    lost = [str(number) for number in range(1, max(numbers)) if number not in numbers]
    return (
        *([_none("sections numbered without a gap", lost)] if lost else []),
        *([_none("pages all show something", [*map(str, report.blank)])] if report.blank else []),
        _none("sections are all there", missing),
        _none("tables have a known shape", unknown),
        _none("tables agree with their sections' titles", astray),
    )


def _none(name: str, wrong: Sequence[str]) -> Check:
    """Check that nothing is wrong; names what is."""
    return Check(name=name, passed=not wrong, expected=None, found="; ".join(wrong) or None)
