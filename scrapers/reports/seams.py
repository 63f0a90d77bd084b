"""Seams: places where two texts touch that were drawn apart, without a blank between them.

Where a page draws its blanks, as nearly all do, a small space without one stands between two
cells, and not between two words of one: headings over a narrow or blank column may stand so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from scrapers.pdf import Page, Word
from scrapers.reports.lines import Line
from scrapers.reports.parting import split

LEAST, MOST = 0.08, 0.6
"""Font sizes between two texts: less is kerning, more is seen without looking for seams."""


class Seam(NamedTuple):
    """The space between two texts on one line."""

    left: float
    """Where the one ends."""
    right: float
    """Where the other begins."""
    height: float
    """The middle of their line's height."""

    @property
    def middle(self) -> float:
        """Where columns part, if they do so here."""
        return (self.left + self.right) / 2

    def is_on(self, line: Line) -> bool:
        """Whether a line is the one that the seam is in."""
        return line.box[1] < self.height < line.box[3]

    def is_like(self, other: "Seam") -> bool:
        """Whether another seam is at the same place of another line."""
        return max(self.left, other.left) < min(self.right, other.right)


def find(page: Page) -> tuple[Seam, ...]:
    """Give a page's seams; none where it does not draw its blanks, or letter by letter."""
    upright = [stretch for stretch in page.stretches if not stretch.traits[3]]
    upright.sort(key=lambda stretch: (round(stretch.bottom), stretch.x0s[0]))
    found = []
    for one, other in pairwise(upright):
        gap = other.x0s[0] - one.x1s[-1]
        size = one.traits[1]
        is_near = abs(one.bottom - other.bottom) < 1 and LEAST * size <= gap <= MOST * size
        is_solid = not (one.text[-1].isspace() or other.text[0].isspace())
        if is_near and is_solid and min(len(one.x0s), len(other.x0s)) > 1:
            found.append(Seam(one.x1s[-1], other.x0s[0], (one.top + one.bottom) / 2))
    blanks = sum(stretch.text.count(" ") + stretch.text.count("\u00a0") for stretch in upright)
    return tuple(found) if blanks >= len(found) else ()


def parted(page: Page, lines: Sequence[Line], seams: Sequence[Seam]) -> tuple[Line, ...]:
    """Give the lines with their words parted at the seams."""
    return tuple(
        _parted(page, line, [seam for seam in seams if seam.is_on(line)]) for line in lines
    )


def _parted(page: Page, line: Line, seams: Sequence[Seam]) -> Line:
    if not seams:
        return line
    return replace(line, words=tuple(part for w in line.words for part in _parts(page, w, seams)))


def _parts(page: Page, word: Word, seams: Sequence[Seam]) -> Iterator[Word]:
    """Yield the parts of a word between seams."""
    own = [seam.middle for seam in seams if word.x0 < seam.middle < word.x1]
    if not own:
        yield word
        return
    glyphs = [glyph for _, glyph in page.glyphs_of(word)]
    pairs = pairwise(glyphs)
    yield from split(word, glyphs, [any(a.x0 < x <= b.x0 for x in own) for a, b in pairs])
