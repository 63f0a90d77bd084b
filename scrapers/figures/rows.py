"""From the words of a table of figures to its rows: by label at the left, by column heading.

Every word between the headings and the last row ends up in exactly one cell, or the page is
refused.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scrapers.errors import RefusedError
from scrapers.figures.headings import GAP, Column
from scrapers.pdf import BoxEdges, Word

FIGURE = re.compile(r"[1-9][0-9]{0,2}(?:(?:,| |, )[0-9]{3}){1,5}|[0-9]{1,12}")
"""A count as printed; a space may stand beside or instead of its commas (FBI, 2015)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table of figures."""

    label: str
    texts: tuple[str, ...]
    """One for each column, as printed; empty where nothing stands."""
    box: BoxEdges
    """Around all its words."""


@lru_cache(maxsize=50_000)
def figure(text: str) -> int | None:
    """Read a count, or give None where `text` is none (empty text too)."""
    return int(re.sub(r"\D", "", text)) if FIGURE.fullmatch(text) else None


def middle(word: Word) -> float:
    """Height on the page of a word's middle line."""
    return (word.top + word.bottom) / 2


def lines(words: Iterable[Word]) -> list[list[Word]]:
    """Put words into lines, top to bottom, each from left to right."""
    found: list[list[Word]] = []
    for word in sorted(words, key=middle):
        if found and middle(word) - middle(found[-1][0]) <= word.size / 2:
            found[-1].append(word)
        else:
            found.append([word])
    return [sorted(line, key=lambda word: word.x0) for line in found]


def has_figures(line: Sequence[Word], least: int) -> bool:
    """Tell a row: a label and after it so many figures."""
    if FIGURE.fullmatch(line[0].text):
        return False
    return sum(1 for word in line if FIGURE.fullmatch(word.text)) >= least


def label(line: Sequence[Word]) -> list[Word]:
    """Give the words of the line's label: those that stand together at its left."""
    found = [line[0]]
    for word in line[1:]:
        if FIGURE.fullmatch(word.text) or word.x0 - found[-1].x1 > GAP * word.size:
            break
        found.append(word)
    return found


def rows(table: Sequence[Sequence[Word]], columns: Sequence[Column], *, page: int) -> list[Row]:
    """Read the lines of a table.

    Args:
        table: the lines from the first row to the last.
        columns: left to right.
        page: for the errors.

    Raises:
        RefusedError: a word stands in no cell, two in one, or the figures of a column do not
            stand under each other, so that it is not certain which column they are of.
    """
    placed = [_cells(line, columns, page) for line in table]
    for number, column in enumerate(columns):
        _is_aligned([cells[number][-1] for cells in placed if cells[number]], column, page)
    return [
        Row(
            label=" ".join(word.text for word in label(line)),
            texts=tuple(" ".join(word.text for word in cell) for cell in cells),
            box=_around(line),
        )
        for line, cells in zip(table, placed, strict=True)
    ]


def _cells(line: Sequence[Word], columns: Sequence[Column], page: int) -> list[list[Word]]:
    """Give the words of each column: a figure ends right of where its heading begins."""
    named = label(line)
    name = " ".join(word.text for word in named)
    starts = [column.x0 for column in columns]
    cells: list[list[Word]] = [[] for _ in columns]
    if FIGURE.fullmatch(named[0].text) or named[0].x0 >= starts[0]:
        raise RefusedError("unrecognised-layout", f"{name!r} is no row's label", page=page)
    for word in line[len(named) :]:
        text = _without_label(word.text, name)
        if not text:
            continue
        cell = cells[max(bisect_right(starts, word.x1) - 1, 0)]
        if cell and word.x0 - cell[-1].x1 > GAP * word.size:
            detail = f"{cell[-1].text!r} and {word.text!r} stand in one cell of {name!r}"
            raise RefusedError("unrecognised-layout", detail, page=page)
        cell.append(word if text == word.text else word._replace(text=text))
    return cells


def _without_label(text: str, name: str) -> str:
    """Drop the row's label where it is printed again, cut short, in the middle of the row.

    From 2022 on the FBI's drawing program prints a second set of labels ("Ala..", "Gra.."),
    paints it over, and the words remain in the text, one run together with the figure after it.
    """
    begun, dots, rest = text.partition("..")
    if dots and name.startswith(begun):
        return rest
    return "" if text == name else text


def _is_aligned(words: Sequence[Word], column: Column, page: int) -> None:
    """Refuse a column whose figures share neither right edge nor middle nor left edge."""
    if not words:
        return
    lefts, rights = [word.x0 for word in words], [word.x1 for word in words]
    middles = [(word.x0 + word.x1) / 2 for word in words]
    spread = min(max(edges) - min(edges) for edges in (lefts, middles, rights))
    if spread > max(word.size for word in words):
        detail = f"the figures of {column.heading!r} do not stand under each other"
        raise RefusedError("unrecognised-layout", detail, page=page)


def _around(line: Sequence[Word]) -> BoxEdges:
    return (
        min(word.x0 for word in line),
        min(word.top for word in line),
        max(word.x1 for word in line),
        max(word.bottom for word in line),
    )
