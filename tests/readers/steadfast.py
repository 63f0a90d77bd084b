"""Is asked to end, as all processes of a service are that is stopped, and reads on."""

import os
import signal
from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Reading
from tests.readers import plain


def extract(document: Document) -> Reading:
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
    return plain.extract(document)


SOURCE = SimpleNamespace(parser=1, extract=extract)
