"""Looks for a secret in its environment."""

import os
from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Reading


def extract(document: Document) -> Reading:
    raise LookupError(f"{document.digest}: {os.environ['AWS_SECRET_ACCESS_KEY']}")


SOURCE = SimpleNamespace(parser=1, extract=extract)
