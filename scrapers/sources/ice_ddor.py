"""ICE's Declined Detainer Outcome Report: weekly in 2017, corrected, suspended, later quarterly."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from scrapers import cells, checks
from scrapers.listings import listed
from scrapers.pdf import Document
from scrapers.reports import fronts, printed, readings, records
from scrapers.reports.meanings import Shape
from scrapers.reports.readings import Report
from scrapers.source import Address, Cadence, Fetch, Source
from storage.model import Check, FieldValue, Listing, Period, Reading, Record

NAME, PARSER = "ice_ddor", 2
ADDRESSES = (
    Address(url="https://www.ice.gov/declined-detainer-outcome-report", since=date(2017, 3, 20)),
)
PAGE = ADDRESSES[-1].url
HOSTS = frozenset({"www.ice.gov", "ice.gov"})
# The file name is by what the press passed on (`ddor2017-02-04to02-10`); the folder itself has not
# been seen (2026-11).
FOLDER = "https://www.ice.gov/doclib/ddor/"
REPORT = re.compile(r"declined[\W_]*detainer|ddor", re.IGNORECASE)
SUBJECT = re.compile(r"\bdetainers?\b.*\bdeclin|\bdeclin\w* .*\bdetainers?\b")
TITLE = re.compile(r"\bdetainer.*\breport\b|\breport\b.*\bdetainers?\b")
MARKED = re.compile(r"\(([^()]*(?:[Cc]harge|[Cc]onvict)[^()]*)\)\s*$")

N = printed.FIGURE
TOTALS = {
    "issued": (
        rf"\bissued (?:a total of |only )?{N} (?:immigration )?detainers\b",
        rf"\b{N} (?:immigration )?detainers (?:that )?(?:were |was )?issued\b",
    ),
    "declined": (
        rf"\b{N} (?:\w+ )?detainers? (?:(?:that|which) )?(?:(?:was|were) )?(?:\w+ as )?declined\b",
        rf"\b{N} (?:recorded |reported )?declined detainers?\b",
        rf"\bdeclined (?:a total of )?{N} (?:\w+ )?detainers?\b",
    ),
}
THESE = r"to (?:these|the following)"
LISTED = (rf"\b{N} (?:detainers )?(?:(?:were )?issued )?{THESE} [\w-]+ jurisdictions\b",)
LISTED_COUNT = (rf"\b{THESE} (?P<n>[\w-]+) jurisdictions\b",)
NONE = re.compile(
    r"\b(?:no|zero) (?:[\w'-]+ ){0,6}?(?:detainers?|jurisdictions?|individuals?|polic\w+|records?"
    r"|entries|declinations|instances)\b|\bnone\b|\bnot (?:record|issue|receive|enact)\w* any\b"
    r"|\bnot any (?:declined )?detainers\b|\bnothing to report\b"
)
CHARGE = "charge_or_conviction"
CADENCE = (
    Cadence(since=date(2017, 3, 20), every_days=7, why="a weekly report, since 2017-03-20"),
    Cadence(
        since=date(2017, 4, 10),
        every_days=None,
        why="“will be temporarily suspended” (on the page, 2017-04-10; AILA Doc. 17032002)",
    ),
    Cadence(
        since=date(2018, 4, 1),
        every_days=92,
        why="“on a quarterly basis, beginning in the second quarter of FY 2018” (the same)",
    ),
)
STATE = r"^(?:us |u\.s\. )?states?\b(?!.*citizen)(?!.*,)|^st\.?$|state/territory"
AOR = r"\baors?\b|\bareas? of responsib|\bfield office|\bero office"
COUNTS = dict.fromkeys(("detainers_issued", "detainers_declined"), cells.is_count)
DATES = dict.fromkeys(("date_declined", "date_issued"), cells.is_date)

ISSUED = Shape(
    name="issued",
    titles=r"^(?:(?!declin|refus).)*\b(?:issued|volume|lodged)\b",
    columns={
        "detainers_declined": (r"^(?!.*\bdate).*(?:declin|not honou?red|refused)",),
        "detainers_issued": (
            r"^(?!.*\bdate).*(?:issued|lodged)",
            r"^(?:total|number|no\.|volume|#)|\bcounts?\b|^detainers$",
        ),
        "jurisdiction": (r"jurisdiction|\bcount(?:y|ies)\b|localit|location|\bcity\b|\bplace",),
        "state": (STATE,),
        "aor": (AOR,),
    },
    needs=(frozenset(COUNTS), frozenset({"jurisdiction", "aor", "state"})),
    key="jurisdiction",
    typed=COUNTS,
)
"""Section I counts detainers issued. The press took them for declined ones (2017-03)."""
DECLINED = Shape(
    name="declined",
    titles=r"^(?!.*\b(?:polic|enact|ordinance)).*(?:\bdeclin|\breleased\b|\bhonou?red|\brefused)",
    columns={
        "date_declined": (
            r"date.*(?:declin|refus)|(?:declin|refus).*date",
            r"^(?!.*\bdetainers).*(?:declin|refus|releas)",
        ),
        "date_issued": (
            r"date.*(?:issu|lodg)|(?:issu|lodg).*date",
            r"^(?!.*\bdetainers).*(?:issu|lodg)|detainer date|date of (?:the )?detainer|placed",
        ),
        "citizenship": (r"citizen|nationalit", r"country"),
        "criminal_activity": (r"\bcrim|offen[sc]e|activit",),
        "charge_or_conviction": (r"charge|convict|disposition",),
        "state": (STATE,),
        "lea": (r"\bleas?\b|law enforcement|\bagency", r"\bjail|facilit|custod|jurisdiction"),
        "aor": (AOR,),
    },
    needs=(
        frozenset({"lea", "citizenship", "criminal_activity"}),
        frozenset({"date_declined", "date_issued"}),
    ),
    key="lea",
    typed=DATES,
)
POLICIES = Shape(
    name="policies",
    titles=r"\bpolic|\benact|\bordinance|\b(?:limit|restrict)\w* cooperat",
    columns={
        "date_enacted": (r"enact|effective|adopt", r"\bdate\b|\bsince\b"),
        "criteria": (r"criteri|\bcondition|honou?r", r"\bterms\b|limit"),
        "policy": (r"\bpolic|ordinance", r"measure|\blaw\b|instrument"),
        "jurisdiction": (r"jurisdiction|\bcount(?:y|ies)\b|localit|location|\bplace",),
        "state": (STATE,),
        "aor": (AOR,),
    },
    needs=(frozenset({"jurisdiction", "aor"}), frozenset({"policy", "criteria"})),
    key="jurisdiction",
    typed={"date_enacted": cells.is_date},
)
SHAPES = (ISSUED, DECLINED, POLICIES)
FIELDS = {
    "issued": ("jurisdiction", "state", "aor", *COUNTS),
    "declined": ("lea", "state", "aor", *DATES, "citizenship", "criminal_activity", CHARGE),
    "policies": ("jurisdiction", "aor", "date_enacted", "policy", "criteria"),
}


def discover(fetch: Fetch) -> Iterator[Listing]:
    """Give every report that ICE's page links to.

    Raises:
        LayoutError: the page links to none, and does not say that there are none.
    """
    yield from listed(fetch, PAGE, source=NAME, hosts=HOSTS, report=REPORT)


def extract(document: Document) -> Reading:
    """Read the sections' tables, and hold them against the figures that the report prints.

    Raises:
        RefusedError: it is no such report, or not all of it is understood.
    """
    report = readings.read(document, SHAPES, subject=SUBJECT, none=NONE)
    titles = [section.title for section in report.sections]
    title, period = fronts.read(report.front, TITLE, titles)
    tables = records.tables(report.tables, FIELDS, TYPED)
    totals = {name: total(report, name) for name in TOTALS}
    found = (
        checks.present("title is printed", title),
        *check(report, tables, totals, period),
        *readings.checks(report, SHAPES),
        *(check for named in report.tables for check in records.checks(named)),
    )
    return Reading(
        source=NAME,
        parser=PARSER,
        digest=document.digest,
        pages=document.page_count,
        status="complete" if all(check.passed for check in found) else "flagged",
        edition=period.start.isoformat() if period else None,
        period=period,
        title=title,
        totals={f"detainers_{name}": figure for name, figure in totals.items()},
        checks=found,
        tables=tables,
        notes=tuple(document.notes),
    )


def total(report: Report, name: str) -> int | None:
    """Give the figure that a section prints; one that says that there were none prints 0."""
    found = printed.figure(report.text_of(name, SHAPES), TOTALS[name])
    if found is None and name in report.empty:
        return 0
    return printed.figure(report.front_text, TOTALS[name]) if found is None else found


def issued(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Type a row of Section I: `Clark, Nevada` is two fields."""
    known = located(texts)
    if "state" not in texts:
        known["jurisdiction"], known["state"] = cells.without_state(
            str(known.get("jurisdiction") or "")
        )
    return known | {name: cells.count(texts.get(name, "")) for name in COUNTS}


