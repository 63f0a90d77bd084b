"""The objects of a page, from pdfium; its paths sorted into lines, rectangles and curves.

The sorting is pdfminer's (`paint_path`), so that what it calls a rectangle is one here, too.
"""

import ctypes
from collections.abc import Callable, Iterator
from typing import NamedTuple

from scrapers.engine import pdfium
from scrapers.engine.pdfium import Matrix
from scrapers.engine.shapes import BoxEdges, Drawing

Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
DEEPEST_FORM = 30
"""How many forms may stand within each other before a page counts as damaged."""


def multiplied(inner: Matrix, outer: Matrix) -> Matrix:
    """Give the matrix that applies `inner` first, then `outer`."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (
        a * g + b * i, a * h + b * j,
        c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


class Placed(NamedTuple):
    """One object of a page: text, path, image or shading."""

    handle: int
    kind: int
    outer: Matrix
    """From the space that the object stands in to the page's."""


def page_handles(page: int) -> Iterator[int]:
    """Yield a page's own objects, not those within forms."""
    for index in range(pdfium.count_objects(page)):
        handle = pdfium.get_object(page, index)
        if handle:
            yield handle


def all_objects(
    handles: Iterator[int], outer: Matrix = IDENTITY, depth: int = 0
) -> Iterator[Placed]:
    """Yield objects in the order in which they are drawn, forms replaced by their content."""
    for handle in handles:
        kind = pdfium.object_type(handle)
        if kind == pdfium.FORM and depth < DEEPEST_FORM:
            count = pdfium.form_count(handle)
            inside = (pdfium.form_object(handle, index) for index in range(count))
            matrix = multiplied(pdfium.object_matrix(handle), outer)
            yield from all_objects((each for each in inside if each), matrix, depth + 1)
        else:
            yield Placed(handle, kind, outer)


class _PathReader:
    """Reads the segments of paths; keeps the place that pdfium writes points to."""

    def __init__(self) -> None:
        self._point = (ctypes.c_float * 2)()
        self._address = ctypes.addressof(self._point)

    def subpaths(self, path: int) -> list[tuple[str, list[Point]]]:
        """Give the parts of a path: the letters of its segments, and the points they go to.

        The letters are `m` (begin), `l` (line), `c` (curve, by its end) and `h` (close).
        """
        point, x_at, y_at = self._point, self._address, self._address + 4
        start: Point = (0.0, 0.0)
        shape: list[str] = []
        points: list[Point] = []
        found = [(shape, points)]
        bends = 0
        for index in range(pdfium.count_segments(path)):
            segment = pdfium.get_segment(path, index)
            kind = pdfium.segment_type(segment)
            bends = bends + 1 if kind == pdfium.BEZIER else 0
            if bends % 3:  # two control points before each end of a curve
                continue
            pdfium.segment_point(segment, x_at, y_at)
            here = (point[0], point[1])
            if kind == pdfium.MOVE:
                start = here
                if shape:
                    shape, points = [], []
                    found.append((shape, points))
            shape.append("lcm"[kind])
            points.append(here)
            # pdfium draws back to the start before it closes, so that only there it can be closed.
            if here == start and kind != pdfium.MOVE and pdfium.segment_closes(segment):
                shape.append("h")
                points.append(here)
        return [("".join(shape), points) for shape, points in found]


def _sort_in(shape: str, points: list[Point], drawing: Drawing) -> None:
    """Put one subpath where pdfminer's `paint_path` would."""
    if len(shape) > 3 and shape[-2:] == "lh" and points[-2] == points[0]:  # noqa: PLR2004 - m, l and h at least
        shape = shape[:-2] + "h"
        points = points[:-1]
    if shape in {"mlh", "ml"}:
        drawing.lines.append(_bound(points[:2]))
    elif shape in {"mlllh", "mllll"} and _is_square(points):
        drawing.rects.append(_bound([points[0], points[2]]))
    elif len(points) > 1:
        drawing.curves.append(points)


def _is_square(points: list[Point]) -> bool:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3), last = points
    upright = x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0
    lying = y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0
    return points[0] == last and (upright or lying)


def _bound(points: list[Point]) -> BoxEdges:
    xs, tops = zip(*points, strict=True)
    return min(xs), min(tops), max(xs), max(tops)


def read_drawing(objects: list[Placed], place: Callable[[float, float], Point]) -> Drawing:
    """Give what a page draws apart from its text.

    Args:
        objects: what stands on the page.
        place: from a point of the page's own space to x, top of the displayed page.
    """
    drawing = Drawing([], [], [])
    reader = _PathReader()
    for handle, kind, outer in objects:
        if kind != pdfium.PATH:
            continue
        a, b, c, d, e, f = multiplied(pdfium.object_matrix(handle), outer)
        for shape, points in reader.subpaths(handle):
            placed = [place(a * x + c * y + e, b * x + d * y + f) for x, y in points]
            _sort_in(shape, placed, drawing)
    return drawing


def image_share(objects: list[Placed], area: float) -> float:
    """Say which part of a page its raster images cover; what overlaps counts twice.

    Args:
        objects: what stands on the page.
        area: the page's, in square points.
    """
    covered = 0.0
    for handle, kind, outer in objects:
        if kind == pdfium.IMAGE:
            a, b, c, d, _, _ = multiplied(pdfium.object_matrix(handle), outer)
            covered += abs(a * d - b * c)  # an image is drawn into the unit square
    return min(1.0, covered / area) if area > 0 else 0.0
