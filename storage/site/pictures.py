"""The page on which a version's pages are seen as pictures, with the place of each record."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from storage import layout
from storage.errors import MissingError
from storage.model import Json
from storage.site import addresses
from storage.site.making import Making, Subject
from storage.site.rows import mark, marks

_MAGIC = b"\x89PNG\r\n\x1a\n"
_HEAD_BYTES = 2048
_POINTS_PER_METRE = 72 / 0.0254


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One page's picture."""

    number: int
    key: str
    columns: int
    rows: int
    """Pixels."""
    width: float
    height: float
    """Points."""
    marks: object
    """The places of its records, as HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Of which pages of a document there are pictures."""

    numbers: frozenset[int]
    pages: int | None
    """How many pages the document has; None where that is not known."""

    @property
    def is_whole(self) -> bool:
        """Whether no page is known to have none."""
        return bool(self.numbers) and len(self.numbers) >= (self.pages or 0)

    def unseen(self, records: Sequence[Json]) -> int | None:
        """Give the number of the first record, from 1, whose page has no picture."""
        places = enumerate((record["page"] for record in records), start=1)
        return next((row for row, page in places if page not in self.numbers), None)

    def first_unseen(self, reading: Json | None) -> tuple[str, int] | None:
        """Give the table and number of the first such record of all."""
        for table, records in (reading["tables"] if reading else {}).items():
            row = self.unseen(records)
            if row:
                return table, row
        return None


def write(making: Making, subject: Subject, reading: Json | None) -> Drawn:
    """Write the page of pictures, if there are any; say of which pages.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    outlines = _marks(reading) if reading else {}
    pictures = []
    for number in making.previews.get(subject.document.digest, ()):
        key = layout.preview(making.source, subject.document.digest, number)
        picture = _picture(making, key, number, outlines.get(number, []))
        pictures += [picture] if picture else []
    drawn = Drawn(
        numbers=frozenset(picture.number for picture in pictures),
        pages=reading["pages"] if reading else None,
    )
    if pictures:
        making.put(
            "pages.html",
            addresses.pages(making.source, subject.document.digest),
            edition=subject.edition,
            version=subject.version,
            document=subject.document,
            pictures=pictures,
            drawn=drawn,
            unseen=drawn.first_unseen(reading),
        )
    return drawn


def _marks(reading: Json) -> dict[int, list[str]]:
    """Give the outlines of each page."""
    found: dict[int, list[str]] = {}
    for table, records in reading["tables"].items():
        slug, words = addresses.slug(table), table.replace("_", " ")
        for row, record in enumerate(records, start=1):
            for place, box in enumerate(record["boxes"]):
                x0, top, x1, bottom = box["box"]
                edges = (x0, top, max(x1 - x0, 1), max(bottom - top, 1))
                name, told = f"{slug}-{row}", f"{words}, record {row}"
                drawn = mark(name, told, edges, is_first=place == 0)
                found.setdefault(box["page"], []).append(drawn)
    return found


def _picture(making: Making, key: str, number: int, outlines: list[str]) -> Picture | None:
    """Measure a picture by its header; None where it is none that tells its resolution."""
    try:
        with making.catalogue.objects.open(key) as file:
            head = file.read(_HEAD_BYTES)
    except MissingError:
        return None
    place = head.find(b"pHYs")
    if not head.startswith(_MAGIC) or place < 0 or len(head) < place + 13:
        return None
    columns, rows = struct.unpack(">II", head[16:24])
    across, down, unit = struct.unpack(">IIB", head[place + 4 : place + 13])
    if unit != 1 or not across or not down:
        return None
    return Picture(
        number=number,
        key=key,
        columns=columns,
        rows=rows,
        width=round(columns / across * _POINTS_PER_METRE, 2),
        height=round(rows / down * _POINTS_PER_METRE, 2),
        marks=marks(outlines),
    )
