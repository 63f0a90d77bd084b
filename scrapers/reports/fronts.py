"""The first page: the report's title, and the period under it."""

import re
from collections.abc import Sequence

from scrapers.cells import plain
from scrapers.reports.lines import Line
from scrapers.reports.periods import first_period
from scrapers.reports.titles import wraps
from storage.model import Period

UNDER = 4
"""Lines under the title that may print the period."""


def read(
    front: Sequence[Line], name: re.Pattern[str], sections: Sequence[str]
) -> tuple[str | None, Period | None]:
    """Read the title, and the period that is printed under it.

    Args:
        front: the lines before the first section.
        name: found in the title (as `plain`).
        sections: the sections' titles, which may print the period too.
    """
    found = [at for at, line in enumerate(front) if name.search(plain(line.text))]
    at = max(found, key=lambda at: (round(front[at].size), -at), default=None)
    under = [line.text for line in front[at or 0 : (at or 0) + UNDER + 1]]
    every = " ".join(line.text for line in front)
    period = first_period([" ".join(under), *sections, every])
    return (_whole(front, at) if at is not None else None), period


def _whole(front: Sequence[Line], at: int) -> str:
    """Give the title with the lines that go on with it: the next word had no room on the line."""
    room = max(_width(line) for line in front)
    end = at + 1
    while end < len(front) and wraps(front[end - 1], front[end]):
        first = front[end].words[0]
        if _width(front[end - 1]) + first.x1 - first.x0 < room:
            break
        end += 1
    return " ".join(line.text for line in front[at:end])


def _width(line: Line) -> float:
    """How far a line reaches across the page, in points."""
    return line.box[2] - line.box[0]
