"""One document read, wherever that is: from the store and into it, so that only keys travel."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from flows.remedies import IN_THE_WAY, Trouble, trouble
from scrapers import sandbox, source
from scrapers.limits import Limits
from storage import layout
from storage.archive import Archive
from storage.ledger import Manifest
from storage.model import Json
from storage.objects import Objects
from storage.stores import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to read; small enough to send anywhere."""

    store: str
    """As whoever reads it can reach it: an absolute folder, or `s3://bucket/prefix`."""
    source: str
    digest: str
    ext: str
    limits: Json
    parser: int
    """Number of the rules by which to read: those of whoever asked."""
    at: datetime
    """The time by the archive's clock: a worker's own may stand behind what is already kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What came of it."""

    digest: str
    key: str | None
    """Of the table or refusal that was written, or was there; None where there is `trouble`."""
    trouble: Trouble | None = None


def extract(task: Task) -> Extracted:
    """Read a held document, and file its records or why it was refused.

    Done twice, as when a worker died, it comes to the same.

    Raises:
        StoreUnreachableError: the store did not answer.
        ValueError: this installation reads by other rules than whoever asked.
    """
    series = source.load(task.source)
    if series.parser != task.parser:
        asked = f"{task.source} is asked for by parser {task.parser}"
        raise ValueError(f"{asked}, and this installation has parser {series.parser}")
    # It writes one fact and needs to know none: the index stays with whoever asked.
    archive = Archive(
        _store(task.store), task.source, clock=lambda: task.at, known=Manifest(source=task.source)
    )
    if archive.adopt(task.digest, series.parser):
        return Extracted(
            digest=task.digest, key=layout.table(task.source, task.digest, series.parser)
        )
    try:
        with archive.original(task.digest, task.ext) as path:
            reading = sandbox.read(path, task.source, limits=Limits(**task.limits))
        if reading.status == "quarantined":
            key = archive.quarantine(reading, task.limits)
        else:
            key = archive.file(replace(reading, keys=series.keys))
    except IN_THE_WAY as error:
        return Extracted(digest=task.digest, key=None, trouble=trouble(error))
    return Extracted(digest=task.digest, key=key)


@lru_cache(maxsize=4)
def _store(name: str) -> Objects:
    return open_store(name, create=False)
