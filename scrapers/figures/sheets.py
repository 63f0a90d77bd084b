"""A page that holds one table of figures: headings, a row for each label, and a row of totals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from scrapers.errors import RefusedError
from scrapers.figures.headings import Column, Phrase, columns, letters, phrases, stacked
from scrapers.figures.rows import Row, has_figures, label, lines, middle, rows
from scrapers.pdf import Word

LEAST = 4
"""Figures that make a line the table's first row; page numbers and dates have fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the headings of a table mean (see `letters`), and how it ends."""

    labels: Collection[str]
    """The heading over the row labels."""
    leaves: Collection[str]
    groups: Collection[str]
    last: Collection[str]
    """The label of the last row, which holds the columns' totals."""
    total: str
    """The column of the rows' totals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The table of one page, as printed."""

    name: str
    """What tells it from its like, as `2019-11`."""
    title: str
    """The page's."""
    page: int
    """From 1."""
    label_heading: str
    columns: tuple[Column, ...]
    total: int
    """The column, from 0, of the rows' totals."""
    rows: tuple[Row, ...]
    last: Row
    """The columns' totals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The words of a table that is not read yet."""

    title: str
    """The page's."""
    above: Sequence[Word]
    """The headings."""
    body: Sequence[Sequence[Word]]
    """Its lines, from the first row to the last."""


def body(words: Sequence[Word], last: Collection[str], page: int) -> list[list[Word]]:
    """Give the table's lines, from the first row to the last; none where the page has no table.

    Raises:
        RefusedError: there is a table, but not its last row.
    """
    found = lines(words)
    start = next((n for n, line in enumerate(found) if has_figures(line, LEAST)), None)
    if start is None:
        return []
    for end in range(start, len(found)):
        if letters("".join(word.text for word in label(found[end]))) in last:
            return found[start : end + 1]
    raise RefusedError("unrecognised-layout", "the table has no row of totals", page=page)


def below(
    subtitle: Phrase, words: Sequence[Word], lines: Sequence[Sequence[Word]], title: str
) -> Table:
    """Give the table of these lines, whose headings stand below the middle of a subtitle.

    Boxes do not tell: one in large print reaches into the headings below it (FBI, 2020-04).
    """
    first = set(map(id, lines[0]))
    end = lines[0][0].bottom
    above = [w for w in words if subtitle.middle + 1 < middle(w) < end and id(w) not in first]
    return Table(title=title, above=above, body=lines)


def sheet(table: Table, shape: Shape, *, name: str, page: int, like: Sheet | None = None) -> Sheet:
    """Read a table.

    Args:
        table: its words.
        shape: what the headings mean.
        name: as `Sheet.name`.
        page: from 1.
        like: another page, whose headings count for those that this one lacks.

    Raises:
        RefusedError: the headings are not understood, or a word stands in no cell.
    """
    if not all(word.upright for word in chain(table.above, *table.body)):
        raise RefusedError("unrecognised-layout", "rotated words in the table", page=page)
    heads = _headings(table.above, shape)
    over = [phrase for phrase in heads if letters(phrase.text) in shape.labels]
    if len(over) != 1:
        raise RefusedError("unrecognised-layout", "no heading over the rows' labels", page=page)
    heads.remove(over[0])
    if like:
        found = _borrowed(heads, like, page)
    else:
        found = columns(heads, leaves=shape.leaves, groups=shape.groups, page=page)
    totals = [n for n, column in enumerate(found) if letters(column.heading) == shape.total]
    if len(totals) != 1:
        raise RefusedError("unrecognised-layout", "no heading over the rows' totals", page=page)
    *read, last = rows(table.body, found, page=page)
    return Sheet(
        name=name,
        title=table.title,
        page=page,
        label_heading=over[0].text,
        columns=tuple(found),
        total=totals[0],
        rows=tuple(read),
        last=last,
    )


def _borrowed(heads: Sequence[Phrase], like: Sheet, page: int) -> list[Column]:
    """Take another page's columns, if whatever headings this page has stand there alike."""
    groups = {column.group for column in like.columns}
    for head in heads:
        same = (c for c in like.columns if c.leaf == head.text and abs(c.x0 - head.x0) < head.size)
        if head.text not in groups and not any(same):
            detail = f"the heading {head.text!r} does not stand there on page {like.page}"
            raise RefusedError("unrecognised-layout", detail, page=page)
    if len(heads) < len(like.columns) / 2:
        raise RefusedError("unrecognised-layout", "most headings are missing", page=page)
    return list(like.columns)


def _headings(words: Sequence[Word], shape: Shape) -> list[Phrase]:
    """Join words into headings, without those that are painted over and remain in the text.

    From 2022 on the FBI's drawing program numbers the columns from 1 to the last, and cuts a
    heading short ("No Meas.."); what one sees is drawn over both.
    """
    numbers = sorted((w for w in words if w.text.isdecimal()), key=lambda w: w.x0)
    counted = [word.text for word in numbers] == [str(n + 1) for n in range(len(numbers))]
    found = phrases(word for word in words if not (counted and word.text.isdecimal()))
    known = {*shape.labels, *shape.leaves, *shape.groups}
    return stacked([phrase for phrase in found if not phrase.text.endswith("..")], known)
