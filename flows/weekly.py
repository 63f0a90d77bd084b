"""One source, top to bottom: discover, capture, keep, extract, check, file, publish."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import task_run

from flows import alerts, jitter, publishing, removals, shown, stopping, turns, week
from flows.parameters import At, Minutes, Pause, Weeks
from flows.record import RunRecord
from flows.settings import chosen_store, settings
from flows.stopping import Stop, StoppedError
from flows.week import Look
from flows.work import Work, clock
from scrapers import source
from scrapers.fetch import Fetcher, Policy
from scrapers.limits import Limits
from storage.archive import Archive
from storage.ledger import RunSummary
from storage.model import Listing
from storage.stores import open_store


def look_at_all(work: Work, look: Look = week.look) -> RunSummary:
    """Look at one source: the story of a week."""
    listings = [] if work.stop.asked else week.discover(work)
    for listing in week.until_asked_to_stop(work, listings):
        week.visit(work, listing, look)
    if not work.record.stopped:
        week.resume(work)
    if not work.record.stopped:
        removals.settle(work, listings)
        if work.record.stopped:
            week.stopped(work, "what is no longer linked was")
    return week.close(work)


def look_and_publish(work: Work, look: Look = week.look) -> RunSummary:
    """Look at one source, and bring datasets and web pages up to what was found."""
    summary = look_at_all(work, look)
    if work.record.stopped:
        return summary
    return publishing.after(work.archive, summary, limits=work.limits, stop=work.stop)


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


def _named() -> str:
    """Name a task's run by the edition that the link claims, as all else does."""
    listing: Listing = task_run.parameters["listing"]
    return listing.edition or listing.title


@task(name="edition", task_run_name=_named, cache_policy=NO_CACHE)
def edition(work: Work, listing: Listing) -> None:
    """Look at one edition, see `week.look`.

    Prefect tries nothing again: the fetcher does, once and within the time that a host is given.
    Nor has it failed where the run is asked to stop before it begins.
    """
    try:
        week.look(work, listing)
    except StoppedError:
        work.record.stopped = True


@flow(name="weekly", flow_run_name="{name}", log_prints=False)
def weekly(  # noqa: PLR0913 - what a run may be asked stands side by side in Prefect's form
    name: str,
    store: str | None = None,
    site: str | None = None,
    pause_s: Pause | None = None,
    at: At | None = None,
    *,
    recheck_weeks: Weeks | None = None,
    jitter_min: Minutes = 0,
) -> RunSummary:
    """Look at one source once.

    The arguments are those of `opened`; within how many weeks each document is to be fetched whole
    again, whatever its server says, None for the setting; and up to how many minutes to wait before
    the first request: schedules set them, who starts a run by hand waits for nothing.
    """
    with stopping.heeded() as stop, alerts.Watch(name, "weekly"):
        shown.tag("weekly", name)
        jitter.wait(jitter_min, stop)
        with (
            turns.taken(() if site else source.load(name).hosts, stop),
            opened(name, store, site=site, pause_s=pause_s, at=at, stop=stop) as work,
        ):
            weeks = recheck_weeks or work.recheck_weeks
            summary = look_and_publish(replace(work, recheck_weeks=weeks), edition)
    shown.outcomes(summary)
    return summary
