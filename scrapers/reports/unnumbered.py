"""Sections' titles that have no numbers: lines of one look, which speak of the tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from scrapers.cells import plain, starts_with_bullet, tidy
from scrapers.reports.lines import Line, is_tabular
from scrapers.reports.meanings import Shape, titled
from scrapers.reports.tables import Piece
from scrapers.reports.titles import LARGER, Item, Title, body_size, wraps

LONGEST = 30
"""Words in a title's first line, at most."""
LEAST = 2
"""Kinds of tables of which lines of one look speak, at least, for that to be the titles' look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A line in the look of titles, with those that go on with it."""

    at: int
    text: str
    name: str
    """The table of which it speaks; empty where it speaks of none."""
    has_table: bool = False
    """Whether a table, or what looks like one, stands below it and above the next."""


def unnumbered(items: Sequence[Item], shapes: Sequence[Shape]) -> list[Title]:
    """Find the sections' titles where none has a number.

    Their look (size and weight) is that in which the most kinds of tables are spoken of. A line
    that has no table below it and speaks of the same as a later one is no title: the report's own,
    or an entry of a list. One that comes again over its table has the same number again.
    """
    found = max(
        (_with_tables(own, items) for own in _looks(items, shapes)),
        key=lambda own: len({one.name for one in own} - {""}),
        default=[],
    )
    if len({one.name for one in found} - {""}) < LEAST:
        return []
    kept = [
        one
        for at, one in enumerate(found)
        if one.has_table or one.name not in {other.name for other in found[at + 1 :]} - {""}
    ]
    first = next(at for at, one in enumerate(kept) if one.name)
    return _in_order(kept[first:])


def _in_order(found: Sequence[_Candidate]) -> list[Title]:
    """Number the titles from 1; one that goes on with the one before has its number."""
    titles: list[Title] = []
    before, number = "", 0
    for one in found:
        number += not (before and plain(one.text).startswith(before))
        before = plain(one.text) if not titles or titles[-1].number != number else before
        title = Title(at=one.at, word="", number=number, is_styled=True, is_listed=False)
        titles.append(title)
    return titles


def _looks(items: Sequence[Item], shapes: Sequence[Shape]) -> list[list[_Candidate]]:
    """Give the lines that may be titles, by their look, the largest font first."""
    body = body_size(items)
    looks: dict[tuple[float, bool], list[_Candidate]] = defaultdict(list)
    for at, item in enumerate(items):
        if isinstance(item, Line) and _may_be(at, items, body):
            text = _whole(at, items)
            shape = titled(text, shapes)
            one = _Candidate(at=at, text=text, name=shape.name if shape else "")
            looks[round(2 * item.size) / 2, item.bold].append(one)
    return [looks[look] for look in sorted(looks, reverse=True)]


def _may_be(at: int, items: Sequence[Item], body: float) -> bool:
    """Whether a line begins a title by its look: larger than the text, or bold and no heading."""
    line = items[at]
    if not isinstance(line, Line) or len(line.words) > LONGEST or is_tabular(line):
        return False
    if starts_with_bullet(plain(line.text)) or (at and wraps(items[at - 1], line)):
        return False
    return line.size > body + LARGER or (line.bold and not _is_over_columns(at, items))


def _is_over_columns(at: int, items: Sequence[Item]) -> bool:
    """Whether the next line of another look has columns: then this one may be of their heading."""
    line = items[at]
    after = next((item for item in items[at + 1 :] if not wraps(line, item)), None)
    return isinstance(after, Line) and is_tabular(after)


def _whole(at: int, items: Sequence[Item]) -> str:
    """Give the text of a title and of the lines that go on with it."""
    end = at + 1
    while end < len(items) and wraps(items[end - 1], items[end]):
        end += 1
    return tidy(" ".join(item.text for item in items[at:end] if isinstance(item, Line)))


def _with_tables(found: Sequence[_Candidate], items: Sequence[Item]) -> list[_Candidate]:
    """Say which candidates have a table below them."""
    ends = [*(one.at for one in found[1:]), len(items)]
    return [
        _Candidate(
            at=one.at, text=one.text, name=one.name, has_table=_has_table(items[one.at : end])
        )
        for one, end in zip(found, ends, strict=True)
    ]


def _has_table(items: Sequence[Item]) -> bool:
    """Whether some items are of a table."""
    return any(isinstance(item, Piece) or is_tabular(item) for item in items)
