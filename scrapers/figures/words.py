"""Words as the file draws them, one character after the other.

Drawing programs leave words in the text that they have painted over (FBI, from 2022 on). In the
order of a line such words are mixed, letter by letter, with those that one sees; in the order of
drawing each stays whole.
"""

from collections.abc import Iterable

from scrapers.pdf import Glyph, Word

GAP = 0.25
"""Widest gap inside a word, in font sizes; a lost comma leaves 0.28 (FBI, 2015)."""


def drawn_words(glyphs: Iterable[Glyph]) -> list[Word]:
    """Join characters into words, in the order of drawing; a footnote mark begins a new one."""
    words: list[list[Glyph]] = []
    word: list[Glyph] = []
    before, left, reach, level, near = "", 0.0, 0.0, 0.0, 0.0
    for glyph in glyphs:
        text, x0, _, x1, bottom, _, size, *_ = glyph
        if text.isspace():
            word = []
            continue
        is_next = left <= x0 <= reach and abs(bottom - level) <= near
        if word and is_next and (text != "*" or before == "*"):
            word.append(glyph)
        else:
            word = [glyph]
            words.append(word)
        before, left, reach, level, near = text, x0, x1 + GAP * size, bottom, size / 4
    return [_word(word) for word in words]


def _word(glyphs: list[Glyph]) -> Word:
    first = glyphs[0]
    return Word(
        text="".join([glyph.text for glyph in glyphs]),
        x0=first.x0,
        top=first.top,
        x1=glyphs[-1].x1,
        bottom=first.bottom,
        size=first.size,
        bold=first.bold,
        upright=first.upright,
    )
