"""Stretches: what one text object draws, kept together as it is drawn.

A page has ten times as many characters as stretches, and most stretches stand in one cell whole
and in one line: so words and cells are made of these, and of characters only where these overlap.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, compress
from operator import gt, lt

from scrapers.engine.shapes import Glyph

GAP = 3.0
"""A wider gap than this, in points, parts two words (pdfplumber's x_tolerance)."""

Traits = tuple[bool, float, bool, int]
"""Upright, font size in points, bold, turn: as in `Glyph`."""


class Stretch:
    """Characters of one text object, on one baseline; the fields have one entry for each."""

    __slots__ = (
        *("text", "x0s", "x1s", "top", "bottom", "right"),
        *("traits", "is_upright", "is_rising", "is_tight"),
    )

    def __init__(
        self,
        text: str,
        x0s: list[float],
        x1s: list[float],
        upright_edges: tuple[float, float],
        traits: Traits,
    ) -> None:
        """Take what is drawn; none of it may be empty.

        Args:
            text: the characters, or what one glyph stands for.
            x0s: their left edges.
            x1s: their right edges.
            upright_edges: the upper and the lower edge of all of them.
            traits: what they have in common.
        """
        self.text, self.x0s, self.x1s, self.traits = text, x0s, x1s, traits
        self.top, self.bottom = upright_edges
        self.is_upright = traits[0]
        self.right = max(x1s)
        """The rightmost edge."""
        following = x0s[1:]
        self.is_rising = all(map(lt, x0s, following))
        """Whether each character begins farther right than the one before."""
        self.is_tight = not any(map(gt, following, [x1 + GAP for x1 in x1s]))
        """Whether no gap is so wide that it parts words."""

    def glyphs(self) -> list[Glyph]:
        """Give the characters one by one."""
        if len(self.x0s) == 1:
            texts: Iterable[str] = (self.text,)
        else:
            texts = self.text
        top, bottom = self.top, self.bottom
        upright, size, bold, turn = self.traits
        # A named tuple's own constructor would take as long as all the rest.
        new = tuple.__new__
        return [
            new(Glyph, (text, x0, top, x1, bottom, upright, size, bold, turn))
            for text, x0, x1 in zip(texts, self.x0s, self.x1s, strict=True)
        ]

    def only(self, kept: Sequence[bool]) -> "Stretch":
        """Give the stretch without the other characters; there must be one to keep."""
        if all(kept):
            return self
        return Stretch(
            "".join(compress(self.text, kept)),
            [*compress(self.x0s, kept)],
            [*compress(self.x1s, kept)],
            (self.top, self.bottom),
            self.traits,
        )


def one_each(glyphs: Iterable[Glyph]) -> list[Stretch]:
    """Make a stretch of each character."""
    return [
        Stretch(text, [x0], [x1], (top, bottom), (upright, size, bold, turn))
        for text, x0, top, x1, bottom, upright, size, bold, turn in glyphs
    ]


def all_glyphs(stretches: Iterable[Stretch]) -> list[Glyph]:
    """Give the characters of stretches one by one, in their order."""
    return [*chain.from_iterable(stretch.glyphs() for stretch in stretches)]
