"""Pictures of the pages of what is held, for the catalogue's web pages: the missing ones.

They are a convenience: a document that cannot be drawn costs nothing else.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from scrapers.drawing import draw_pages
from scrapers.limits import Limits
from storage import layout
from storage.documents import DocumentEntry
from storage.errors import FixityError, MissingError
from storage.ledger import Manifest
from storage.objects import Objects, copy_verified

ROLLING = "rolling"
"""Of an edition whose documents each repeat the one before, only the newest is drawn."""


def draw(
    objects: Objects,
    manifest: Manifest,
    *,
    limits: Limits | None = None,
    told: Callable[[str, int], None] | None = None,
) -> list[str]:
    """Draw the pages of every version of which no pictures are held.

    Args:
        objects: the store.
        manifest: the source's index.
        limits: what drawing a document may use.
        told: called with each document's digest, and how many pages were drawn.

    Returns:
        Digests of the documents of which pictures were added.

    Raises:
        StoreUnreachableError: the store did not answer, or did not take one.
    """
    held = {entry.key for entry in objects.list(layout.prefix("previews", manifest.source))}
    found = []
    for document in wanted(manifest):
        first = layout.preview(manifest.source, document.digest, 1)
        if first in held:
            continue
        number = _draw(objects, manifest.source, document, held, limits)
        if number:
            found.append(document.digest)
        if told:
            told(document.digest, number)
    return found


def wanted(manifest: Manifest) -> Iterator[DocumentEntry]:
    """Give the documents of which pictures are wanted."""
    for edition in manifest.by_edition:
        versions = manifest.versions(edition)
        for version in versions[-1:] if edition == ROLLING else versions:
            if version.document.ext == "pdf" and version.document.captures:
                yield version.document


def _draw(
    objects: Objects,
    source: str,
    document: DocumentEntry,
    held: set[str],
    limits: Limits | None,
) -> int:
    """Draw one document; the first page is stored last, so that it says that all are there."""
    with tempfile.TemporaryDirectory(prefix="recordkeep-") as name:
        folder = Path(name)
        path = folder / "document.pdf"
        try:
            with path.open("w+b") as file:
                key = layout.raw(source, document.digest, document.ext)
                copy_verified(objects, key, document.digest, file)
        except (FixityError, MissingError):
            return 0  # the audit's business, which tells of it
        pictures = draw_pages(path, folder, limits=limits)
        for picture in reversed(pictures):
            key = layout.preview(source, document.digest, int(picture.stem))
            if key not in held:
                body = picture.read_bytes()
                objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())
    return len(pictures)
