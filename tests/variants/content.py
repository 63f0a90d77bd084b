"""What the made reports say: invented rows, and the truth that is written beside each PDF.

The truth has the shape of the samples' truth files, and comes from the rows as they go into the
PDF, never from the reader under test.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

FIRST, LAST = date(2017, 3, 4), date(2017, 3, 10)
TITLE = "Weekly Declined Detainer Outcome Report"
SUBTITLE = "For Recorded Declined Detainers March 4 – March 10, 2017"

PLACES = (
    ("Travis County Jail", "Texas", "San Antonio"),
    ("Doña Ana County Detention Center", "New Mexico", "El Paso"),
    ("Santa Rita Jail, Alameda County", "California", "San Francisco"),
    ("LAPD – Van Nuys Jail", "California", "Los Angeles"),
    ("Hennepin County Sheriff’s Office Adult Detention Facility", "Minnesota", "Saint Paul"),
    ("Queens Central Booking", "New York", "New York City"),
    ("Philadelphia Police – Prison System", "Pennsylvania", "Philadelphia"),
    ("Broomfield Police Department Detention & Training Center", "Colorado", "Denver"),
)
CITIZENSHIPS = ("Mexico", "El Salvador", "Côte d’Ivoire", "St. Vincent and the Grenadines", "Peru")
OFFENCES = (
    "Driving Under Influence Liquor",
    "Assault",
    "Sex Offense Against Child – Fondling",
    "Burglary",
    "Contributing to Delinquency of Minor",
    "Arson – Residence – Endangered Life",
)
MARKS = ("Charged", "Conviction")
ISSUED = (
    ("Clark", "Nevada", "Salt Lake City", 54),
    ("New York City", "New York", "New York City", 73),
    ("Kern", "California", "San Francisco", 65),
    ("Doña Ana", "New Mexico", "El Paso", 19),
    ("Washington", "Oregon", "Seattle", 1012),
)
LONG = tuple(
    f"Willing to accept requests under condition number {n}, which goes on for more than one line"
    for n in range(1, 19)
)
POLICIES = (
    ("Ithaca, New York (Buffalo)", "February 2017", "Municipal Code Change", 1),
    (
        "Lebanon County Correctional Facility, Pennsylvania (Philadelphia)",
        "January 2017",
        "Sheriff’s Office Policy on Cooperation with U.S. Immigration and Customs Enforcement",
        3,
    ),
    ("Iowa City, Johnson County, Iowa (Saint Paul)", "October 2016", "Resolution No. 16", 2),
    ("California (All Field Offices)", "January 2014", "State Law", 4),
    ("Taos, New Mexico (El Paso)", "January 2011", "Adult Detention Center Policies", 1),
    ("Hartford, Connecticut (Boston)", "August 2008", "Article XXI – City Services", 2),
)


def american(day: date) -> str:
    """Write `1/28/2017`."""
    return f"{day.month}/{day.day}/{day.year}"


def mixed(day: date, at: int = 0) -> str:
    """Write a date in one of the ways that reports mix."""
    ways = (
        american(day),
        f"{day:%m/%d/%y}",
        f"{day:%b}. {day.day}, {day.year}",
        f"{day:%m/%d/%Y}",
    )
    return ways[(day.day + at) % len(ways)]


@dataclass
class Part:
    """One section: its title, its sentences, and its table as it is to be printed."""

    number: str
    name: str
    title: str
    intro: list[str]
    fields: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    iso_dates: list[list[str | None]] = field(default_factory=list)
    bullets: list[list[str]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def ordered(self, fields: Sequence[str]) -> "Part":
        """Put the columns into another order."""
        places = [self.fields.index(name) for name in fields]
        self.fields = list(fields)
        self.headings = [self.headings[at] for at in places]
        self.rows = [[row[at] for at in places] for row in self.rows]
        return self

    def renamed(self, **headings: str) -> "Part":
        """Give columns other headings, by field."""
        known = zip(self.fields, self.headings, strict=True)
        self.headings = [headings.get(name, heading) for name, heading in known]
        return self

    def added(self, name: str, heading: str, texts: Callable[[int], str], at: int = -1) -> "Part":
        """Put in a column."""
        place = at if at >= 0 else len(self.fields)
        self.fields.insert(place, name)
        self.headings.insert(place, heading)
        for number, row in enumerate(self.rows):
            row.insert(place, texts(number))
        return self

    def without(self, name: str) -> "Part":
        """Take a column out."""
        at = self.fields.index(name)
        for row in (self.fields, self.headings, *self.rows):
            del row[at]
        return self


@dataclass
class Made:
    """One report: what is printed, and what a reader must find."""

    parts: list[Part]
    title: str = TITLE
    subtitle: str = SUBTITLE
    notice: str = ""
    period: tuple[date, date] = (FIRST, LAST)
    totals: tuple[int | None, int | None] = (2868, None)
    status: str = "complete"

    def truth(self) -> dict[str, Any]:
        """Give what a reader must find."""
        return {
            "synthetic": True,
            "title": self.title,
            "period_start": self.period[0].isoformat(),
            "period_end": self.period[1].isoformat(),
            "totals": {
                "detainers_issued_nationwide": self.totals[0],
                "declined_recorded": self.totals[1],
            },
            "expected_status": self.status,
            "sections": [
                {
                    "number": part.number,
                    "name": part.name,
                    "columns": [heading.replace("\n", "") for heading in part.headings],
                    "fields": part.fields,
                    "rows": part.rows,
                    "iso_dates": part.iso_dates,
                    "bullets": part.bullets,
                }
                for part in self.parts
                if part.name
            ],
        }


def issued(rows: int = 5) -> Part:
    """Make Section I."""
    known = [[f"{place}, {state}", f"{n:,}"] for place, state, _, n in ISSUED[:rows]]
    total = sum(n for *_, n in ISSUED[:rows])
    return Part(
        number="I",
        name="issued",
        title="Highest Volume of Detainers Issued between March 4, 2017 and March 10, 2017",
        intro=[
            (
                "During the week of March 4, 2017 and March 10, 2017, ICE issued 2,868 detainers "
                f"throughout the United States ({total:,} to these {len(known)} jurisdictions "
                "during the reporting period). The outcome of these detainers is yet to be "
                "determined."
            )
        ],
        fields=["jurisdiction", "detainers_issued"],
        headings=["Jurisdiction", "Issued Detainers"],
        rows=known,
    )


def declined(rows: int = 24, seed: int = 1, write: Callable[..., str] = american) -> Part:
    """Make Section II."""
    chance = random.Random(seed)
    found: list[list[str]] = []
    dates: list[list[str | None]] = []
    for at in range(rows):
        lea, state, aor = PLACES[chance.randrange(len(PLACES))]
        day = FIRST + timedelta(days=chance.randrange(7))
        lodged = day - timedelta(days=chance.randrange(900))
        offence = f"{chance.choice(OFFENCES)} ({chance.choice(MARKS)})"
        found.append(
            [lea, state, aor, write(day), write(lodged), chance.choice(CITIZENSHIPS), offence]
        )
        dates.append([day.isoformat(), lodged.isoformat()])
        if at == rows // 2:
            found[-1][5] = ""
    return Part(
        number="II",
        name="declined",
        title="Jurisdictions with Recorded Declined Detainers between March 4 and March 10, 2017",
        intro=[f"The following table lists the {rows} detainers that were recorded as declined."],
        fields=[
            *("lea", "state", "aor", "date_declined", "date_issued"),
            *("citizenship", "criminal_activity"),
        ],
        headings=[
            "LEA",
            "State",
            "Area of Responsibility",
            "Date Declined",
            "Detainer Issued Date",
            "Nationality/ Citizenship",
            "Notable Criminal Activity (Charge or Conviction)",
        ],
        rows=found,
        iso_dates=dates,
    )


def policies(times: int = 2, longest: int = 0, entries: Sequence[str] = LONG) -> Part:
    """Make Section III; `longest` of eighteen entries in its second row take half a page."""
    rows, bullets = [], []
    for at, (place, enacted, policy, count) in enumerate(POLICIES * times):
        own = list(entries[: longest or count] if at == 1 else entries[at % 7 : at % 7 + count])
        bullets.append(own)
        rows.append([place, enacted, policy, " ".join(f"• {text}" for text in own)])
    return Part(
        number="III",
        name="policies",
        title="Table of Jurisdictions that have Enacted Policies which "
        "Restrict Cooperation with ICE",
        intro=["The entries are sorted chronologically, with the most recent first."],
        fields=["jurisdiction", "date_enacted", "policy", "criteria"],
        headings=[
            "Jurisdiction (AOR)",
            "Date Enacted",
            "Policy",
            "Criteria for Honoring Detainer",
        ],
        rows=rows,
        bullets=bullets,
    )


def scope() -> Part:
    """Make Section IV."""
    return Part(
        number="IV",
        name="",
        title="Report Scope and Data Fidelity",
        intro=["The data in this report come from the case management records of field offices."],
    )


def report(*parts: Part, **more: Any) -> Made:
    """Make a report of four sections, of which some may be others than usual."""
    known = {part.number: part for part in (issued(), declined(), policies(), scope(), *parts)}
    rows = len(known["II"].rows)
    return Made(**{"parts": list(known.values()), "totals": (2868, rows)} | more)
