"""Every made report by name: what it says, and how it looks."""

from collections.abc import Callable
from datetime import date

from reportlab.lib import pagesizes

from tests.variants.content import (
    Made,
    Part,
    declined,
    issued,
    mixed,
    policies,
    report,
)
from tests.variants.library import Look
from tests.variants.processor import Page

PORTRAIT = pagesizes.letter
LANDSCAPE = pagesizes.landscape(pagesizes.letter)


def _plain() -> Made:
    return report()


def _renamed() -> Made:
    return report(
        issued().renamed(jurisdiction="County, State", detainers_issued="Detainers Issued"),
        declined().renamed(
            lea="Law Enforcement Agency",
            aor="AOR",
            date_declined="Declined Date",
            date_issued="Date Detainer Was Issued",
            citizenship="Country of Citizenship",
            criminal_activity="Criminal Activity",
        ),
        policies().renamed(
            jurisdiction="Jurisdiction (Area of Responsibility)",
            date_enacted="Effective Date",
            policy="Name of Policy",
            criteria="Conditions for Honoring Detainers",
        ),
    )


def _reordered() -> Made:
    order = (
        "date_issued",
        "citizenship",
        "lea",
        "criminal_activity",
        "aor",
        "date_declined",
        "state",
    )
    return report(
        issued().ordered(("detainers_issued", "jurisdiction")),
        declined().ordered(order),
        policies().ordered(("date_enacted", "criteria", "jurisdiction", "policy")),
    )


def _added() -> Made:
    return report(
        issued(),
        declined().added("unknown", "Case Number", lambda at: f"C-{at + 100}", at=3),
        status="flagged",
    )


def _own_charge() -> Made:
    part = declined()
    at = part.fields.index("criminal_activity")
    marks = [row[at].rsplit(" (", 1)[1].rstrip(")") for row in part.rows]
    for row in part.rows:
        row[at] = row[at].rsplit(" (", 1)[0]
    part.renamed(criminal_activity="Notable Criminal Activity")
    return report(part.added("charge_or_conviction", "Charge or Conviction", marks.__getitem__))


def _mixed_dates() -> Made:
    return report(declined(write=mixed))


def _tiny() -> Made:
    return report(issued(1), declined(1), policies(1))


def _long_cell() -> Made:
    return report(policies(longest=14))


def _none_declined() -> Made:
    intro = "No detainers were recorded as declined between March 4, 2017 and March 10, 2017."
    title = declined().title
    part = Part(number="II", name="declined", title=title, intro=[intro])
    return report(part, totals=(2868, 0))


def _none_issued() -> Made:
    intro = "During this week, ICE issued no detainers to the jurisdictions concerned."
    part = Part(number="I", name="issued", title=issued().title, intro=[intro])
    return report(part, totals=(0, 24))


def _blank_keys() -> Made:
    part = declined()
    for at in (0, 9, 10, 23):
        part.rows[at][0] = ""
    return report(part, status="flagged")


def _notice() -> Made:
    return report(
        notice="Correction: On March 24, 2017, ICE removed detainers that were declined between "
        "January 28, 2017 and February 3, 2017 by Williamson County, TX."
    )


def _footnotes() -> Made:
    part = declined()
    part.after = [
        "* Citizenship is as claimed by the individual, and was not verified by any office at all."
    ]
    return report(part)


def _quarterly() -> Made:
    first, last = date(2018, 1, 1), date(2018, 3, 31)
    one = Part(
        number="I",
        name="issued",
        title="Detainers Issued and Declined by Area of Responsibility",
        intro=["In the second quarter of FY2018, ICE issued 1,660 detainers in the areas below."],
        fields=["aor", "detainers_issued", "detainers_declined"],
        headings=["Area of Responsibility", "Detainers Issued", "Detainers Declined"],
        rows=[["Atlanta", "1,020", "3"], ["Boston", "640", "212"]],
    )
    two = declined(160, seed=5)
    two.title = "Declined Detainers by Individual"
    two.intro = ["160 declined detainers are listed below."]
    two.iso_dates = []
    for row in two.rows:
        day = first.replace(day=1 + hash_of(row[0] + row[3]) % 28)
        row[3], row[4] = f"{day:%m/%d/%Y}", "January 2018"
        two.iso_dates.append([day.isoformat(), "2018-01"])
    return report(
        one,
        two,
        title="Declined Detainer Report for FY2018, Second Quarter",
        subtitle="Quarterly Statistics",
        period=(first, last),
        totals=(1660, 160),
        status="complete",
    )


