"""Has a bug."""

from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Reading


def extract(document: Document) -> Reading:
    raise KeyError(f"a column of {document.page_count} pages")


SOURCE = SimpleNamespace(parser=1, extract=extract)
