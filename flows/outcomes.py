"""What a document that was just seen means for its edition. Pure: manifests in, a word out."""

from storage.documents import DocumentEntry
from storage.ledger import Manifest
from storage.model import Outcome

_TRIED_AGAIN = frozenset({"timed-out", "too-large"})


def outcome(
    before: Manifest | None, after: Manifest, document: DocumentEntry, url: str | None
) -> Outcome:
    """Say in one word what became of the edition.

    Args:
        before: the manifest as it was before the document was seen; None if it did not know it.
        after: the manifest with it.
        document: what was seen, as `after` has it.
        url: where it was seen; None where it was not asked for, only read.
    """
    if document.status == "quarantined":
        return "quarantined"
    if not document.is_version:
        return "unchanged"
    if not document.is_reported:
        versions = after.versions(document.edition)
        return next(v.kind for v in versions if v.document.digest == document.digest)
    if url is None or before is None:
        return "unchanged"
    gone = before.found_removed(document.edition) or before.is_removed(document.edition)
    if gone or is_back(before, document.digest, url):
        return "returned"
    return "unchanged"


def is_back(before: Manifest, digest: str, url: str) -> bool:
    """Whether these bytes are those of a version that the agency has replaced.

    An address that never stopped serving an older version, beside another one with the newer, has
    not brought anything back.
    """
    document = before.documents.get(digest)
    if document is None or not document.is_version:
        return False
    shown = before.latest(document.edition)
    if shown is None or shown.digest == digest:
        return False
    served = before.by_address.get(url)
    return served is None or served.digest != digest


def is_due(document: DocumentEntry, parser: int) -> bool:
    """Whether a held document waits to be read by that parser."""
    if document.status == "unread":
        return True
    refusal = document.refusals.get(parser)
    tried = refusal is not None and refusal.reason not in _TRIED_AGAIN
    return document.status == "quarantined" and not tried


def refused(document: DocumentEntry) -> str | None:
    """Say why a document is in quarantine, and where it was found; None where it is not."""
    if document.status != "quarantined":
        return None
    refusal = max(document.refusals.values(), key=lambda each: each.key)
    where = f" (page {refusal.page})" if refusal.page else ""
    detail = f": {refusal.detail}" if refusal.detail else ""
    found = f" from {document.url}" if document.url else ""
    return f"{refusal.reason}{detail}{where}; its bytes{found} are kept"