def _unknown_section() -> Made:
    extra = Part(
        number="V",
        name="section_5",
        title="Transfers between Field Offices",
        intro=["The table shows transfers."],
        fields=["from", "to", "count"],
        headings=["From Office", "To Office", "Transfers"],
        rows=[["Boston", "Buffalo", "12"], ["Atlanta", "Miami", "7"], ["Denver", "Dallas", "31"]],
    )
    return report(extra, status="flagged")


def _issued_wide() -> Made:
    part = issued()
    part.rows = [
        [row[0].split(", ")[0], row[0].split(", ")[1], "Boston", row[1]] for row in part.rows
    ]
    part.fields = ["jurisdiction", "state", "aor", "detainers_issued"]
    part.headings = ["County", "State", "AOR", "Number of Detainers Issued"]
    return report(part)


def _staggered() -> Made:
    """Headings of one line up to three, none of which begins where another does."""
    return report(
        issued().renamed(detainers_issued="Number of Detainers Issued"),
        declined().renamed(
            aor="AOR",
            date_declined="Date Detainer Was Declined",
            date_issued="Date Detainer Issued",
            criminal_activity="Criminal Activity",
        ),
        policies().renamed(date_enacted="Enactment Date"),
    )


def _hyphenated() -> Made:
    return report(
        declined().renamed(
            aor="Area of Respon-\nsibility", citizenship="Nation-\nality/ Citizen-\nship"
        )
    )


def _continued() -> Made:
    return report()


def _long() -> Made:
    part = declined(1100, seed=9)
    part.intro = ["1,100 declined detainers are listed below."]
    return report(part, policies(times=12, longest=10))


def hash_of(text: str) -> int:
    """Give a number that is the same in every run."""
    return sum(map(ord, text))


