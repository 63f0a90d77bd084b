"""A page for each table of a version: rows to be searched, sorted, filtered and paged."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from storage.model import Json
from storage.site import addresses
from storage.site.making import Making, Subject
from storage.site.pictures import Drawn
from storage.site.rendering import clean, shown
from storage.site.rows import Places, Row, table_rows

ON_PAGE = 1000
"""So many rows stand in the page itself. What is longer comes from a file beside it, and without
scripts in parts of so many: a browser takes seconds to lay out a table of ten thousand."""
FIRST = 100
"""So many of those stand in the page all the same."""
WIDTHS = (0, 8, 12, 16, 20, 28)
"""Characters to which a column is made wide enough; the style sheet has a class for each."""
PLACES = frozenset({"cells", "page", "boxes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as shown."""

    name: str
    """The field's name; a heading as printed where nothing was typed."""
    is_number: bool
    is_cell: bool = False
    """Whether it shows the cells as printed."""
    width: int = 0
    """Characters to make room for, so that what is short stands in one line."""

    def text(self, record: Json) -> str:
        """Give what a record shows in it."""
        value = record["cells"].get(self.name) if self.is_cell else record.get(self.name)
        return shown(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A table whose page was written."""

    name: str
    key: str
    count: int


def columns(records: Sequence[Json]) -> list[Column]:
    """Give the fields that some record fills, in order; the printed cells where none does."""
    values: dict[str, list[object]] = {}
    for record in records:
        for name, value in record.items():
            if name not in PLACES and value is not None:
                values.setdefault(name, []).append(value)
    if values:
        order = dict.fromkeys(n for record in records for n in record if n in values)
        return [
            Column(name=name, is_number=True)
            if all(isinstance(value, int) for value in values[name])
            else Column(name=name, is_number=False, width=_width(map(shown, values[name])))
            for name in order
        ]
    headings = dict.fromkeys(heading for record in records for heading in record["cells"])
    printed = {h: (record["cells"].get(h, "") for record in records) for h in headings}
    return [
        Column(name=heading, is_number=False, is_cell=True, width=_width(texts))
        for heading, texts in printed.items()
    ]


def _width(texts: Iterable[str]) -> int:
    """Choose a width by the longest line; what is longer than the last is broken into lines."""
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    return next((width for width in WIDTHS if longest <= width), WIDTHS[-1])


def kinds(told: Sequence[Column]) -> list[str]:
    """Give the class of each column's cells.

    Most cells need none, since they are most of a page: where most columns are figures, the table
    is of the class `figures`, and texts are marked.
    """
    if are_figures(told):
        return ["" if column.is_number else "text" for column in told]
    return ["number" if column.is_number else "" for column in told]


def are_figures(told: Sequence[Column]) -> bool:
    """Whether most columns of a table are figures."""
    return 2 * sum(column.is_number for column in told) > len(told)


def write(making: Making, subject: Subject, reading: Json | None, drawn: Drawn) -> list[Made]:
    """Write the pages of a version's tables; say which there are.

    Args:
        making: what pages are made from.
        subject: the version.
        reading: what was read from it, if anything was.
        drawn: of which of its pages there are pictures, to which records may link.

    Raises:
        StoreUnreachableError: the store did not take one.
    """
    if reading is None:
        return []
    source, digest = making.source, subject.document.digest
    made = [
        Made(name=name, key=addresses.table(source, digest, name), count=len(records))
        for name, records in reading["tables"].items()
    ]
    for table in made:
        records = reading["tables"][table.name]
        told = columns(records)
        context: Json = {
            "edition": subject.edition,
            "version": subject.version,
            "document": subject.document,
            "table": table,
            "tables": made,
            "columns": told,
            "kinds": kinds(told),
            "are_figures": are_figures(told),
            "drawn": drawn,
            "unseen": drawn.unseen(records),
            "parts": _parts(making, subject, table),
        }
        page = _Page(making=making, subject=subject, table=table, columns=told, context=context)
        if table.count <= ON_PAGE:
            page.write(table.key, 0, records, part=0)
            continue
        page.write(table.key, 0, records[:FIRST], part=0)
        for number, key in enumerate(context["parts"]):
            start = number * ON_PAGE
            page.write(key, start, records[start : start + ON_PAGE], part=number + 1)
        making.shelf.put(addresses.rows(source, digest, table.name), _script(records, told))
    return made


def _parts(making: Making, subject: Subject, table: Made) -> list[str]:
    """Give the keys of the plain pages of a long table; none for a short one."""
    if table.count <= ON_PAGE:
        return []
    source, digest = making.source, subject.document.digest
    number = -(-table.count // ON_PAGE)
    return [addresses.table_part(source, digest, table.name, n + 1) for n in range(number)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What the pages of one table have in common."""

    making: Making
    subject: Subject
    table: Made
    columns: Sequence[Column]
    context: Json

    def write(self, key: str, start: int, records: Sequence[Json], *, part: int) -> None:
        """Write some of the records, which come after the first `start`; part 0 is the main page.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        pictures = addresses.pages(self.making.source, self.subject.document.digest)
        places = Places(
            address=f"{addresses.Here(key).to(pictures)}#{addresses.slug(self.table.name)}-",
            pages=self.context["drawn"].numbers,
        )
        rows = table_rows(_rows(records, self.columns, start), kinds(self.columns), places)
        span = (start + 1, start + len(records))
        self.making.put("table.html", key, rows=rows, part=part, span=span, **self.context)


def _rows(records: Sequence[Json], told: Sequence[Column], start: int = 0) -> Iterator[Row]:
    """Give each record's number, the page it begins on, and its texts."""
    for number, record in enumerate(records, start=start + 1):
        yield number, record["page"], [column.text(record) for column in told]


def _script(records: Sequence[Json], told: Sequence[Column]) -> bytes:
    """Write rows as a script file: pages opened from a folder may load that, and nothing else."""
    rows = [[page, *(clean(text) for text in texts)] for _, page, texts in _rows(records, told)]
    text = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return f"self.recordkeepRows={text};\n".encode()
