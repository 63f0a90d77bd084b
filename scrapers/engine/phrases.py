"""Stretches to words, lines and cell texts: whole words at a time, where none overlap."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from operator import attrgetter

from scrapers.engine.shapes import Glyph, Word
from scrapers.engine.stretches import GAP, Stretch, all_glyphs
from scrapers.engine.words import (
    RISE,
    Laid,
    clusters,
    expanded,
    glyphs_text,
    is_mark,
    line_text,
    turned_lines,
    words_of_line,
)

_SOLID = re.compile(r"\S+")
_top, _bottom = attrgetter("top"), attrgetter("bottom")
_is_upright, _is_rising, _is_tight = map(attrgetter, ("is_upright", "is_rising", "is_tight"))


def _left(stretch: Stretch) -> float:
    return stretch.x0s[0]


def _is_mark(one: Stretch, other: Stretch) -> bool:
    size, other_size = one.traits[1], other.traits[1]
    return size != other_size and is_mark(one.text, size, other.text, other_size)


def _in_order(line: list[Stretch]) -> list[Stretch] | None:
    """Sort a line's stretches by x; None where the characters of two would mix."""
    if len(line) > 1:
        line = sorted(line, key=_left)
        if any(after.x0s[0] <= before.x0s[-1] for before, after in pairwise(line)):
            return None
    return line if all(map(_is_rising, line)) else None


def cell_text(stretches: list[Stretch]) -> str:
    """Give the text of what stands in a cell, as pdfplumber's, but all white space as one space."""
    if not stretches:
        return ""
    if not all(map(_is_upright, stretches)):
        return glyphs_text(all_glyphs(stretches))
    lines = clusters(stretches, _top)
    # A line whose tops wander farther may fall apart when its words are put into lines again.
    for line in lines:
        if len(line) > 1 and max(map(_top, line)) - min(map(_top, line)) > RISE:
            return glyphs_text(all_glyphs(stretches))
    return " ".join(filter(None, map(_cell_line, lines)))


def _cell_line(line: list[Stretch]) -> str:
    ordered = _in_order(line)
    if ordered is None or not all(map(_is_tight, ordered)):
        return line_text(all_glyphs(line))
    parts = [ordered[0].text]
    for before, stretch in pairwise(ordered):
        if stretch.x0s[0] > before.x1s[-1] + GAP or _is_mark(before, stretch):
            parts.append(" ")
        parts.append(stretch.text)
    return " ".join(expanded("".join(parts)).split())


def _lines(stretches: list[Stretch]) -> Iterator[list[Stretch]]:
    """Part stretches into lines by their lower edges; each holds what is near its first one.

    Unlike `clusters` this does not wander: in a dense table, rows whose columns stand a little
    lower and lower would all become one line.
    """
    line: list[Stretch] = []
    lowest = 0.0
    for stretch in sorted(stretches, key=_bottom):
        if line and stretch.bottom > lowest:
            yield line
            line = []
        if not line:
            lowest = stretch.bottom + RISE
        line.append(stretch)
    if line:
        yield line


def _pieces(stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Yield where there is something between the blanks of a stretch."""
    if len(stretch.x0s) == 1:
        if not stretch.text.isspace():
            yield 0, 1
    else:
        yield from (found.span() for found in _SOLID.finditer(stretch.text))


def _joined(one: Word, other: Word) -> Word:
    return Word(
        one.text + other.text,
        one.x0,
        min(one.top, other.top),
        max(one.x1, other.x1),
        max(one.bottom, other.bottom),
        *one[5:],
    )


def _words(line: list[Stretch]) -> Iterator[Word]:
    """Yield the words of a line whose characters are in order."""
    word: Word | None = None
    before = line[0]
    for stretch in line:
        text, x0s, x1s = stretch.text, stretch.x0s, stretch.x1s
        top, bottom, (upright, size, bold, _) = stretch.top, stretch.bottom, stretch.traits
        end = 0
        for begin, end in _pieces(stretch):
            ends = x1s[begin:end]
            part = text if len(ends) == len(x0s) else text[begin:end]
            piece = Word(part, x0s[begin], top, max(ends), bottom, size, bold, upright)
            is_near = word and not begin and piece.x0 <= word.x1 + GAP
            if word and is_near and not _is_mark(before, stretch):
                word = _joined(word, piece)
                continue
            if word:
                yield word
            word = piece
        if word and end < len(x0s):
            yield word
            word = None
        before = stretch
    if word:
        yield word


def _word(glyphs: list[Glyph]) -> Word:
    texts, x0s, tops, x1s, bottoms, *_ = zip(*glyphs, strict=True)
    first = glyphs[0]
    return Word(
        text="".join(texts),
        x0=min(x0s),
        top=min(tops),
        x1=max(x1s),
        bottom=max(bottoms),
        size=first.size,
        bold=first.bold,
        upright=first.upright,
    )


def _mixed_words(line: list[Stretch]) -> Iterator[Word]:
    """Do what `_words` does, character by character."""
    laid: list[Laid] = [(glyph.x0, glyph.x1, glyph) for glyph in all_glyphs(line)]
    laid.sort(key=lambda item: item[:2])
    return map(_word, words_of_line(laid))


def _line_words(line: list[Stretch]) -> Iterator[Word]:
    ordered = _in_order(line)
    if ordered is None or not all(map(_is_tight, ordered)):
        return _mixed_words(line)
    return _words(ordered)


def _lines_of_turn(turn: int, stretches: list[Stretch]) -> Iterator[Iterator[Word]]:
    if turn:
        lines = turned_lines(all_glyphs(stretches))
        return (map(_word, words_of_line(line)) for line in lines)
    return map(_line_words, _lines(stretches))


def text_lines(stretches: list[Stretch]) -> tuple[tuple[Word, ...], ...]:
    """Give a page's lines of words, by top and left edge; turned text reads in its direction."""
    by_turn: dict[int, list[Stretch]] = {}
    for stretch in stretches:
        by_turn.setdefault(stretch.traits[3], []).append(stretch)
    found = chain.from_iterable(_lines_of_turn(*alike) for alike in by_turn.items())
    lines = [tuple([_spelt(word) for word in line]) for line in found]
    return tuple(
        sorted(filter(None, lines), key=lambda line: (min([word.top for word in line]), line[0].x0))
    )


def _spelt(word: Word) -> Word:
    return word if word.text.isascii() else word._replace(text=expanded(word.text))


def characters_of(stretches: list[Stretch], word: Word) -> list[tuple[int, Glyph]]:
    """Find the characters of an upright word, by their boxes.

    Returns:
        The place of each one's stretch among all, and the character; from left to right.
    """
    found = [
        (at, glyph._replace(text=expanded(glyph.text)))
        for at, stretch in enumerate(stretches)
        if word.top <= stretch.top and stretch.bottom <= word.bottom and stretch.traits[3] == 0
        for glyph in (stretch.glyphs() if stretch.right >= word.x0 else ())
        if word.x0 <= glyph.x0 and glyph.x1 <= word.x1 and not glyph.text.isspace()
    ]
    return sorted(found, key=lambda pair: pair[1][1:4:2])
