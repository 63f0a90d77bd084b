"""Pictures of pages and of parts of them, drawn by pdfium."""

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from scrapers.engine import pdfium
from scrapers.engine.shapes import BoxEdges

POINTS_PER_INCH = 72
LARGEST_PIXELS = 40_000_000
"""A picture that would have more pixels is drawn in a lower resolution."""
SAMPLES = 3
"""Bytes of a pixel: red, green, blue."""
MARKER = (255, 236, 110)
"""Colour of the marker; it multiplies with the page, so that black text stays black."""
FRAME = bytes((204, 51, 0))
FRAME_PIXELS = 2


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture, pixel by pixel."""

    columns: int
    rows: int
    pixels: bytes
    """Row by row; red, green and blue of each."""

    def png(self) -> bytes:
        """Encode it as PNG; the same pixels always give the same bytes."""
        stride = SAMPLES * self.columns
        lines = b"".join(
            b"\0" + self.pixels[start : start + stride]
            for start in range(0, len(self.pixels), stride)
        )
        header = struct.pack(">IIBBBBB", self.columns, self.rows, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"IDAT", zlib.compress(lines, 6))
            + _chunk(b"IEND", b"")
        )


def draw(
    page: int,
    size: tuple[float, float],
    *,
    resolution: float,
    marked: Sequence[BoxEdges] = (),
    crop: BoxEdges | None = None,
) -> Raster:
    """Draw a page as it is displayed, /Rotate and annotations included.

    Args:
        page: pdfium's page, as loaded.
        size: its width and height, as displayed.
        resolution: pixels per inch.
        marked: places to be marked, in points from the page's upper left corner.
        crop: the part to be drawn; None for all of it. What reaches beyond the page is cut off.
    """
    width, height = size
    x0, top, x1, bottom = crop or (0.0, 0.0, width, height)
    x0, top = min(max(x0, 0.0), width), min(max(top, 0.0), height)
    x1, bottom = min(max(x1, x0), width), min(max(bottom, top), height)
    scale = resolution / POINTS_PER_INCH
    scale = min(scale, math.sqrt(LARGEST_PIXELS / max(1.0, (x1 - x0) * (bottom - top))))
    columns, rows = max(1, round((x1 - x0) * scale)), max(1, round((bottom - top) * scale))
    placed = (round(-x0 * scale), round(-top * scale), round(width * scale), round(height * scale))
    pixels = bytearray(pdfium.rendered(page, (columns, rows), placed))
    for left, upper, right, lower in marked:
        edges = (left - x0, upper - top, right - x0, lower - top)
        _mark(pixels, (columns, rows), [round(edge * scale) for edge in edges])
    return Raster(columns, rows, bytes(pixels))


_MARKED = [bytes(value * shade // 255 for value in range(256)) for shade in MARKER]
"""For red, green and blue: each value as the marker leaves it."""


def _mark(pixels: bytearray, size: tuple[int, int], edges: list[int]) -> None:
    """Lay the marker over a part of a picture, and frame it."""
    columns, rows = size
    left, right = (min(max(edge, 0), columns) for edge in (edges[0], edges[2]))
    top, bottom = (min(max(edge, 0), rows) for edge in (edges[1], edges[3]))
    thick = min(FRAME_PIXELS, right - left)
    for row in range(top, bottom):
        first, last = (SAMPLES * (row * columns + column) for column in (left, right))
        if row < top + FRAME_PIXELS or row >= bottom - FRAME_PIXELS:
            pixels[first:last] = FRAME * (right - left)
            continue
        for sample, shades in enumerate(_MARKED):
            channel = slice(first + sample, last, SAMPLES)
            pixels[channel] = pixels[channel].translate(shades)
        pixels[first : first + SAMPLES * thick] = FRAME * thick
        pixels[last - SAMPLES * thick : last] = FRAME * thick


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
