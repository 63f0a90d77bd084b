"""What others read of an archive, brought up to its manifest: datasets, page pictures, web pages.

It comes after the run's record and manifest are written, so that no failure here loses any of
that. It is owed until it succeeds: each run compares what stands there with the manifest.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from flows import alerts, previews, remedies
from flows.describing import about
from flows.events import PUBLISHES
from flows.progress import SILENT, Progress
from flows.record import RunRecord
from flows.stopping import Stop, StoppedError
from scrapers import source
from scrapers.limits import Limits
from storage import datasets, facts, site
from storage.about import About
from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.errors import StorageError
from storage.ledger import Manifest, RunSummary
from storage.needs import Need
from storage.objects import Objects

ARROW = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""What Arrow, which is first loaded to write datasets, finds in the environment then: where from to
have memory. What it has of its own kind it keeps for another time, and files took 10 MiB more."""

T = TypeVar("T")
logger = logging.getLogger("recordkeep")


@dataclass(frozen=True, slots=True)
class _Stoppable:
    """Progress that ends, with `StoppedError`, where the process is asked to stop."""

    inner: Progress
    stop: Stop

    def says(self, text: str) -> None:
        self.inner.says(text)

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        for item in self.inner.over(items, what):
            self.stop.heed()
            yield item
        self.stop.heed()


def publish(  # noqa: PLR0913 - what publishing may use stands side by side
    objects: Objects,
    manifest: Manifest,
    *,
    thorough: bool = False,
    limits: Limits | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> list[str]:
    """Bring what others read of a source up to its manifest, and write only what changed.

    A week without news costs the front page. May be called again after it failed.

    Args:
        objects: the store.
        manifest: the source's index, as just published.
        thorough: whether to look for what went missing, even if nothing changed.
        limits: what drawing a document's pages may use.
        workers: how many documents are drawn at a time, see `previews.draw`.
        progress: who is told how it goes on; what it raises ends the publishing.

    Returns:
        Keys written, page pictures left out.

    Raises:
        FixityError, MissingError: a table or capture is not as it was written.
        StoreUnreachableError: the store did not answer.
    """
    described = describe(manifest.source)
    is_quiet = not thorough and site.is_current(objects, manifest, described)
    written: list[str] = []
    if not is_quiet:
        os.environ.setdefault(*ARROW)
        previews.draw(objects, manifest, limits=limits, workers=workers, progress=progress)
        written += datasets.publish(objects, manifest, described)
        over = progress.over
        written += site.write_source(objects, manifest, described, thorough=True, over=over)
    manifests = {
        name: manifest if name == manifest.source else facts.last_whole(objects, name)
        for name in Catalogue(objects).sources()
    }
    abouts = {name: describe(name) for name in manifests}
    return written + site.write_front(objects, manifests, abouts)


def describe(name: str) -> About:
    """Describe a source; by its name alone where this installation has no such source."""
    return about(source.load(name)) if name in source.names() else site.nameless(name)


def after(  # noqa: PLR0913 - as for `publish`
    archive: Archive,
    summary: RunSummary,
    *,
    limits: Limits | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> RunSummary:
    """Publish at a run's end; where that fails, say so in the summary, and tell whom it concerns.

    Args:
        archive: the archive, with its manifest published.
        summary: how the run ended, as recorded.
        limits: what drawing a document's pages may use.
        workers: how many documents are drawn at a time, see `previews.draw`.
        progress: who is told how it goes on.
        stop: whether to leave the rest to the next run.

    Returns:
        The summary, with a need where publishing failed: what is published is then as it was.
    """
    stoppable = _Stoppable(progress, stop or Stop())
    try:
        publish(
            archive.objects, archive.manifest, limits=limits, workers=workers, progress=stoppable
        )
        caught_up(archive)
    except StoppedError:
        says = "stopped when asked to: what is to be published waits for `recordkeep site`"
        logger.warning("%s: %s", archive.source, says)
        return replace(summary, messages=(*summary.messages, says))
    except StorageError as error:
        says = f"datasets and web pages are behind the archive: {error}"
        try:
            _record(archive, says)
        except StorageError:
            # Then no record can say so either.
            alerts.cry(archive.source, summary.flow, error, datetime.now(UTC), says=says)
        need = Need(section=remedies.PUBLISHING, text=says)
        told = (*summary.messages, says)
        return replace(summary, needs=(*summary.needs, need), messages=told, status="incomplete")
    return summary


def caught_up(archive: Archive) -> None:
    """Take down, where it was behind, that what is published no longer is.

    Raises:
        StorageError: it could not be taken down; the next run does.
    """
    last = archive.manifest.last_runs.get(PUBLISHES)
    if last and last.needs:
        _record(archive, None)


def _record(archive: Archive, says: str | None) -> None:
    """Take down in a record of its own that publishing failed, or does no longer.

    The run's own record was written before. This one is where `status` finds the need, and where
    it stands that the need was told.
    """
    record = RunRecord(archive, PUBLISHES)
    record.pages_were_read = says is None
    if says:
        logger.warning("%s: %s", archive.source, says)
        record.need(remedies.PUBLISHING, says)
    record.finish(requests=0, bytes_received=0, overdue=False)
