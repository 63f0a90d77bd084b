"""Takes memory without end."""

from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Reading


def extract(document: Document) -> Reading:
    held = [document.path.read_bytes()]
    while True:
        held.append(bytes(16 * 2**20))


SOURCE = SimpleNamespace(parser=1, extract=extract)
