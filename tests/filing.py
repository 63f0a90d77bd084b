"""Putting one made document into an archive: kept, captured, read, told of by a run, published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from storage.about import About
from storage.archive import Archive
from storage.capture import Via
from storage.ledger import Manifest
from storage.model import Box, FieldValue, Reading, Record
from storage.objects import Objects
from tests import histories
from tests.histories import SOURCE, Ticking

ABOUT = About(
    source=SOURCE,
    agency="An Agency",
    title="Weekly Report",
    url="https://www.ice.gov/page",
    keys={"issued": ("county",)},
)


Row = Mapping[str, FieldValue]


def record(fields: Row, number: int = 0) -> Record:
    """A record whose cells say what its fields hold."""
    cells = {name: str(value or "") for name, value in fields.items()}
    return Record(fields=fields, cells=cells, boxes=(Box(page=1, box=(0, number, 9, number + 1)),))


def reading(name: str, edition: str, **tables: Sequence[Row]) -> Reading:
    """A reading of the document of that name, with these tables."""
    told = {
        table: tuple(record(fields, number) for number, fields in enumerate(rows))
        for table, rows in tables.items()
    }
    return replace(histories.reading(name, edition=edition), tables=told)


def file(
    objects: Objects,
    name: str,
    found: Reading,
    *,
    written_at: datetime,
    seen_at: datetime | None = None,
    via: Via = "agency",
    headers: Mapping[str, str] | None = None,
    url: str | None = None,
) -> Manifest:
    """Keep a made document as a run at `written_at` would; captured at `seen_at`, if earlier."""
    archive = Archive(objects, SOURCE, clock=Ticking(written_at))
    capture = histories.capture(name, seen_at or written_at, edition=found.edition)
    capture = replace(capture, via=via, headers=headers or capture.headers, url=url or capture.url)
    archive.admit(*archive.keep((capture, histories.body(name))))
    key = archive.file(found)
    observed = histories.observation(name, capture.at, "new", evidence="capture")
    told = replace(observed, edition=found.edition or "", tables=(key,))
    number = len(archive.manifest.facts)
    archive.record(histories.part(number, archive.now(), told))
    return archive.publish()


def look(objects: Objects, name: str, *, at: datetime, edition: str = "2017-01-28") -> Manifest:
    """A quiet week: the same bytes were seen again."""
    archive = Archive(objects, SOURCE, clock=Ticking(at))
    seen = histories.observation(name, at, edition=edition)
    archive.record(histories.part(len(archive.manifest.facts), archive.now(), seen))
    return archive.publish()
