"""Made histories: documents, readings and facts, small and without any PDF."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from scrapers.sources import ice_ddor
from storage import layout, manifest
from storage.archive import Archive
from storage.capture import Capture
from storage.ledger import Manifest, RunSummary
from storage.manifest import Fact
from storage.model import Box, Json, Outcome, Period, Reading, Record, canonical
from storage.objects import Objects
from storage.runs import Evidence, Observation, PageSeen, RunPart

SOURCE = "ice_ddor"
PARSER = ice_ddor.PARSER
NEWER = PARSER + 1
START = datetime(2017, 3, 20, 14, tzinfo=UTC)
ORIGIN = "https://www.ice.gov/doclib/ddor"


def on(days: float) -> datetime:
    """So many days after the first report came out."""
    return START + timedelta(days=days)


def body(name: str) -> bytes:
    """The bytes of a made document."""
    return f"%PDF-1.4 {name} %%EOF".encode()


def digest(name: str) -> str:
    return hashlib.sha256(body(name)).hexdigest()


def capture(name: str, at: datetime, *, edition: str | None = "2017-01-28") -> Capture:
    return Capture(
        source=SOURCE,
        edition=edition,
        url=f"{ORIGIN}/{edition}.pdf",
        at=at,
        status=200,
        headers={"last-modified": "Mon, 20 Mar 2017 12:00:00 GMT"},
        digest=digest(name),
        size_bytes=len(body(name)),
        ext="pdf",
    )


def reading(
    name: str, rows: int = 2, *, edition: str | None = "2017-01-28", parser: int = PARSER
) -> Reading:
    """A reading of that document with so many records, numbered."""
    records = tuple(
        Record(
            fields={"county": f"County {number}", "issued": number},
            cells={"County": f"County {number}", "Issued": str(number)},
            boxes=(Box(page=1, box=(0, number, 9, number + 1)),),
        )
        for number in range(rows)
    )
    start = date.fromisoformat(edition) if edition and edition != "rolling" else date(2017, 1, 28)
    return Reading(
        source=SOURCE,
        parser=parser,
        digest=digest(name),
        pages=1,
        status="complete",
        edition=edition,
        period=Period(start=start, end=start + timedelta(days=6)),
        title="Weekly Report",
        totals={"issued": rows},
        tables={"issued": records},
        text_digest=hashlib.sha256(name.encode()).hexdigest(),
        keys={"issued": ("county",)},
    )


def observation(
    name: str,
    at: datetime,
    outcome: Outcome = "unchanged",
    *,
    evidence: Evidence = "body",
    edition: str = "2017-01-28",
) -> Observation:
    return Observation(
        at=at,
        edition=edition,
        outcome=outcome,
        evidence=evidence,
        url=f"{ORIGIN}/{edition}.pdf",
        digest=digest(name) if name else None,
    )


def part(number: int, at: datetime, *observations: Observation) -> RunPart:
    """The only part of a run that ended well."""
    summary = RunSummary(
        run=f"{number:012x}",
        flow="weekly",
        source=SOURCE,
        started_at=at,
        finished_at=at,
        status="complete",
        outcomes={each.edition: each.outcome for each in observations},
        requests=1,
        bytes_received=1,
        overdue=False,
        messages=(),
    )
    return RunPart(
        source=SOURCE,
        run=summary.run,
        part=1,
        flow="weekly",
        started_at=at,
        observations=observations,
        summary=summary,
    )


def _fact(key: str, value: Json) -> Fact:
    return manifest.fact(key, canonical(value))


def capture_fact(value: Capture, written_at: datetime) -> Fact:
    return _fact(layout.capture(SOURCE, written_at, value.digest), value.to_json())


def table_fact(value: Reading) -> Fact:
    return _fact(layout.table(SOURCE, value.digest, value.parser), value.to_json())


def run_fact(value: RunPart, written_at: datetime) -> Fact:
    return _fact(layout.run(SOURCE, written_at, value.run, value.part), value.to_json())


PAGE = b"<!DOCTYPE html><html><body>Correction: an error.</body></html>"


def fill(objects: Objects) -> Manifest:
    """Make an archive of two editions, the first in two versions, by two weekly runs."""
    for number, names in enumerate((("one", "other"), ("two", "other"))):
        archive = Archive(objects, SOURCE, clock=Ticking(on(number * 7)))
        found = [_week(archive, name) for name in names]
        page = PageSeen(
            at=archive.now(),
            url="https://www.ice.gov/page",
            digest=hashlib.sha256(PAGE).hexdigest(),
            ext="html",
            content="c" * 64,
        )
        archive.page(page, PAGE)
        archive.record(replace(part(number, archive.now(), *found), pages=(page,)))
        archive.publish()
    return archive.manifest


def _week(archive: Archive, name: str) -> Observation:
    edition = "2017-02-04" if name == "other" else "2017-01-28"
    at = archive.now()
    if digest(name) in archive.manifest.documents:
        return observation(name, at, edition=edition)
    archive.admit(*archive.keep((capture(name, at, edition=edition), body(name))))
    key = archive.file(reading(name, len(name), edition=edition))
    seen = observation(name, at, "new", evidence="capture", edition=edition)
    return replace(seen, tables=(key,))


@dataclass
class Ticking:
    """A clock that goes on by a second each time it is asked."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def encoded(value: RunPart) -> bytes:
    """A run's part as it is stored."""
    return canonical(value.to_json())


def sha256(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
