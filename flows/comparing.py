"""A new reading beside that of the edition before: what an agency would hardly do on purpose."""

from collections.abc import Iterator

from flows.work import Work
from scrapers import checks
from storage.catalogue import Catalogue
from storage.documents import Table
from storage.model import Reading


def compare(work: Work, reading: Reading) -> Iterator[str]:
    """Say how a reading differs from the edition before in its tables, columns and sizes.

    It changes nothing in what is filed, since the same document must always read the same:
    the sentences stand in the run's record, for a person to look at the PDF.
    """
    before = _table_before(work, reading)
    if before is None:
        return
    catalogue = Catalogue(work.archive.objects, manifests={work.source.name: work.archive.manifest})
    held = Reading.from_json(catalogue.table(work.source.name, before))
    for check in checks.compare(held, reading):
        if not check.passed:
            found = f"{check.found} where {check.expected}" if check.expected else check.found
            yield f"{reading.edition} is unlike {held.edition}: not “{check.name}” ({found})"


def _table_before(work: Work, reading: Reading) -> Table | None:
    """Find the current reading of the newest edition before this one, that has any."""
    if work.source.rolling or reading.edition is None:
        return None
    manifest = work.archive.manifest
    for edition in reversed(list(manifest.by_edition)):
        latest = manifest.latest(edition) if edition < reading.edition else None
        if latest and latest.table:
            return latest.table
    return None
