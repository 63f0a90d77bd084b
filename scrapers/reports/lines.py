"""Words put into lines, as a person reads them; the text of a page outside its tables."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from scrapers.pdf import BoxEdges, Word

WIDE = 1.0
"""A space wider than this part of the font size parts two columns, and no two words of a text."""
SAME_LINE = 0.5
"""Words are of one line when their middles are nearer than this part of the smaller height."""


_ENUMERATOR = re.compile(r"\W|o|\(?\w{1,3}[.)]")


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side, left to right."""

    page: int
    """From 1."""
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words, joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> BoxEdges:
        """The smallest box around the words."""
        return around(self.words)

    @property
    def size(self) -> float:
        """The largest font size in the line, in points."""
        return max(word.size for word in self.words)

    @property
    def bold(self) -> bool:
        """Whether every word is bold."""
        return all(word.bold for word in self.words)


def around(words: Iterable[Word]) -> BoxEdges:
    """Give the smallest box around some words, of which there must be one."""
    known = tuple(words)
    return (
        min(word.x0 for word in known),
        min(word.top for word in known),
        max(word.x1 for word in known),
        max(word.bottom for word in known),
    )


def in_lines(page: int, words: Iterable[Word]) -> tuple[Line, ...]:
    """Put words into lines, top to bottom; a raised or smaller word joins the line it touches."""
    return tuple(Line(page, tuple(group)) for group in _grouped(words))


def printed_lines(words: Sequence[Word]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Give the texts of the lines that `in_lines` puts words into, and where each begins."""
    if len(words) == 1:
        return (words[0].text,), (words[0].x0,)
    groups = _grouped(words)
    texts = tuple(" ".join([word.text for word in group]) for group in groups)
    return texts, tuple(group[0].x0 for group in groups)


_x0 = attrgetter("x0")


def _grouped(words: Iterable[Word]) -> list[list[Word]]:
    """Group words by lines, each left to right."""
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.x0)):
        if groups and _is_level(groups[-1][0], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    for group in groups:
        group.sort(key=_x0)
    return groups


def _is_level(one: Word, other: Word) -> bool:
    """Whether two words are of one line."""
    apart = abs((one.top + one.bottom) - (other.top + other.bottom)) / 2
    return apart < SAME_LINE * min(one.bottom - one.top, other.bottom - other.top)


def parted(line: Line) -> tuple[str, ...]:
    """Give the texts that wide spaces part on a line, left to right."""
    texts = [line.words[0].text]
    for left, right in pairwise(line.words):
        if right.x0 - left.x1 > WIDE * line.size:
            texts.append(right.text)
        else:
            texts[-1] += f" {right.text}"
    return tuple(texts)


def is_mark(text: str) -> bool:
    """Whether a text is nothing but a bullet, or what numbers the entries of a list."""
    return bool(_ENUMERATOR.fullmatch(text))


def is_tabular(line: Line) -> bool:
    """Whether a line has a space as wide as those between columns, but after a bullet or number."""
    pairs = zip(line.words[1:-1], line.words[2:], strict=True) if len(line.words) > 2 else ()  # noqa: PLR2004 - a bullet, and two words
    first = line.words[:2] if not is_mark(line.words[0].text) else ()
    spaces = [*pairs, first] if len(first) > 1 else [*pairs]
    return any(right.x0 - left.x1 > WIDE * left.size for left, right in spaces)
