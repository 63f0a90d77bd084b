"""ICE's Declined Detainer Outcome Report: weekly in 2017, corrected, suspended, later quarterly."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from scrapers import cells, checks, fronts, printed, readings, records
from scrapers.listings import listed
from scrapers.meanings import Shape
from scrapers.pdf import Document
from scrapers.periods import first_period
from scrapers.readings import Report
from scrapers.source import Address, Cadence, Fetch, Source
from storage.model import Check, FieldValue, Listing, Period, Reading, Record

NAME, PARSER = "ice_ddor", 1
PAGE = "https://www.ice.gov/declined-detainer-outcome-report"
HOSTS = frozenset({"www.ice.gov", "ice.gov"})
REPORT = re.compile(r"declined[\W_]*detainer|ddor", re.IGNORECASE)
SUBJECT = re.compile(r"\bdetainers?\b.*\bdeclin|\bdeclin\w* .*\bdetainers?\b")
TITLE = re.compile(r"\bdetainer.*\breport\b|\breport\b.*\bdetainers?\b")
MARKED = re.compile(r"\(([^()]*(?:[Cc]harge|[Cc]onvict)[^()]*)\)\s*$")

N = r"(?<!\d, )(?<!\d )(?P<n>\d{1,3}(?:,\d{3})+|\d+|no|none|one|two|three|four|five|six|seven|eight|nine|ten)"
TOTALS = {
    "issued": (
        rf"\bissued (?:a total of |only )?{N} (?:immigration )?detainers\b",
        rf"\b{N} (?:immigration )?detainers (?:that )?(?:were |was )?issued\b",
    ),
    "declined": (
        rf"\b{N} (?:\w+ )?detainers? (?:that |which )?(?:(?:were|was|are|is) )?(?:\w+ as )?declined\b",
        rf"\b{N} (?:recorded |reported )?declined detainers?\b",
        rf"\bdeclined (?:a total of )?{N} (?:\w+ )?detainers?\b",
    ),
}
LISTED = (
    rf"\b{N} (?:detainers )?(?:(?:were )?issued )?to (?:these|the following) [\w-]+ jurisdictions\b",
)
LISTED_COUNT = (r"\bto (?:these|the following) (?P<n>[\w-]+) jurisdictions\b",)
NONE = re.compile(
    r"\b(?:no|zero) (?:[\w'-]+ ){0,6}?(?:detainers?|jurisdictions?|individuals?|polic\w+|records?"
    r"|entries|declinations|instances)\b|\bnone\b|\bnot (?:record|issue|receive|enact)\w* any\b"
    r"|\bnot any (?:declined )?detainers\b|\bnothing to report\b"
)
STATE = r"^(?:us |u\.s\. )?states?\b(?!.*citizen)(?!.*,)|^st\.?$|state/territory"
AOR = r"\baors?\b|\bareas? of responsib|\bfield office|\bero office"
COUNTS = {"detainers_issued": cells.is_count, "detainers_declined": cells.is_count}
DATES = {"date_declined": cells.is_date, "date_issued": cells.is_date}

ISSUED = Shape(
    name="issued",
    titles=r"^(?:(?!declin|refus).)*\b(?:issued|volume|lodged)\b",
    columns={
        "detainers_declined": (r"^(?!.*\bdate).*(?:declin|not honou?red|refused)",),
        "detainers_issued": (
            r"^(?!.*\bdate).*(?:issued|lodged)",
            r"^(?:total|number|no\.|count|volume|#)|^detainers$",
        ),
        "jurisdiction": (r"jurisdiction|\bcount(?:y|ies)\b|localit|location|\bcity\b|\bplace",),
        "state": (STATE,),
        "aor": (AOR,),
    },
    needs=(frozenset(COUNTS), frozenset({"jurisdiction", "aor", "state"})),
    key="jurisdiction",
    whole={**COUNTS, "state": cells.is_state},
    must=frozenset(COUNTS),
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
    whole={**DATES, "state": cells.is_state},
    must=frozenset(DATES),
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
    whole={"date_enacted": cells.is_date},
    must=frozenset({"date_enacted"}),
)
SHAPES = (ISSUED, DECLINED, POLICIES)
FIELDS = {
    "issued": ("jurisdiction", "state", "aor", *COUNTS),
    "declined": (
        *("lea", "state", "aor", "date_declined", "date_issued"),
        *("citizenship", "criminal_activity", "charge_or_conviction"),
    ),
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
    at = fronts.title(report.front, TITLE)
    titles = [section.title for section in report.sections]
    period = first_period([fronts.subtitles(report.front, at), *titles, report.front_text])
    tables: dict[str, tuple[Record, ...]] = {name: () for name in FIELDS}
    for named in report.tables:
        name = named.shape.name if named.shape else named.name
        tables[named.name] = records.records(named, FIELDS.get(name, ()), TYPED.get(name, dict))
    found = {name: total(report, name) for name in ("issued", "declined")}
    made = tuple(check for named in report.tables for check in records.checks(named))
    checked = (*check(report, tables, found, period), *made)
    return Reading(
        source=NAME,
        parser=PARSER,
        digest=document.digest,
        pages=document.page_count,
        status="complete" if all(check.passed for check in checked) else "flagged",
        edition=period.start.isoformat() if period else None,
        period=period,
        title=report.front[at].text if at is not None else None,
        totals={f"detainers_{name}": figure for name, figure in found.items()},
        checks=checked,
        tables=tables,
        notes=tuple(document.notes),
    )


def total(report: Report, name: str) -> int | None:
    """Give the figure that a section prints; one that says that there were none prints 0."""
    patterns = TOTALS[name]
    text = report.text_of(name, SHAPES)
    found = printed.figure(text, patterns)
    if found is None and name in report.empty:
        return 0
    return printed.figure(report.front_text, patterns) if found is None else found


def issued(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Type a row of Section I: `Clark, Nevada` is two fields."""
    place, aor = texts.get("jurisdiction", ""), texts.get("aor")
    if aor is None and not cells.without_state(place)[0].endswith(")"):
        place, aor = cells.without_note(place)
    state = texts.get("state")
    if state is None:
        place, state = cells.without_state(place)
    counts = {name: cells.count(texts.get(name, "")) for name in COUNTS}
    return {"jurisdiction": place or None, "state": state or None, "aor": aor or None, **counts}


