"""Every held document again with today's parser: no network, and never news of the agency's."""

import getpass
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from prefect import flow

from flows import publishing
from flows.record import RunRecord
from flows.remedies import IN_THE_WAY, trouble
from flows.settings import chosen_store, settings
from scrapers import sandbox, source
from scrapers.limits import Limits
from scrapers.source import Source
from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.differences import Difference, tables
from storage.documents import DocumentEntry
from storage.ledger import RunSummary
from storage.model import Json
from storage.runs import Observation
from storage.stores import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """One document as today's parser reads it, beside what is current."""

    edition: str
    digest: str
    before: int | None
    """The parser whose reading is current; None for a document in quarantine."""
    after: int
    refused: str | None
    """Why today's parser refuses it, or what kept it from being read."""
    differences: dict[str, Difference]
    """Table -> which records differ; empty tables of differences where none do."""
    accepted: bool

    @property
    def is_current(self) -> bool:
        """Whether the new reading is what is shown now; without one before, it is at once."""
        return self.refused is None and (self.accepted or self.before is None)

    def to_json(self) -> Json:
        """Shape: the fields by name."""
        return {
            "edition": self.edition,
            "digest": self.digest,
            "before": self.before,
            "after": self.after,
            "refused": self.refused,
            "tables": {name: each.to_json() for name, each in self.differences.items()},
            "accepted": self.accepted,
        }


Told = Callable[[Reread], None]


@flow(name="reparse", flow_run_name="{name}")
def reparse(
    name: str, store: str | None = None, *, accept: bool = False, told: Told | None = None
) -> tuple[list[Reread], RunSummary]:
    """Read every held document of a source again, and show what that changes.

    The old tables stay. The new ones become current when a person accepts them, or at once where
    there was none.
    What is in one document's way costs no other anything. Gives, too, how the run ended.

    Args:
        name: the source's.
        store: a folder, or `s3://bucket/prefix`; None for the setting.
        accept: whether to accept the new readings at once.
        told: called with each document as it is done.
    """
    archive = Archive(open_store(chosen_store(store)), name)
    record = RunRecord(archive, "reparse")
    record.pages_were_read = True
    found = []
    for reread in _each(archive, source.load(name), record, accept=accept):
        found.append(reread)
        if told:
            told(reread)
    summary = record.finish(requests=0, bytes_received=0, overdue=False)
    return found, publishing.after(archive, summary)


def _each(archive: Archive, series: Source, record: RunRecord, *, accept: bool) -> Iterator[Reread]:
    for digest, document in list(archive.manifest.documents.items()):
        if document.status == "released":
            continue  # a person decided that it gives no records
        if document.captures and not _is_current(document, series.parser):
            yield _reread(archive, series, record, digest, accept=accept)


def _is_current(document: DocumentEntry, parser: int) -> bool:
    return document.table is not None and document.table.parser == parser


def _reread(
    archive: Archive, series: Source, record: RunRecord, digest: str, *, accept: bool
) -> Reread:
    before = archive.manifest.documents[digest]
    met, differences = None, {}
    try:
        _read(archive, series, before)
        differences = _differences(archive, before, series)
    except IN_THE_WAY as error:
        met = trouble(error)
    after = archive.manifest.documents[digest]
    new = after.tables.get(series.parser)
    accepted = accept and new is not None and not _is_current(after, series.parser)
    if accepted:
        why = f"accepted with `reparse --accept` at parser {series.parser}"
        who = getpass.getuser()
        archive.decide(digest, "accept-parser", why=why, who=who, parser=series.parser)
    refusal = after.refusals.get(series.parser)
    record.observe(
        Observation(
            at=archive.now(),
            edition=after.edition,
            outcome="failed" if met else "unchanged",
            evidence="none",
            digest=digest,
            detail=met.says if met else f"read again with parser {series.parser}",
            tables=tuple(table.key for table in after.tables.values()),
        ),
        met.section if met else None,
    )
    refused = f"{refusal.reason}: {refusal.detail}" if refusal and not new else None
    return Reread(
        edition=after.edition,
        digest=digest,
        before=before.table.parser if before.table else None,
        after=series.parser,
        refused=met.says if met else refused,
        differences=differences,
        accepted=accepted,
    )


def _read(archive: Archive, series: Source, document: DocumentEntry) -> None:
    if archive.adopt(document.digest, series.parser):
        return
    chosen = settings()
    limits = Limits(memory_bytes=chosen.memory_mib * 2**20, deadline_s=chosen.deadline_s)
    with archive.original(document.digest, document.ext) as path:
        reading = sandbox.read(path, series.name, limits=limits)
    if reading.status == "quarantined":
        archive.quarantine(reading, limits.to_json())
    else:
        archive.file(replace(reading, keys=series.keys))


def _differences(archive: Archive, before: DocumentEntry, series: Source) -> dict[str, Difference]:
    """Say which records today's parser reads otherwise; nothing where one reading is missing."""
    new = archive.manifest.documents[before.digest].tables.get(series.parser)
    if before.table is None or new is None:
        return {}
    held = Catalogue(archive.objects, manifests={archive.source: archive.manifest})
    old_said, new_said = (held.table(archive.source, table) for table in (before.table, new))
    return tables(old_said["tables"], new_said["tables"], new_said["keys"])
