"""The period that a report's text prints: two dates, two months, or a quarter."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import MINYEAR, date

from scrapers.cells import iso_date, plain
from storage.model import Period

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TO = r",?\s*(?:-|to|through|thru|until|and)\s*"
_YEAR = r"(?:,?\s*(\d{4}))"
_SPOKEN = re.compile(
    rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}?{_TO}"
    rf"({_MONTH})?\s*(\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}"
)
_NUMERIC = re.compile(rf"\b(\d{{1,2}}/\d{{1,2}}/\d{{2,4}}){_TO}(\d{{1,2}}/\d{{1,2}}/\d{{2,4}})\b")
_ISO = re.compile(rf"\b(\d{{4}}-\d\d-\d\d){_TO}(\d{{4}}-\d\d-\d\d)\b")
_MONTHS = re.compile(rf"\b({_MONTH}){_YEAR}?{_TO}({_MONTH}){_YEAR}\b")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_QUARTER = re.compile(
    r"\b(?:(?P<word>first|second|third|fourth|[1-4](?:st|nd|rd|th))\s+quarter|q(?:uarter|tr)?\s*(?P<q>[1-4]))\b"
)
_FISCAL = re.compile(r"\b(?:fiscal\s+year|fy)\s*(?:\(fy\)\s*)?'?(?P<year>\d{4}|\d{2})(?!\d)")
_CALENDAR = re.compile(r"\b(?:calendar\s+year|cy)\s*(?P<year>\d{4})\b")


def period(text: str) -> Period | None:
    """Find the first period in a text; dates count before months, months before quarters."""
    known = plain(text)
    return _spoken(known) or _numeric(known) or _months(known) or _quarter(known)


def _spoken(text: str) -> Period | None:
    """Find `Jan. 28 - Feb. 3, 2017`; the first year is left out where it is the second's."""
    if not (found := _SPOKEN.search(text)):
        return None
    month, day, year, to_month, to_day, to_year = found.groups()
    start = _day(f"{month} {day}, {year or to_year}")
    end = _day(f"{to_month or month} {to_day}, {to_year}")
    if start and end and not year and start > end:
        start = _day(f"{month} {day}, {start.year - 1:04}")
    return _period(start, end)


def _numeric(text: str) -> Period | None:
    """Find `1/28/2017 - 2/3/2017`, or ISO dates."""
    found = _NUMERIC.search(text) or _ISO.search(text)
    return _period(_day(found[1]), _day(found[2])) if found else None


def _months(text: str) -> Period | None:
    """Find `January through March 2018`."""
    if not (found := _MONTHS.search(text)):
        return None
    month, year, to_month, to_year = found.groups()
    start = _day(f"{month} 1, {year or to_year}")
    end = _day(f"{to_month} 1, {to_year}")
    return _period(start, end and end.replace(day=monthrange(end.year, end.month)[1]))


def _quarter(text: str) -> Period | None:
    """Find `FY2018, Second Quarter`: the federal fiscal year begins on 1 October before."""
    found = _QUARTER.search(text)
    fiscal, calendar = _FISCAL.search(text), _CALENDAR.search(text)
    if not found or not (fiscal or calendar):
        return None
    year = fiscal or calendar
    if not year:
        return None
    number = int(found["q"] or _ORDINALS.get(found["word"], 0) or found["word"][0])
    first = (number - 1) * 3 - (3 if fiscal else 0)
    known = int(year["year"]) + (2000 if len(year["year"]) == len("18") else 0) + first // 12
    if known < MINYEAR:
        return None
    start = date(known, first % 12 + 1, 1)
    last = start.month + 2
    return Period(start=start, end=date(start.year, last, monthrange(start.year, last)[1]))


def _day(text: str) -> date | None:
    """Read one day."""
    known = iso_date(text)
    return date.fromisoformat(known) if known and len(known) == len("2017-01-28") else None


def _period(start: date | None, end: date | None) -> Period | None:
    """Make a period of two days in order."""
    return Period(start=start, end=end) if start and end and start <= end else None


def first_period(texts: Iterable[str]) -> Period | None:
    """Give the first period that any of the texts prints."""
    return next((known for text in texts if (known := period(text))), None)