def declined(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Type a row of Section II; the activity keeps its `(Conviction)`, as printed."""
    known: dict[str, FieldValue] = {field: text or None for field, text in texts.items()}
    dates = {field: cells.iso_date(texts.get(field, "")) for field in DATES}
    marked = MARKED.search(texts.get("criminal_activity", ""))
    charge = texts.get("charge_or_conviction") or (marked[1] if marked else None)
    return known | dates | {"charge_or_conviction": charge}


def policies(texts: Mapping[str, str]) -> dict[str, FieldValue]:
    """Type a row of Section III: `Ithaca, New York (Buffalo)` names the field office too."""
    place, aor = texts.get("jurisdiction", ""), texts.get("aor")
    if aor is None:
        place, aor = cells.without_note(place)
    known: dict[str, FieldValue] = {"jurisdiction": place or None, "aor": aor or None}
    known["date_enacted"] = cells.iso_date(texts.get("date_enacted", ""))
    known["policy"] = texts.get("policy") or None
    return known | {"criteria": cells.bullets(texts.get("criteria", "")) or None}


TYPED = {"issued": issued, "declined": declined, "policies": policies}


def check(
    report: Report,
    tables: Mapping[str, tuple[Record, ...]],
    totals: Mapping[str, int | None],
    period: Period | None,
) -> Iterator[Check]:
    """Hold the tables against the report's own figures and its period."""
    listed_in, refused = tables["issued"], tables["declined"]
    text = report.text_of("issued", SHAPES)
    if totals["declined"] is not None:
        yield checks.equal("declined rows = printed total", totals["declined"], len(refused))
    if (figure := printed.figure(text, LISTED)) is not None:
        yield checks.equal(
            "issued sum = printed sum", figure, checks.total(listed_in, "detainers_issued")
        )
    if (figure := printed.figure(text, LISTED_COUNT)) is not None:
        yield checks.equal("issued rows = printed count", figure, len(listed_in))
    if period:
        yield checks.within("declined within the period", refused, "date_declined", period)
    yield checks.in_order("declined after being issued", refused, "date_issued", "date_declined")
    yield checks.known_states("issued states known", listed_in)
    yield checks.known_states("declined states known", refused)
    yield from readings.checks(report, SHAPES)


SOURCE = Source(
    name=NAME,
    agency="U.S. Immigration and Customs Enforcement",
    title="Declined Detainer Outcome Report",
    addresses=(Address(url=PAGE, since=date(2017, 3, 20)),),
    hosts=HOSTS,
    discover=discover,
    extract=extract,
    parser=PARSER,
    keys={
        "issued": ("jurisdiction", "state"),
        "declined": (
            "lea",
            "state",
            "date_declined",
            "date_issued",
            "citizenship",
            "criminal_activity",
        ),
        "policies": ("jurisdiction", "policy"),
    },
    cadence=(
        Cadence(
            since=date(2017, 3, 20), every_days=7, why="“Weekly” report, first published 2017-03-20"
        ),
        Cadence(
            since=date(2017, 4, 10),
            every_days=None,
            why="“publication … will be temporarily suspended” (ice.gov, 2017-04-10; AILA Doc. 17032002)",
        ),
        Cadence(
            since=date(2018, 4, 1),
            every_days=92,
            why="“on a quarterly basis, beginning in the second quarter of Fiscal Year (FY) 2018” (ice.gov; AILA Doc. 17032002)",
        ),
    ),
)
