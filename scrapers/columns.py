"""Tables without rules: columns found by the white space between them, rows by that above them."""

from collections.abc import Mapping, Sequence

from scrapers.lines import Line
from scrapers.meanings import Shape
from scrapers.tables import Table


def read(
    lines: Sequence[Line],
    title: str,
    shapes: Sequence[Shape],
    rules: Mapping[int, tuple[float, ...]],
) -> tuple[Table, ...]:
    return ()
