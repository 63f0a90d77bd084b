"""The FBI's monthly firearm background checks: month and year by state and type.

One address whose bytes are replaced each month; page 1 may hold notes, then a page a month.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from scrapers import months
from scrapers.errors import LayoutError, RefusedError
from scrapers.figures import sums
from scrapers.figures.headings import Column, beside, letters
from scrapers.figures.reader import read_sheets
from scrapers.figures.rows import figure
from scrapers.figures.sheets import Shape, Sheet, below, body, sheet
from scrapers.figures.words import drawn_words
from scrapers.pdf import Document, Word
from scrapers.source import Address, Cadence, Fetch, Source
from storage.model import Box, Check, Listing, Reading, Record

# 2026-11: this project has never reached the FBI's site: the page's markup, its headers and the
# validators that it honours are unknown. The page's address and the document's
# (/file-repository/nics_firearm_checks_-_month_year_by_state_type.pdf, with /view after it for a
# web page about the file) are those by which others fetched it from 2016 to 2023. In 2015 it
# stood at /about-us/cjis/nics/reports/nics_firearm_checks_-_month_year_by_state_type.pdf.
ADDRESSES = (Address(url="https://www.fbi.gov/services/cjis/nics"),)
PAGE = ADDRESSES[-1].url
FILE = "nics_firearm_checks_-_month_year_by_state_type.pdf"
FILES = tuple(
    f"https://www.fbi.gov/{folder}/{FILE}"
    for folder in ("file-repository", "about-us/cjis/nics/reports")
)
# Its siblings lack one of the words: Month/Year, Month/Year by State, Year by State/Type. They
# are looked for from the beginning on: from each letter on, a long text would take its square.
REPORT = re.compile(r"^(?=.*month)(?=.*year)(?=.*state)(?=.*type)|/nics[_-]?\d{4}[\d-]*\.pdf$")

# What headings mean, by their letters. Rentals have no "other"; permit rechecks came in 2016.
GROUPS = {
    "prepawn": "prepawn_",
    "redemption": "redemption_",
    "returneddisposition": "returned_",
    "rental": "rentals_",
    "privatesale": "private_sale_",
    "returntoseller": "return_to_seller_",
    "returntosellerprivatesale": "return_to_seller_",
}
GUNS = ("handgun", "long_gun", "other")
PLAIN = ("permit", "permit_recheck", *GUNS, "multiple", "admin")
LEAVES = {name.replace("_", ""): name for name in PLAIN} | {"total": "totals"}
SHAPE = Shape(
    labels=("state", "stateterritory"),
    leaves=LEAVES.keys(),
    groups=GROUPS.keys(),
    last=("total", "grandtotal"),  # 2022: "Totals" became "Grand Total".
    total="total",
)
FIELDS = (
    *PLAIN,
    *(f"{group}_{gun}" for group in ("prepawn", "redemption", "returned") for gun in GUNS),
    *("rentals_handgun", "rentals_long_gun"),
    *(f"{group}_{gun}" for group in ("private_sale", "return_to_seller") for gun in GUNS),
    "totals",
)
NEEDED = {"handgun", "long_gun", "totals"}
STATES = {
    letters(name): name
    for name in re.split(
        r"\|",
        "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|"
        "District of Columbia|Florida|Georgia|Guam|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|"
        "Kentucky|Louisiana|Maine|Mariana Islands|Maryland|Massachusetts|Michigan|Minnesota|"
        "Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
        "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Puerto Rico|"
        "Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virgin Islands|"
        "Virginia|Washington|West Virginia|Wisconsin|Wyoming",
    )
}
PARSER = 2


def discover(fetch: Fetch) -> Iterator[Listing]:
    """Give the one document that the FBI's page links to.

    Raises:
        LayoutError: the page links to no such document, or to more than one.
    """
    found: dict[str, str] = {}
    for link in fetch(PAGE).links():
        url = re.sub(r"/view/?$", "", link.url)
        if REPORT.search(link.text.lower()) or REPORT.search(url.lower()):
            found.setdefault(url, link.text)
    found = {url: text for url, text in found.items() if url.lower().endswith(".pdf")} or found
    if len(found) != 1:
        links = ", ".join(found) or "none"
        raise LayoutError(PAGE, expected="one link to Month/Year by State/Type", found=links)
    for url, text in found.items():
        yield Listing(source="fbi_nics", edition="rolling", url=url, title=text)


def extract(document: Document) -> Reading:
    """Read every month of the document.

    Raises:
        RefusedError: it is no such report, a page is lost, or one cannot be read in full.
    """
    numbers: list[months.PrintedNumber] = []

    def pages() -> Iterator[tuple[int, list[Word]]]:
        for page in document.pages(drawn=False):
            words = drawn_words(page.chars)
            numbers.extend(months.printed_number(words, page.number))
            yield page.number, words

    found, notes = read_sheets(pages(), read)
    if not found:
        raise RefusedError("unrecognised-layout", "no page holds a month's figures by state")
    months.refuse_lost_pages({month.page: month.name for month in found}, numbers)
    checks = (*check(found), *months.check_pages(numbers, document.page_count))
    return Reading(
        source="fbi_nics",
        parser=PARSER,
        digest=document.digest,
        pages=document.page_count,
        status="complete" if all(check.passed for check in checks) else "flagged",
        edition="rolling",
        period=months.period([month.name for month in found]),
        title=found[0].title,
        checks=checks,
        tables={"checks": tuple(record for month in found for record in records(month))},
        text_digest=document.text_digest(),
        notes=(*document.notes, *notes),
    )


def read(words: Sequence[Word], page: int, like: Sheet | None) -> Sheet | None:
    """Read a page that holds a month; None where it holds neither a month nor a table.

    Raises:
        RefusedError: it holds one of them only, or not all of its table is understood.
    """
    lines, named = body(words, SHAPE.last, page), months.titles(words)
    titles = [word for word in words if word.text.startswith("NICS")]
    if not lines and not named:
        return None
    if not lines or not named or not titles:
        lacks = "table" if not lines else "month" if not named else "title"
        raise RefusedError("unrecognised-layout", f"the page has no {lacks}", page=page)
    title = beside(words, max(titles, key=lambda word: word.size)).text
    name, table = str(months.month(named[0].text)), below(named[0], words, lines, title)
    month = sheet(table, SHAPE, name=name, page=page, like=like)
    known = [name for name in map(field, month.columns) if name in FIELDS]
    headings = [column.heading for column in month.columns]
    if len({*known}) < len(known) or not {*known} >= NEEDED or len({*headings}) < len(headings):
        detail = f"columns lost or twice: {', '.join(headings)}"
        raise RefusedError("unrecognised-layout", detail, page=page)
    return month


def field(column: Column) -> str:
    """Name the field of a column; a name that is not in `FIELDS` where we do not know it."""
    group = GROUPS.get(letters(column.group), "?") if column.group else ""
    return group + LEAVES.get(letters(column.leaf), "?")


def records(month: Sheet) -> Iterator[Record]:
    """Give the month's records, a state each, in the page's order."""
    known = {field(column): n for n, column in enumerate(month.columns)}
    headings = [month.label_heading, *(column.heading for column in month.columns)]
    for row in month.rows:
        state = STATES.get(letters(row.label), row.label)
        texts = {name: row.texts[known[name]] if name in known else "" for name in FIELDS}
        counts = {name: figure(text) for name, text in texts.items()}
        yield Record(
            fields={"month": month.name, "state": state, **counts},
            cells=dict(zip(headings, (row.label, *row.texts), strict=True)),
            boxes=(Box(page=month.page, box=row.box),),
        )


def check(found: Sequence[Sheet]) -> tuple[Check, ...]:
    """Hold the figures against the totals that the document prints, and the months and states."""
    rows = [month.name for month in found for _ in month.rows]
    return (
        sums.check_rows(found),
        sums.check_columns(found),
        sums.check_figures(found),
        sums.check_labels(found, STATES),
        sums.check_known(found, lambda column: field(column) in FIELDS),
        months.check_months([month.name for month in found], rows),
    )


SOURCE = Source(
    name="fbi_nics",
    agency="Federal Bureau of Investigation",
    title="NICS Firearm Background Checks: Month/Year by State/Type",
    addresses=ADDRESSES,
    hosts=frozenset({"www.fbi.gov", "fbi.gov"}),
    discover=discover,
    extract=extract,
    parser=PARSER,
    keys={"checks": ("month", "state")},
    fields={
        "month": "Month of the checks.",
        "state": "State or territory, written out.",
        "totals": "Checks of all types as the row prints them, not our sum.",
    },
    cadence=(Cadence(since=date(1998, 11, 30), every_days=31, why="a page a month since 1998-11"),),
    rolling=True,
    prefixes=FILES,
)
