"""One archive and its agency's site, opened for a run."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flows.record import RunRecord
from flows.settings import chosen_store, settings
from flows.stopping import Stop
from flows.work import Work, clock
from scrapers import source
from scrapers.fetch import Fetcher, Policy
from scrapers.limits import Limits
from storage.archive import Archive
from storage.stores import open_store


@contextmanager
def opened(  # noqa: PLR0913 - what a run may be told stands side by side
    name: str,
    store: str | None,
    *,
    site: str | None,
    pause_s: float | None,
    at: datetime | None,
    flow_name: str = "weekly",
    stop: Stop | None = None,
) -> Generator[Work]:
    """Open the archive and the agency's site for one run.

    Args:
        name: the source's.
        store: a folder, or `s3://bucket/prefix`; None for the setting.
        site: an origin to ask in place of the agency's; None for the agency itself.
        pause_s: seconds between requests to a host; None for the setting.
        at: a time to set the clock to, from which it goes on; None for now.
        flow_name: under which the run is recorded.
        stop: what ends its waits; None for nothing.
    """
    chosen, heeded = settings(), stop or Stop()
    series = source.load(name)
    objects = open_store(
        chosen_store(store), lock_days=chosen.lock_days, compliance=chosen.lock_compliance
    )
    archive = Archive(objects, name, clock=clock(at))
    policy = Policy(
        agent=chosen.agent,
        hosts=series.hosts,
        site=site,
        conditional=series.conditional,
        pause_s=chosen.pause_s if pause_s is None else pause_s,
        max_bytes=chosen.max_document_mib * 2**20,
    )
    with (
        tempfile.TemporaryDirectory(prefix="recordkeep-") as folder,
        Fetcher(policy, clock=archive.now, sleep=heeded.rest) as fetcher,
    ):
        yield Work(
            source=series,
            archive=archive,
            fetcher=fetcher,
            record=RunRecord(archive, flow_name),
            folder=Path(folder),
            limits=Limits(memory_bytes=chosen.memory_mib * 2**20, deadline_s=chosen.deadline_s),
            recheck_weeks=chosen.recheck_weeks,
            site=site,
            stop=heeded,
        )
