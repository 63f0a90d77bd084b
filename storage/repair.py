"""Put back what fixity found wrong: from older versions of a key, or from another store.

Nothing is put back whose digest differs from the recorded one, and nothing is deleted: strays stay
where they are, and what is replaced stays as an older version.
"""

import hashlib
import tempfile
from pathlib import Path

from storage import facts, layout, sealed
from storage.errors import FixityError, MissingError
from storage.files import passing
from storage.fixity import Finding, Report
from storage.objects import Objects, copy_verified


def repair(objects: Objects, report: Report, *, other: Objects | None = None) -> list[Finding]:
    """Put back what was found wrong, where right bytes are to be had; give what was mended.

    Args:
        objects: the store that was verified.
        report: what was found there.
        other: another store that may hold the right bytes.

    Raises:
        StoreUnreachableError: a store did not answer.
    """
    mended = [finding for finding in report.findings if _restore(objects, finding, other)]
    index = [f for f in report.findings if f.kind.startswith("manifest")]
    if mended or index or report.notes:
        trusted = facts.recorded(objects, report.source)
        if not trusted and other:
            trusted = facts.recorded(other, report.source)
        body = sealed.encode(facts.refold(objects, report.source, trusted=trusted))
        sha256 = hashlib.sha256(body).hexdigest()
        objects.put(layout.manifest(report.source), body, sha256=sha256)
    return mended + index


def _restore(objects: Objects, finding: Finding, other: Objects | None) -> bool:
    if finding.expected is None:
        return False
    with tempfile.TemporaryDirectory(prefix="recordkeep-") as folder:
        path = Path(folder) / "object"
        for store in (objects, other):
            if store is None:
                continue
            try:
                with passing(path) as file:
                    copy_verified(store, finding.key, finding.expected, file)
            except (FixityError, MissingError):
                continue
            objects.put(finding.key, path, sha256=finding.expected)
            return True
    return False