def declined(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Type a row of Section II; the activity keeps its `(Conviction)`, as printed."""
    marked = MARKED.search(texts.get("criminal_activity", ""))
    charge = texts.get(CHARGE) or (marked[1] if marked else None)
    dates = {name: cells.iso_date(texts.get(name, "")) for name in DATES}
    return {**texts, **dates, CHARGE: charge}


def policies(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Type a row of Section III, whose jurisdictions keep their states."""
    enacted = cells.iso_date(texts.get("date_enacted", ""))
    criteria = cells.bullets(texts.get("criteria", ""))
    return located(texts) | {"date_enacted": enacted, "criteria": criteria}


def located(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Split `Ithaca, New York (Buffalo)` into the place and ICE's field office, if need be."""
    place, office = cells.without_note(texts.get("jurisdiction", ""))
    if "aor" in texts or (office and cells.is_state(office)):
        return {**texts}
    return {**texts, "jurisdiction": place, "aor": office}


TYPED = {"issued": issued, "declined": declined, "policies": policies}


def check(
    report: Report,
    tables: Mapping[str, tuple[Record, ...]],
    totals: Mapping[str, int | None],
    period: Period | None,
) -> Iterator[Check]:
    """Hold the tables against the report's own figures and its period."""
    rows, text = tables["declined"], report.text_of("issued", SHAPES)
    if totals["declined"] is not None:
        yield checks.equal("declined rows = printed total", totals["declined"], len(rows))
    if (figure := printed.figure(text, LISTED)) is not None:
        found = checks.total(tables["issued"], "detainers_issued")
        yield checks.equal("issued sum = printed sum", figure, found)
    if (figure := printed.figure(text, LISTED_COUNT)) is not None:
        yield checks.equal("issued rows = printed count", figure, len(tables["issued"]))
    if period:
        yield checks.within("declined within the period", rows, "date_declined", period)
    yield checks.in_order("declined after being issued", rows, "date_issued", "date_declined")
    for name in ("issued", "declined"):
        yield checks.known_states(f"{name} states known", tables[name])


MEANINGS = {
    "jurisdiction": "Jurisdiction as printed; in `issued` without its state.",
    "state": "State, written out.",
    "aor": "Area of responsibility: the ICE field office.",
    "detainers_issued": "Detainers issued in the period (Section I); not detainers declined.",
    "detainers_declined": "Detainers recorded as declined, where Section I has such a column.",
    "lea": "Law enforcement agency that is recorded as having declined a detainer (Section II).",
    "date_declined": "Day, or month, on which it is recorded as declined.",
    "date_issued": "Day, or month, on which the detainer was issued.",
    "citizenship": "Country of citizenship.",
    "criminal_activity": "Notable criminal activity as printed.",
    "charge_or_conviction": "What the report marks that activity as: a charge or a conviction.",
    "date_enacted": "Day, or month, of enactment as printed (Section III).",
    "policy": "The policy as printed.",
    "criteria": "Criteria for honoring detainers as printed, one text for each bullet.",
}

SOURCE = Source(
    name=NAME,
    agency="U.S. Immigration and Customs Enforcement",
    title="Declined Detainer Outcome Report",
    addresses=ADDRESSES,
    hosts=HOSTS,
    discover=discover,
    extract=extract,
    parser=PARSER,
    keys={
        "issued": ("jurisdiction", "state", "aor"),
        "declined": FIELDS["declined"],
        "policies": ("jurisdiction", "aor", "policy"),
    },
    fields=MEANINGS,
    cadence=CADENCE,
    prefixes=(FOLDER,),
)
