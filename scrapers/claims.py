"""What a link claims about its document: the first day of a period, by file name or by text."""

import re
from datetime import date
from urllib.parse import unquote, urlsplit

from scrapers.reports.periods import period

_WEEK = re.compile(r"(\d{4})[\W_](\d\d)[\W_](\d\d)[\W_]*to[\W_]*((?:\d{4}[\W_])?)(\d\d)[\W_](\d\d)")
_SEAM = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")


def claimed_edition(url: str, text: str) -> str | None:
    """Read `ddor2017_01-28to02-03.pdf`, `ddor-fy2018-q2.pdf`, or a link's text with a period."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1].lower().removesuffix(".pdf")
    if match := _WEEK.search(name):
        return _first_day(match)
    words = re.sub(r"[\W_]+", " ", name)
    known = period(_SEAM.sub(" ", words)) or period(text)
    return known.start.isoformat() if known else None


def _first_day(match: re.Match[str]) -> str | None:
    """Give the first day of a week in a name, as ISO text; None where its days are none."""
    year, month, day, to_month, to_day = (int(match[n]) for n in (1, 2, 3, 5, 6))
    to_year = int(match[4][:4] or year + (to_month < month))
    try:
        start, end = date(year, month, day), date(to_year, to_month, to_day)
    except ValueError:
        return None
    return start.isoformat() if start <= end else None
