"""From the words above a table of figures to its columns: headings on two levels, found by meaning.

Nothing here goes by fixed places. A heading is a run of words; one that several groups share
("Handgun") belongs to the group heading that stands over the middle of its run.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from scrapers.errors import RefusedError
from scrapers.pdf import Word

GAP = 0.6
"""Widest space inside a phrase, in font sizes. Headings that stand next to each other come as
near as 0.8 (FBI, 2023); spaces inside one reach 0.33 (FBI, 2015)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words of one line that stand together."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float

    @property
    def middle(self) -> float:
        """Height on the page of its middle line."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of figures."""

    group: str
    """The heading over several columns, as printed; empty where there is none."""
    leaf: str
    """The column's own heading, as printed."""
    x0: float
    """Left edge of its own heading."""

    @property
    def heading(self) -> str:
        """Both levels as printed: `Pre-Pawn Long Gun`."""
        return f"{self.group} {self.leaf}".strip()


@lru_cache(maxsize=10_000)
def letters(text: str) -> str:
    """Reduce a heading to what it means: small letters only, no plural, no footnote marks."""
    return re.sub(r"[^a-z]", "", text.lower()).removesuffix("s")


def phrases(words: Iterable[Word]) -> list[Phrase]:
    """Join words into phrases, left to right; a footnote mark begins a new one."""
    found: list[Phrase] = []
    for word in sorted(words, key=lambda word: word.x0):
        before = next((p for p in found if _continues(p, word)), None)
        if before:
            found.remove(before)
        found.append(_joined(before, word))
    return found


def beside(words: Iterable[Word], word: Word) -> Phrase:
    """Give the phrase that `word` is part of."""
    near = [w for w in words if w is word or (w.top < word.bottom and word.top < w.bottom)]
    return next(
        p for p in phrases(near) if p.x0 <= word.x0 <= word.x1 <= p.x1 and word.text in p.text
    )


def _continues(before: Phrase, word: Word) -> bool:
    size = min(before.size, word.size)
    level = abs(before.middle - (word.top + word.bottom) / 2) <= size / 4
    return level and word.x0 - before.x1 <= GAP * size and not word.text.startswith("*")


def _joined(before: Phrase | None, word: Word | Phrase) -> Phrase:
    if not before:
        edges = {"x0": word.x0, "top": word.top, "x1": word.x1, "bottom": word.bottom}
        return Phrase(text=word.text, size=word.size, **edges)
    return Phrase(
        text=f"{before.text} {word.text}",
        x0=min(before.x0, word.x0),
        top=min(before.top, word.top),
        x1=max(before.x1, word.x1),
        bottom=max(before.bottom, word.bottom),
        size=before.size,
    )


def stacked(found: Sequence[Phrase], known: Collection[str]) -> list[Phrase]:
    """Join headings that run over two lines ("Permit" over "Recheck") into those that are known."""
    left = list(found)
    for lower in found:
        for upper in (phrase for phrase in found if _is_over(phrase, lower)):
            joined = _joined(upper, lower)
            if letters(joined.text) in known and upper in left and lower in left:
                left = [phrase for phrase in left if phrase not in (upper, lower)] + [joined]
    return left


def _is_over(upper: Phrase, lower: Phrase) -> bool:
    return (
        upper.x0 < lower.x1
        and lower.x0 < upper.x1
        and upper.middle < lower.middle <= upper.middle + 2 * lower.size
    )


def columns(
    found: Sequence[Phrase], *, leaves: Collection[str], groups: Collection[str], page: int
) -> list[Column]:
    """Tell columns from groups and give the columns, left to right.

    Args:
        found: the phrases above the table, stacked, without the one over the row labels.
        leaves: what the known columns' own headings mean (see `letters`).
        groups: what the known groups' headings mean.
        page: for the error.

    Raises:
        RefusedError: no known column, or a group that stands over no columns of its own.
    """
    level = [part.middle for part in found if letters(part.text) in leaves]
    if not level:
        raise RefusedError("unrecognised-layout", "no known column heading", page=page)
    lowest = sorted(level)[len(level) // 2]
    own = [part for part in found if _is_leaf(part, leaves, groups, lowest)]
    columns_ = sorted((Column(group="", leaf=p.text, x0=p.x0) for p in own), key=lambda c: c.x0)
    ends = {part.x0: part.x1 for part in own}
    for group in (part for part in found if part not in own):
        under = _under(group, _runs(columns_), ends)
        if not under:
            detail = f"the heading {group.text!r} stands over no columns of its own"
            raise RefusedError("unrecognised-layout", detail, page=page)
        columns_ = [replace(c, group=group.text) if c in under else c for c in columns_]
    return columns_


def _is_leaf(part: Phrase, leaves: Collection[str], groups: Collection[str], lowest: float) -> bool:
    meaning = letters(part.text)
    if meaning in groups:
        return False
    return meaning in leaves or part.middle >= lowest - part.size / 2


def _runs(found: Sequence[Column]) -> list[list[Column]]:
    """Split columns whose headings come more than once into runs, each heading once in a run."""
    often = Counter(letters(column.leaf) for column in found)
    runs: list[list[Column]] = [[]]
    for column in found:
        meaning = letters(column.leaf)
        if often[meaning] == 1:
            runs.append([])
            continue
        if meaning in {letters(other.leaf) for other in runs[-1]}:
            runs.append([])
        runs[-1].append(column)
    return [run for run in runs if run]


def _under(
    group: Phrase, runs: Sequence[Sequence[Column]], ends: dict[float, float]
) -> Sequence[Column]:
    centre = (group.x0 + group.x1) / 2
    for run in runs:
        if run[0].x0 <= centre <= ends[run[-1].x0] and not any(column.group for column in run):
            return run
    return ()