CATALOGUE: dict[str, tuple[Callable[[], Made], Look]] = {
    "plain": (_plain, Look()),
    "renamed-portrait": (_renamed, Look(size=PORTRAIT, points=8)),
    "renamed-plain-heading": (_renamed, Look(heading_bold=False, centred=True, repeat=False)),
    "reordered": (_reordered, Look(repeat=False)),
    "reordered-unruled": (_reordered, Look(rules="none")),
    "added": (_added, Look(points=9)),
    "added-unruled": (_added, Look(points=9, rules="none", repeat=False)),
    "own-charge": (_own_charge, Look(middle=True, centred=True)),
    "own-charge-unruled": (_own_charge, Look(rules="none", middle=True, centred=True, points=9)),
    "mixed-dates": (_mixed_dates, Look(bullet="–")),
    "mixed-dates-unruled": (_mixed_dates, Look(rules="none", points=9, bullet="*")),
    "unruled": (_plain, Look(rules="none")),
    "unruled-not-repeated": (_plain, Look(rules="none", repeat=False)),
    "unruled-plain-heading": (_plain, Look(rules="none", heading_bold=False)),
    "unruled-tight": (_plain, Look(rules="none", padding=0)),
    "unruled-portrait": (_renamed, Look(rules="none", size=PORTRAIT, points=7)),
    "unruled-flowing": (_plain, Look(rules="none", new_pages=False)),
    "horizontal": (_plain, Look(rules="horizontal")),
    "horizontal-tight": (_plain, Look(rules="horizontal", padding=1)),
    "outer": (_plain, Look(rules="outer")),
    "columns": (_plain, Look(rules="columns")),
    "zebra": (_plain, Look(rules="zebra")),
    "zebra-tight": (_plain, Look(rules="zebra", padding=1, repeat=False)),
    "rotated": (_plain, Look(rotate=90)),
    "rotated-180": (_plain, Look(rotate=180)),
    "sideways": (_plain, Look(rotate=90, upright=False)),
    "sideways-unruled": (_plain, Look(rotate=270, upright=False, rules="none")),
    "upside-down": (_plain, Look(rotate=180, upright=False)),
    "rotated-unruled": (_plain, Look(rotate=270, rules="none")),
    "nbsp": (_plain, Look(nbsp=True, locked=True)),
    "nbsp-unruled": (_plain, Look(nbsp=True, rules="none")),
    "dejavu-bullets": (
        _plain,
        Look(font="DejaVuSans", bold="DejaVuSans-Bold", points=8, bullet="▪", locked=True),
    ),
    "tiny": (_tiny, Look()),
    "tiny-unruled": (_tiny, Look(rules="none")),
    "long-cell": (_long_cell, Look()),
    "long-cell-unruled": (_long_cell, Look(rules="none")),
    "none-declined": (_none_declined, Look()),
    "none-declined-unruled": (_none_declined, Look(rules="none", new_pages=False)),
    "none-issued": (_none_issued, Look(new_pages=False)),
    "blank-keys": (_blank_keys, Look()),
    "blank-keys-unruled": (_blank_keys, Look(rules="none")),
    "notice": (
        _notice,
        Look(numbered="Page {page} of {pages}", head="FOR OFFICIAL USE ONLY  3/20/2017"),
    ),
    "furniture": (
        _plain,
        Look(rules="none", numbered="- {page} -", head="Law Enforcement Sensitive    Page {page}"),
    ),
    "footnotes": (_footnotes, Look()),
    "footnotes-unruled": (_footnotes, Look(rules="none")),
    "double-heading": (_plain, Look(double=True, points=9)),
    "double-heading-own-charge": (_own_charge, Look(double=True, points=9, repeat=False)),
    "double-heading-unruled": (_plain, Look(double=True, points=9, rules="none")),
    "not-repeated": (_plain, Look(repeat=False)),
    "flowing": (_plain, Look(new_pages=False)),
    "flowing-portrait": (_renamed, Look(new_pages=False, size=PORTRAIT, points=8)),
    "unknown-section": (_unknown_section, Look()),
    "unknown-section-unruled": (_unknown_section, Look(rules="none")),
    "issued-wide": (_issued_wide, Look(rules="none")),
    "issued-wide-ruled": (_issued_wide, Look()),
    "hyphenated": (_hyphenated, Look()),
    "hyphenated-unruled": (_hyphenated, Look(rules="none", points=9)),
    "narrow": (_plain, Look(size=PORTRAIT, points=6, margin=90)),
    "narrow-unruled": (_plain, Look(size=PORTRAIT, points=5.5, margin=120, rules="none")),
    "running-title": (
        _plain,
        Look(head="Section II: Declined Detainers (continued)", rules="none"),
    ),
    "unnumbered": (_plain, Look(numbered="")),
    "unnumbered-flowing-unruled": (_plain, Look(numbered="", new_pages=False, rules="none")),
    "one-page-break-kept": (_plain, Look(split=False, points=11)),
    "unruled-kept": (_plain, Look(split=False, points=12, rules="none", heading_bold=False)),
    "long": (_long, Look()),
    "long-unruled": (_long, Look(rules="none")),
    "arabic-part": (_renamed, Look(word="Part", mark=".", arabic=True)),
    "arabic-section": (_plain, Look(arabic=True, mark=" –", listed=False)),
    "bare-roman": (_plain, Look(word="", mark=".")),
    "small-titles": (_plain, Look(title_bold=False, title_size=11)),
    "quarterly": (_quarterly, Look()),
    "quarterly-unruled": (_quarterly, Look(rules="none", size=PORTRAIT, points=7)),
    "banded": (_plain, Look(rules="banded")),
    "number-beside": (_plain, Look(rules="none", numbered="", head="ICE – Sensitive      {page}")),
    "inner": (_plain, Look(rules="inner")),
    "inner-flowing": (_renamed, Look(rules="inner", new_pages=False, repeat=False, points=9)),
    "staggered-unruled": (
        _staggered,
        Look(rules="none", centred=True, middle=True, heading_bold=False, points=7),
    ),
    "staggered-wide-unruled": (_staggered, Look(rules="none", centred=True, middle=True, points=8)),
}

PROCESSED: dict[str, tuple[Callable[[], Made], Page]] = {
    "processor": (_plain, Page()),
    "processor-portrait": (_renamed, Page(width=8.5, height=11, points=8, repeat=False)),
    "processor-unruled": (_plain, Page(border="none")),
    "processor-unruled-portrait": (
        _reordered,
        Page(width=8.5, height=11, points=8, border="none", repeat=False),
    ),
    "processor-horizontal": (_mixed_dates, Page(across=False)),
    "processor-shaded": (_plain, Page(border="none", shade=True)),
    "processor-middle": (
        _own_charge,
        Page(middle=True, points=9, bullet="◦", head="For official use only"),
    ),
    "processor-long-cell": (_long_cell, Page(font="Liberation Sans", bullet="▪")),
    "processor-long-unruled": (_long_cell, Page(border="none", bullet="–", bold=False)),
    "processor-none": (_none_declined, Page(listed=False, word="Part")),
}
