"""Reads everything that the engine offers, of any PDF."""

from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Box, Reading, Record


def extract(document: Document) -> Reading:
    records = []
    for page in document.pages():
        page.grids()
        places = [(word.x0, word.top, word.x1, word.bottom) for word in page.words()]
        text = " ".join(word.text for word in page.words())
        if places:
            boxes = (Box(page=page.number, box=places[0]),)
            records.append(Record(fields={"text": text}, cells={"text": text}, boxes=boxes))
    return Reading(
        source="plain",
        parser=7,
        digest=document.digest,
        pages=document.page_count,
        status="complete",
        tables={"pages": tuple(records)},
    )


SOURCE = SimpleNamespace(parser=7, extract=extract)
