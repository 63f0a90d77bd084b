"""Rows of an unruled table: lines put together by rules, by white space, or by their dates.

No single sign holds for every producer, so each way of parting the lines is tried, and that one
is taken after which most rows have one whole date or number where one is due.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scrapers.cells import joined
from scrapers.reports.lines import Line

Cut = Callable[[Line], tuple[str, ...]]
"""Cuts a line into the texts of its columns."""
MOST_WAYS = 12
"""Ways to part lines by white space that are tried."""
FULL = (0.75, 1.0, 1.1)
"""Parts of all columns with which a row may begin where its date is blank; the last is never."""
_BEGINS = re.compile(
    r"\d{1,2}[/.-]\d|\d{1,2}[\s-][A-Za-z]{3}|(?:19|20)\d\d[/-]\d"
    r"|[A-Z][A-Za-z]{2,8}\.?(?:[\s-]+\d|,?\s+\d{4}|$)|\d{1,3}(?:,\d{3})*$"
)
"""How a date or a number begins; a year alone is the end of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the columns before the rows are."""

    cut: Cut
    must: tuple[int, ...]
    """Columns (from 0) that hold dates or numbers."""
    is_whole: Callable[[int, str], bool | None]
    rules: tuple[float, ...]
    """Heights of horizontal rules, and of shaded bands' edges, on the page."""


Band = tuple[Line, ...]


def gaps(lines: Sequence[Line]) -> list[float]:
    """The white space above each line but the first, in points; negative where lines overlap."""
    found: list[float] = []
    bottom = lines[0].box[3]
    for line in lines[1:]:
        found.append(line.box[1] - bottom)
        bottom = max(bottom, line.box[3])
    return found


def by_gap(lines: Sequence[Line], least: float) -> list[Band]:
    """Part lines wherever there is more white space than `least`."""
    return _parted(lines, [gap > least for gap in gaps(lines)])


def _parted(lines: Sequence[Line], begins: Sequence[bool]) -> list[Band]:
    """Part lines before each one, but the first, that begins a row."""
    bands: list[list[Line]] = [[lines[0]]]
    for line, is_first in zip(lines[1:], begins, strict=True):
        if is_first:
            bands.append([line])
        else:
            bands[-1].append(line)
    return [tuple(band) for band in bands]


def by_rule(lines: Sequence[Line], rules: Sequence[float]) -> list[Band]:
    """Part lines wherever a rule runs between their middles."""
    middles = [(line.box[1] + line.box[3]) / 2 for line in lines]
    pairs = itertools.pairwise(middles)
    return _parted(lines, [any(above < rule < below for rule in rules) for above, below in pairs])


def _by_anchor(lines: Sequence[Line], known: Known, full: float) -> list[Band]:
    """Part lines before each on which a date or number begins, or so many columns do."""
    return _parted(lines, [_is_anchored(line, known, full) for line in lines[1:]])


def _is_anchored(line: Line, known: Known, full: float) -> bool:
    """Whether a date or a number begins on a line, or this part of all columns does."""
    texts = known.cut(line)
    if any(_BEGINS.match(texts[at]) for at in known.must):
        return True
    return sum(map(bool, texts)) >= full * len(texts)


def rows(pages: Sequence[tuple[Sequence[Line], Known]]) -> list[list[Band]]:
    """Part each page's lines into rows, all pages in the same way."""
    return max(_ways(pages), key=lambda way: _score(way, pages))


def _ways(pages: Sequence[tuple[Sequence[Line], Known]]) -> Iterator[list[list[Band]]]:
    """Give the ways to part the lines, the likeliest first."""
    if sum(len(known.rules) for _, known in pages) > len(pages):
        yield [by_rule(lines, known.rules) for lines, known in pages]
    seen = sorted({round(gap, 1) for lines, _ in pages for gap in gaps(lines)})
    steps = sorted(
        ((below + above) / 2 for below, above in itertools.pairwise(seen)),
        key=lambda step: -min((abs(step - gap) for gap in seen), default=0),
    )
    for step in steps[:MOST_WAYS]:
        yield [by_gap(lines, step) for lines, _ in pages]
    for full in FULL:
        yield [_by_anchor(lines, known, full) for lines, known in pages]
    yield [[(line,) for line in lines] for lines, _ in pages]


def _score(way: Sequence[Sequence[Band]], pages: Sequence[tuple[Sequence[Line], Known]]) -> float:
    """Weigh a way: rows with one whole value where one is due, less the rows that have not."""
    found = 0.0
    for bands, (_, known) in zip(way, pages, strict=True):
        for band in bands:
            texts = [joined(column) for column in zip(*map(known.cut, band), strict=True)]
            due = [known.is_whole(at, texts[at]) for at in known.must if texts[at]]
            if not known.must:
                continue
            found += 1 if due and all(due) else -1 if not due else -2
    return found
