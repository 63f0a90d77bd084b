"""Never ends, and starts a process that never ends either."""

import subprocess
from types import SimpleNamespace

from scrapers.pdf import Document
from storage.model import Reading


def extract(document: Document) -> Reading:
    with document.path.with_suffix(".pid").open("w") as told:
        child = subprocess.Popen(["sleep", "600"])
        told.write(str(child.pid))
    while True:
        pass


SOURCE = SimpleNamespace(parser=1, extract=extract)
