"""Gutters: stretches of a page's width into which no line of an unruled table reaches.

Lines with wide spaces tell where they are; the lines of single cells, which stand between those,
how wide: a cell may reach farther than any line of which one can tell that it has cells.
"""

from collections.abc import Sequence

from scrapers.pdf import Word
from scrapers.reports.lines import Line

LEAST = 0.35
"""Font sizes: a gutter is not narrower, and the space between two words not wider."""

_Span = tuple[float, float]


def edges(lines: Sequence[Line], tabular: Sequence[Line], width: float) -> tuple[float, ...]:
    """Find the middles of the gutters.

    Args:
        lines: all lines of a section.
        tabular: those with wide spaces, of which there is one at least.
        width: of the narrowest gutter among these, in font sizes.
    """
    words = sorted((word for line in tabular for word in line.words), key=lambda word: word.x0)
    least = width * sorted(word.size for word in words)[len(words) // 2]
    found: list[_Span] = []
    reached = words[0].x1
    for word in words:
        if word.x0 - reached >= least:
            found.append((reached, word.x0))
        reached = max(reached, word.x1)
    known = set(tabular)
    for line in lines:
        if line not in known:
            narrower = [_beside(span, line.words) for span in found]
            if all(right - left >= LEAST * line.size for left, right in narrower):
                found = narrower
    return tuple((left + right) / 2 for left, right in found)


def _beside(span: _Span, words: Sequence[Word]) -> _Span:
    """Give the part of a gutter that a line's words leave free; none where they lie across it."""
    left, right = span
    for word in words:
        if word.x0 < right and word.x1 > left:
            if (word.x0 + word.x1) < (span[0] + span[1]):
                left = max(left, word.x1)
            else:
                right = min(right, word.x0)
    return left, right
