"""What a link claims about its document: the first day of a period, by file name or by text."""

import re
from urllib.parse import unquote, urlsplit

from scrapers.reports.periods import period

_WEEK = re.compile(r"(\d{4})[\W_](\d\d)[\W_](\d\d)[\W_]*to[\W_]*((?:\d{4}[\W_])?)(\d\d)[\W_](\d\d)")
_SEAM = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")


def claimed_edition(url: str, text: str) -> str | None:
    """Read `ddor2017_01-28to02-03.pdf`, `ddor-fy2018-q2.pdf`, or a link's text with a period."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1].lower().removesuffix(".pdf")
    if match := _WEEK.search(name):
        year, month, day, _, to_month, to_day = match.groups()
        to_year = match[4][:4] or str(int(year) + (to_month < month))
        known = period(f"{year}-{month}-{day} to {to_year}-{to_month}-{to_day}")
    else:
        words = re.sub(r"[\W_]+", " ", name)
        known = period(_SEAM.sub(" ", words)) or period(text)
    return known.start.isoformat() if known else None
