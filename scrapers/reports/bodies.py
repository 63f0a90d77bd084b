"""The lines of an unruled table's rows, without headings and what stands above and below."""

import math
import re
from collections.abc import Sequence
from itertools import groupby, pairwise

from scrapers.cells import plain
from scrapers.errors import RefusedError
from scrapers.reports import bands, prose
from scrapers.reports.layouts import Layout
from scrapers.reports.levels import Band
from scrapers.reports.lines import Line, is_mark, is_tabular

FAR = 2.0
"""Font sizes: words of one cell do not stand so far apart on one line."""
WIDER = 1.2
"""A note stands this much farther below the rows than these from one another."""
OTHER = 0.4
"""Points by which a note's font differs from the rows'."""
_NOTE = re.compile(r"(?:[*†‡§]|\(?\d\)|notes?\b[.:]?|sources?:)\s*\S", re.IGNORECASE)


def bodies(lines: Sequence[Line], layout: Layout) -> list[Band]:
    """Give each page's lines of rows, without headings and the sentences above and below.

    Raises:
        RefusedError: words stand between rows, far from their column, or close to the table and
            in none of its cells.
    """
    first = lines.index(layout.heading[0])
    start = first + len(layout.heading)
    own = {plain(line.text) for line in layout.heading}
    prose.refuse_words_left(lines[:first], layout.heading, layout)
    found = []
    for _, group in groupby(lines[start:], key=lambda line: line.page):
        page = tuple(group)
        above = next((at for at, line in enumerate(page) if not layout.is_crossed(line)), len(page))
        while above < len(page) and page[0].page != layout.heading[0].page:
            if plain(page[above].text) not in own:
                break
            above += 1
        body, below = _body(page[above:], layout)
        skipped = [line for line in page[:above] if plain(line.text) not in own]
        prose.refuse_words_left((*skipped, *below), body, layout)
        found.append(body)
    return found


def _body(page: Band, layout: Layout) -> tuple[Band, Band]:
    """Give the lines of rows, and those below that are no note; what stands between is refused."""
    end = next((at for at, line in enumerate(page) if layout.is_crossed(line)), len(page))
    rest = [line for line in page[end:] if is_tabular(line) and not layout.is_crossed(line)]
    if rest:
        text = page[end].text
        detail = f"“{text}” stands between rows and over the space between columns"
        raise RefusedError("unrecognised-layout", detail, page=page[end].page)
    own = page[: _notes(page[:end], layout)]
    extents = _extents(own, layout)
    for line in own:
        _refuse_astray(line, layout, extents)
    return own, page[end:]


def _notes(lines: Band, layout: Layout) -> int:
    """Find the first of the lines below the rows that are a note: by their look or their distance.

    They begin where the first column does, fill no other, and say that they are a note, stand in
    another size, or stand farther below than any row below the one above it.
    """
    end = len(lines)
    while end and _is_alone(lines[end - 1], layout):
        end -= 1
    gaps = [0.0, *bands.gaps(lines)] if lines else []
    sizes = sorted(line.size for line in lines[:end] or layout.heading)
    usual = sizes[len(sizes) // 2]
    for at in range(end, len(lines)):
        is_far = at > 1 and gaps[at] > WIDER * max(gaps[1:at]) > 0
        is_other = all(abs(line.size - usual) > OTHER for line in lines[at:])
        if is_far or is_other or _NOTE.match(lines[at].text):
            return at
    return len(lines)


def _is_alone(line: Line, layout: Layout) -> bool:
    """Whether a line begins where the table does and fills its first column alone."""
    parts = layout.parts(line.words)
    left = min(word.x0 for head in layout.heading for word in head.words)
    return bool(parts[0]) and not any(parts[1:]) and line.box[0] <= left + 2 * line.size


def _extents(lines: Band, layout: Layout) -> list[tuple[float, float]]:
    """Say from where to where each column reaches, by the lines that fill several of them."""
    filled = [layout.parts(ln.words) for ln in (*layout.heading, *filter(is_tabular, lines))]
    columns = [[word for words in own for word in words] for own in zip(*filled, strict=True)]
    return [
        (
            min((word.x0 for word in words), default=0.0),
            max((w.x1 for w in words), default=math.inf),
        )
        for words in columns
    ]


def _refuse_astray(line: Line, layout: Layout, extents: Sequence[tuple[float, float]]) -> None:
    """Refuse a line on which a word stands far from the others of its cell, or of its column."""
    for words, (left, right) in zip(layout.parts(line.words), extents, strict=True):
        if words and (words[-1].x1 < left or words[0].x0 > right):
            detail = f"“{words[0].text}” stands beside all other words of its column"
            raise RefusedError("unrecognised-layout", detail, page=line.page)
        for one, other in pairwise(words):
            if other.x0 - one.x1 > FAR * line.size and not (one is words[0] and is_mark(one.text)):
                detail = f"“{other.text}” stands apart from “{one.text}”, outside of its cell"
                raise RefusedError("unrecognised-layout", detail, page=line.page)
