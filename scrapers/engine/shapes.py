"""What a page is made of, as plain values: glyphs, words, cells and grids, each with its place.

Coordinates are PDF points of the page as displayed (after /Rotate, within its CropBox), from its
top left corner. Nothing here knows a PDF library.
"""

from dataclasses import dataclass
from typing import NamedTuple

BoxEdges = tuple[float, float, float, float]
"""x0, top, x1, bottom."""

UNMAPPED = "\ufffd"
"""Stands for a glyph that the file draws without saying which character it is."""


class Glyph(NamedTuple):
    """One character as drawn; its box is as wide as its advance and as high as its font size."""

    text: str
    """Usually one character; more where the file maps one glyph to several."""
    x0: float
    top: float
    x1: float
    bottom: float
    upright: bool
    size: float
    """Font size in points, as drawn."""
    bold: bool
    turn: int
    """How far the text is turned counter-clockwise: 0, 90 (reads upwards), 180 or 270."""


class Drawing(NamedTuple):
    """What is drawn on a page, apart from text, as far as rules of tables may be made of it."""

    lines: list[BoxEdges]
    """Single straight segments, whatever their slope."""
    rects: list[BoxEdges]
    curves: list[list[tuple[float, float]]]
    """Other paths: their points (x, top), control points left out."""


class Word(NamedTuple):
    """Characters that stand together, without white space (no-break spaces split words too)."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    """Font size in points."""
    bold: bool
    upright: bool
    """False for rotated text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a grid. Empty text where nothing stands in it."""

    text: str
    """Words joined by single spaces, line breaks too; typography as printed."""
    box: BoxEdges


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table on one page: rows of cells; None where a merged cell leaves no cell of its own."""

    page: int
    """From 1."""
    box: BoxEdges
    rows: tuple[tuple[Cell | None, ...], ...]
    row_boxes: tuple[BoxEdges, ...]
