"""Characters to words, lines and cell texts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from scrapers.engine.shapes import Glyph, Word

GAP = 3.0
"""A wider gap than this, in points, parts two words (pdfplumber's x_tolerance)."""
RISE = 3.0
"""Edges that differ by no more than this, in points, are one line (pdfplumber's y_tolerance)."""
LIGATURES = {"ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬁ": "fi", "ﬂ": "fl", "ﬆ": "st", "ﬅ": "st"}

_LETTERS = str.maketrans(LIGATURES)
_x0, _top, _x1, _bottom, _upright = map(itemgetter, range(1, 6))
_across = itemgetter(1, 3)
Item = TypeVar("Item")
Along = tuple[float, float, float, Glyph]
"""Where a character begins and ends along its line, and where its baseline stands across."""


def _clusters(items: Sequence[Item], edge: Callable[[Item], float]) -> list[list[Item]]:
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


def _expanded(text: str) -> str:
    """Write ligatures as the letters that they stand for."""
    return text if text.isascii() else text.translate(_LETTERS)


def _joined(glyphs: Iterable[Glyph]) -> str:
    return _expanded("".join([glyph[0] for glyph in glyphs]))


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
        if word and (glyph.x0 < x0 or glyph.x0 > reach or abs(glyph.top - level) > RISE):
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
            for line in _clusters(list(run), lambda glyph: glyph.top):
                yield from _upright_words(sorted(line, key=lambda glyph: glyph.x0))
        else:
            for line in _clusters(list(run), lambda glyph: glyph.x0):
                by_top = sorted(line, key=lambda glyph: (glyph.top, glyph.bottom))
                yield from _turned_words(by_top)


def cell_text(glyphs: list[Glyph]) -> str:
    """Give the text of a cell's characters, as pdfplumber's, but all white space as one space."""
    if not glyphs:
        return ""
    if all(map(_upright, glyphs)):
        lines = _clusters(glyphs, _top)
        if all(map(_is_level, lines)):
            return " ".join(filter(None, map(_line_text, lines)))
    words = list(_plumbed_words(glyphs))
    word_lines = _clusters(words, lambda word: min(glyph.top for glyph in word))
    return " ".join(_joined(word) for line in word_lines for word in line)


def _is_level(line: list[Glyph]) -> bool:
    """Whether a line cannot fall apart when its words are put into lines again."""
    tops = {glyph[2] for glyph in line}
    return max(tops) - min(tops) <= RISE


def _line_text(glyphs: list[Glyph]) -> str:
    """Do what `cell_text` does, for upright characters of one line, as most cells hold."""
    parts = []
    reach = float("inf")
    for text, x0, _, x1, *_ in sorted(glyphs, key=_x0):
        if x0 > reach:
            parts.append(" ")
        parts.append(text)
        reach = x1 + GAP
    return " ".join(_expanded("".join(parts)).split())


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

    Unlike `_clusters` this does not wander: in a dense table, rows whose columns stand a little
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


def _upright_lines(glyphs: list[Glyph]) -> Iterator[list[Glyph]]:
    """Do what `_lines` does, for text that is not turned, without laying each character."""
    line: list[Glyph] = []
    lowest = 0.0
    for glyph in sorted(glyphs, key=_bottom):
        if line and glyph[4] > lowest:
            yield sorted(line, key=_across)
            line = []
        if not line:
            lowest = glyph[4] + RISE
        line.append(glyph)
    if line:
        yield sorted(line, key=_across)


def _words_of_line(line: Iterable[tuple[float, float, Glyph]], gap: float) -> Iterator[list[Glyph]]:
    word: list[Glyph] = []
    reach = 0.0
    for begin, end, glyph in line:
        if glyph[0].isspace():
            if word:
                yield word
            word = []
        elif word and begin <= reach + gap:
            word.append(glyph)
            reach = max(reach, end)
        else:
            if word:
                yield word
            word, reach = [glyph], end
    if word:
        yield word


def _parted(glyphs: list[Glyph], gap: float) -> Iterator[list[list[Glyph]]]:
    """Yield lines of words, those of each direction by themselves; none is empty."""
    by_turn: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        by_turn.setdefault(glyph[8], []).append(glyph)
    for turn, alike in by_turn.items():
        lines: Iterator[Iterable[tuple[float, float, Glyph]]]
        if turn:
            laid = _lines([_along(glyph) for glyph in alike])
            lines = ([(begin, end, glyph) for begin, end, _, glyph in line] for line in laid)
        else:
            lines = (
                zip(map(_x0, line), map(_x1, line), line, strict=True)
                for line in _upright_lines(alike)
            )
        yield from filter(None, (list(_words_of_line(line, gap)) for line in lines))


def _word(glyphs: list[Glyph]) -> Word:
    texts, x0s, tops, x1s, bottoms, *_ = zip(*glyphs, strict=True)
    first = glyphs[0]
    return Word(
        text=_expanded("".join(texts)),
        x0=min(x0s),
        top=min(tops),
        x1=max(x1s),
        bottom=max(bottoms),
        size=first.size,
        bold=first.bold,
        upright=first.upright,
    )


def text_lines(glyphs: list[Glyph], *, gap: float = GAP) -> tuple[tuple[Word, ...], ...]:
    """Give a page's lines of words, by top and left edge; turned text reads in its direction.

    Args:
        glyphs: the page's characters.
        gap: a wider gap than this, in points, parts two words even without a space.
    """
    lines = [tuple([_word(word) for word in line]) for line in _parted(glyphs, gap)]
    return tuple(
        sorted(lines, key=lambda line: (min([word.top for word in line]), line[0].x0)),
    )


def line_texts(glyphs: list[Glyph]) -> list[tuple[str, float, float]]:
    """Give the text, the upper and the lower edge of each line that `text_lines` would give.

    Makes no words of them, which takes half of the time.
    """
    found = []
    for line in _parted(glyphs, GAP):
        top = min([min(map(_top, word)) for word in line])
        bottom = max([max(map(_bottom, word)) for word in line])
        text = " ".join([_joined(word) for word in line])
        found.append((top, min(map(_x0, line[0])), bottom, text))
    found.sort(key=itemgetter(0, 1))
    return [(text, top, bottom) for top, _, bottom, text in found]
