"""Single characters to words and cell texts; for most of a page `phrases` does the same faster."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from scrapers.engine.shapes import Glyph
from scrapers.engine.stretches import GAP

RISE = 3.0
"""Edges that differ by no more than this, in points, are one line (pdfplumber's y_tolerance)."""
SMALLER = 0.8
"""A figure in print smaller than this part of its neighbour's is none of the same: a footnote's
mark has 0.58 to 0.7."""
LIGATURES = {"ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬁ": "fi", "ﬂ": "fl", "ﬆ": "st", "ﬅ": "st"}

_LETTERS = str.maketrans(LIGATURES)
_x0, _top, _upright = itemgetter(1), itemgetter(2), itemgetter(5)
Item = TypeVar("Item")
Along = tuple[float, float, float, Glyph]
"""Where a character begins and ends along its line, and where its baseline stands across."""
Laid = tuple[float, float, Glyph]
"""Where a character begins and ends along its line."""


def clusters(items: Sequence[Item], edge: Callable[[Item], float]) -> list[list[Item]]:
    """Group by one edge, which may wander by steps of at most RISE; keeps the order within."""
    values = sorted(set(map(edge, items)))
    if not values or values[-1] - values[0] <= RISE:
        return [list(items)] if values else []
    number: dict[float, int] = {}
    last = None
    for value in values:
        begins = last is None or value > last + RISE
        number[value] = (number[last] if last is not None else -1) + begins
        last = value
    groups: list[list[Item]] = [[] for _ in range(number[values[-1]] + 1)]
    for item in items:
        groups[number[edge(item)]].append(item)
    return groups


def expanded(text: str) -> str:
    """Write ligatures as the letters that they stand for."""
    return text if text.isascii() else text.translate(_LETTERS)


def is_mark(one: str, size: float, other: str, other_size: float) -> bool:
    """Whether two texts that touch are a figure and a footnote's mark: `54¹` is not `541`."""
    is_small = min(size, other_size) < SMALLER * max(size, other_size)
    return is_small and one[-1].isdecimal() and other[0].isdecimal()


def _is_mark(one: Glyph, other: Glyph) -> bool:
    return one.size != other.size and is_mark(one.text, one.size, other.text, other.size)


def _joined(glyphs: Iterable[Glyph]) -> str:
    return expanded("".join([glyph[0] for glyph in glyphs]))


def _upright_words(line: list[Glyph]) -> Iterator[list[Glyph]]:
    """Part a line, sorted by x0, where pdfplumber would."""
    word: list[Glyph] = []
    x0 = reach = level = 0.0
    for glyph in line:
        if glyph.text.isspace():
            if word:
                yield word
            word = []
            continue
        is_apart = glyph.x0 < x0 or glyph.x0 > reach or abs(glyph.top - level) > RISE
        if word and (is_apart or _is_mark(word[-1], glyph)):
            yield word
            word = []
        word.append(glyph)
        x0, reach, level = glyph.x0, glyph.x1 + GAP, glyph.top
    if word:
        yield word


def _turned_words(line: list[Glyph]) -> Iterator[list[Glyph]]:
    """Part a line of turned text, sorted by top, where pdfplumber would."""
    word: list[Glyph] = []
    for glyph in line:
        last = word[-1] if word else None
        blank = glyph.text.isspace()
        if last and (blank or glyph.top > last.bottom + GAP or abs(glyph.x0 - last.x0) > RISE):
            yield word
            word = []
        if not blank:
            word.append(glyph)
    if word:
        yield word


def _plumbed_words(glyphs: list[Glyph]) -> Iterator[list[Glyph]]:
    """Yield words in pdfplumber's order."""
    for upright, run in groupby(glyphs, lambda glyph: glyph.upright):
        if upright:
            for line in clusters(list(run), lambda glyph: glyph.top):
                yield from _upright_words(sorted(line, key=lambda glyph: glyph.x0))
        else:
            for line in clusters(list(run), lambda glyph: glyph.x0):
                by_top = sorted(line, key=lambda glyph: (glyph.top, glyph.bottom))
                yield from _turned_words(by_top)


def glyphs_text(glyphs: list[Glyph]) -> str:
    """Give the text of a cell's characters, as pdfplumber's, but all white space as one space."""
    if not glyphs:
        return ""
    if all(map(_upright, glyphs)):
        lines = clusters(glyphs, _top)
        if all(map(_is_level, lines)):
            return " ".join(filter(None, map(line_text, lines)))
    words = list(_plumbed_words(glyphs))
    word_lines = clusters(words, lambda word: min(glyph.top for glyph in word))
    return " ".join(_joined(word) for line in word_lines for word in line)


def _is_level(line: list[Glyph]) -> bool:
    """Whether a line cannot fall apart when its words are put into lines again."""
    tops = {glyph[2] for glyph in line}
    return max(tops) - min(tops) <= RISE


def line_text(glyphs: list[Glyph]) -> str:
    """Do what `glyphs_text` does, for upright characters of one line, as most cells hold."""
    parts = []
    reach, before = float("inf"), None
    for glyph in sorted(glyphs, key=_x0):
        text, x0, _, x1, *_ = glyph
        if x0 > reach or (before and _is_mark(before, glyph)):
            parts.append(" ")
        parts.append(text)
        reach, before = x1 + GAP, glyph
    return " ".join(expanded("".join(parts)).split())


def _along(glyph: Glyph) -> Along:
    """Lay a character on its own line, in its own reading direction."""
    _, x0, top, x1, bottom, *_, turn = glyph
    if turn == 90:  # noqa: PLR2004 - degrees
        return -bottom, -top, x1, glyph
    if turn == 180:  # noqa: PLR2004 - degrees
        return -x1, -x0, -top, glyph
    if turn == 270:  # noqa: PLR2004 - degrees
        return top, bottom, -x0, glyph
    return x0, x1, bottom, glyph


def _lines(laid: list[Along]) -> Iterator[list[Along]]:
    """Part characters into lines by baseline; each line holds what is near its first one.

    Unlike `clusters` this does not wander: in a dense table, rows whose columns stand a little
    lower and lower would all become one line.
    """
    line: list[Along] = []
    for item in sorted(laid, key=lambda item: item[2]):
        if line and item[2] > line[0][2] + RISE:
            yield sorted(line, key=lambda item: item[:2])
            line = []
        line.append(item)
    if line:
        yield sorted(line, key=lambda item: item[:2])


def words_of_line(line: Iterable[Laid]) -> Iterator[list[Glyph]]:
    """Part a line, sorted along it, wherever there is white space or a gap."""
    word: list[Glyph] = []
    reach = 0.0
    for begin, end, glyph in line:
        if glyph[0].isspace():
            if word:
                yield word
            word = []
        elif word and begin <= reach + GAP and not _is_mark(word[-1], glyph):
            word.append(glyph)
            reach = max(reach, end)
        else:
            if word:
                yield word
            word, reach = [glyph], end
    if word:
        yield word


def turned_lines(glyphs: Iterable[Glyph]) -> Iterator[list[Laid]]:
    """Give the lines of characters that are turned alike, each sorted along it."""
    for line in _lines([_along(glyph) for glyph in glyphs]):
        yield [(begin, end, glyph) for begin, end, _, glyph in line]
