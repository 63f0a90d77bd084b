"""Pictures of the pages of what is held, for the catalogue's web pages: the missing ones.

Each version that is held as a PDF is drawn when it is filed. Pages are drawn in batches, and the
first page of each is drawn and stored last: where it is held, be it as a blank, the batch is all
there, and is not drawn again. What was cut short is gone on with. Nor is a picture ever taken away,
so that what was drawn of a version while it was the newest stays. They are a convenience: a
document that cannot be drawn costs nothing else.
"""

import hashlib
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from flows.progress import SILENT, Progress
from scrapers.drawing import ALL, BLANK, draw_pages
from scrapers.limits import Limits
from storage import layout
from storage.documents import DocumentEntry
from storage.errors import FixityError, MissingError
from storage.ledger import Manifest
from storage.objects import Objects, copy_verified

ROLLING = "rolling"
"""The edition whose documents each repeat the one before."""
FIRST = range(1, 4)
"""The pages that are drawn of each of its versions: of the FBI's they show its notes, the month
that it adds and the one before. They take 0.17 to 0.20 MB and 0.4 to 1.2 s a version; all 255 pages
of one take 14.4 MB and 17 s (2026-11), and are drawn of the newest alone."""
REST = range(FIRST.stop, ALL.stop)


def draw(
    objects: Objects,
    manifest: Manifest,
    *,
    limits: Limits | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> list[str]:
    """Draw the pages of every version of which pictures are wanted and not held.

    What is being drawn when `progress` or the store ends it is drawn to its end; nothing else is.

    Args:
        objects: the store.
        manifest: the source's index.
        limits: what drawing a document may use.
        workers: how many documents are drawn at a time; None for as many as there are processors.
        progress: who is told how many documents are drawn.

    Returns:
        Digests of the documents of which pictures were added.

    Raises:
        StoreUnreachableError: the store did not answer, or did not take one.
    """
    source = manifest.source
    held = {entry.key for entry in objects.list(layout.prefix("previews", source))}
    previews = _Previews(objects=objects, source=source, held=held, limits=limits)
    due = []
    for document, batches in wanted(manifest):
        missing = [
            batch
            for batch in batches
            if layout.preview(source, document.digest, batch.start) not in held
        ]
        due += [(document, missing)] if missing else []
    number = workers or os.cpu_count() or 1
    drawers = ThreadPoolExecutor(number, "drawing")
    try:
        added = _in_order(drawers, previews.draw, due, most=2 * number)
        drawn = zip(progress.over(due, "documents drawn"), added, strict=True)
        return [document.digest for (document, _), pictures in drawn if pictures]
    finally:
        drawers.shutdown(cancel_futures=True)


def _in_order(
    drawers: ThreadPoolExecutor,
    draw_: Callable[[DocumentEntry, Sequence[range]], int],
    due: Iterable[tuple[DocumentEntry, Sequence[range]]],
    *,
    most: int,
) -> Iterator[int]:
    """Give what came of each in turn; of those after it no more than `most` are given out."""
    under_way: deque[Future[int]] = deque()
    for document, batches in due:
        under_way.append(drawers.submit(draw_, document, batches))
        if len(under_way) > most:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def wanted(manifest: Manifest) -> Iterator[tuple[DocumentEntry, Sequence[range]]]:
    """Give the documents of which pictures are wanted, each with its batches of page numbers."""
    for edition in manifest.by_edition:
        documents = [version.document for version in manifest.versions(edition)]
        drawable = [each for each in documents if each.ext == "pdf" and each.captures]
        for document in drawable:
            if edition != ROLLING:
                yield document, (ALL,)
            elif document is drawable[-1]:
                yield document, (FIRST, REST)
            else:
                yield document, (FIRST,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Previews:
    """A source's pictures: those that are held, and how further ones are made."""

    objects: Objects
    source: str
    held: AbstractSet[str]
    """Keys of the pictures that are there."""
    limits: Limits | None

    def draw(self, document: DocumentEntry, batches: Sequence[range]) -> int:
        """Draw batches of a document's pages; say how many pictures were added."""
        with tempfile.TemporaryDirectory(prefix="recordkeep-") as name:
            path = Path(name) / "document.pdf"
            key = layout.raw(self.source, document.digest, document.ext)
            try:
                with path.open("w+b") as file:
                    copy_verified(self.objects, key, document.digest, file)
            except (FixityError, MissingError):
                return 0  # the audit's business, which tells of it
            return sum(self._draw_batch(path, document.digest, batch) for batch in batches)

    def _draw_batch(self, path: Path, digest: str, batch: range) -> int:
        keys = {n: layout.preview(self.source, digest, n) for n in (*batch[1:], batch[0])}
        due = [number for number, key in keys.items() if key not in self.held]
        folder = path.with_name(f"from-{batch.start}")
        folder.mkdir()
        added = 0
        for picture in draw_pages(path, folder, pages=due, limits=self.limits):
            body = picture.read_bytes()
            key = keys[int(picture.stem)]
            self.objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())
            added += body != BLANK
        return added
