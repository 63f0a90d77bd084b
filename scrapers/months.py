"""A document that gives each month a page: which months it holds, and whether pages are lost."""

import re
from calendar import month_abbr, month_name, monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from scrapers.errors import RefusedError
from scrapers.figures.headings import Phrase, beside
from scrapers.pdf import Word
from storage.model import Check, Period

NAME = re.compile("|".join(rf"{name[:3]}(?:{name[3:]})?(?![a-z])" for name in month_name[1:]))
TITLE = re.compile(rf"(?:.*\W)?({NAME.pattern})\W*((?:19|20)\d\d)")
LARGE = 1.3
"""A title's font size, in parts of the page's usual one: 2 or more so far."""
FURNITURE = re.compile(r"\bPage ?(\d{1,6}) ?of ?(\d{1,6})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """A page's number as the page itself prints it."""

    page: int
    """Where it stands in the file, from 1."""
    number: int
    of: int


def month(title: str) -> str | None:
    """Read a title that ends like `November - 2019` as `2019-11`; None where it does not."""
    found = TITLE.fullmatch(title)
    return f"{found[2]}-{list(month_abbr).index(found[1][:3]):02}" if found else None


def titles(words: Sequence[Word]) -> list[Phrase]:
    """Give the phrases in large print that end with a month and a year, the largest first."""
    usual = median(word.size for word in words) if words else 0
    begun = [word for word in words if word.size >= LARGE * usual and NAME.match(word.text)]
    found = [beside(words, word) for word in begun]
    return sorted((phrase for phrase in found if month(phrase.text)), key=lambda p: -p.size)


def printed_number(words: Sequence[Word], page: int) -> tuple[PrintedNumber, ...]:
    """Find `Page 3 of 254` among a page's words, in the order of drawing; at most one."""
    found = FURNITURE.search(" ".join(word.text for word in words))
    if not found:
        return ()
    return (PrintedNumber(page=page, number=int(found[1]), of=int(found[2])),)


def period(months: Sequence[str]) -> Period:
    """Give the days from the oldest month's first to the newest month's last."""
    first, last = date.fromisoformat(f"{min(months)}-01"), date.fromisoformat(f"{max(months)}-01")
    return Period(start=first, end=last.replace(day=monthrange(last.year, last.month)[1]))


def between(first: str, last: str) -> list[str]:
    """Name all months from `first` to `last`, both included, in either direction of time."""
    a, b = sorted(int(name[:4]) * 12 + int(name[5:]) - 1 for name in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(a, b + 1)]


def refuse_lost_pages(pages: Mapping[int, str], numbers: Sequence[PrintedNumber]) -> None:
    """Refuse a document whose printed page numbers skip, unless its months go on all the same.

    A compilation may number its parts by the documents that they came from (FBI, 2023: 1 and then
    14 to 49 of 291, on pages 1 and 22 to 57), so that only a number that is too high counts.

    Args:
        pages: the months, by page.
        numbers: as printed, in the document's order.

    Raises:
        RefusedError: `damaged`; names the page before which others are lost.
    """
    for before, after in pairwise(numbers):
        lost = (after.number - before.number) - (after.page - before.page)
        here = [pages.get(page) for page in range(before.page, after.page + 1)]
        names = [name for name in here if name]
        whole = names == here and sorted(names) == between(min(names), max(names))
        if lost > 0 and not whole:
            detail = f"page {before.number} of {before.of} is followed by page {after.number}"
            raise RefusedError("damaged", detail, page=after.page)


def check_months(months: Sequence[str], rows: Sequence[str]) -> Check:
    """Check that no month between the first and the last is missing, and none comes twice.

    Args:
        months: one for each page.
        rows: the month of each record.
    """
    due = between(min(months), max(months))
    missing = sorted(set(due) - set(months))
    twice = sorted({name for name in months if months.count(name) > 1})
    wrong = [f"{name} is missing" for name in missing] + [f"{name} comes twice" for name in twice]
    return Check(
        name="each month from the first to the last once",
        passed=not wrong,
        expected=f"{len(due)} months",
        found="; ".join([f"{len(months)} months", *wrong]),
        rows=tuple(n for n, name in enumerate(rows, 1) if name in twice),
    )


def check_pages(numbers: Sequence[PrintedNumber], pages: int) -> tuple[Check, ...]:
    """Check the printed page count, where all pages print the same; else there is no check."""
    counts = {number.of for number in numbers}
    if len(numbers) != pages or len(counts) != 1:
        return ()
    (of,) = counts
    return (Check(name="pages = printed page count", passed=of == pages, expected=of, found=pages),)
