"""The first page: the report's title, and the period under it."""

import re
from collections.abc import Sequence

from scrapers.cells import plain
from scrapers.lines import Line

UNDER = 4
"""Lines under the title that may print the period."""


def title(front: Sequence[Line], name: re.Pattern[str]) -> int | None:
    """Find the title's line, from 0: the largest of those in which `name` is found."""
    found = [at for at, line in enumerate(front) if name.search(plain(line.text))]
    return max(found, key=lambda at: (round(front[at].size), -at), default=None)


def subtitles(front: Sequence[Line], title_at: int | None) -> str:
    """Give the title with the lines under it, as one text."""
    start = title_at or 0
    return " ".join(line.text for line in front[start : start + UNDER + 1])
