"""Gives more than a reading may hold."""

from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Reading


def extract(document: Document) -> Reading:
    title = "x" * 8_000_000
    return Reading(
        source="wordy", parser=1, digest=document.digest, pages=1, status="complete", title=title
    )


SOURCE = SimpleNamespace(parser=1, extract=extract)
