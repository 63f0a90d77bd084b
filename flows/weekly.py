"""One source, top to bottom: discover, capture, keep, extract, check, file, publish."""

import logging
from dataclasses import replace
from datetime import date

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import task_run

from flows import (
    alerts,
    backfill,
    jitter,
    outside,
    publishing,
    removals,
    shown,
    stopping,
    turns,
    week,
)
from flows.opening import opened
from flows.parameters import At, Minutes, Pause, Weeks
from flows.past import Span
from flows.stopping import StoppedError
from flows.week import Look
from flows.work import Work
from scrapers import source
from storage.ledger import RunSummary
from storage.model import Listing

logger = logging.getLogger("recordkeep")


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


def past_owed(work: Work) -> Span | None:
    """Give the past to load after a week, see `outside.owed`; None where there is none to load."""
    days = outside.owed(work.archive.manifest, work.source.prefixes, work.record.addresses)
    if days is None or work.stop.asked:
        return None
    since = None if days[0] == date.min else days[0]
    return Span(since=since, until=days[1], origins=("wayback",))


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
    wayback: str | None = None,
    recheck_weeks: Weeks | None = None,
    jitter_min: Minutes = 0,
) -> RunSummary:
    """Look at one source once.

    Where the agency links to what lies outside the series' folders, and the past was loaded before
    that was known, a backfill from the Wayback Machine follows, with a record of its own.

    The arguments are those of `opened`; an origin to ask in place of the Wayback Machine's, without
    which nobody is asked where another stands for the agency's; within how many weeks each document
    is to be fetched whole again, whatever its server says, None for the setting; and up to how many
    minutes to wait before the first request: schedules set them, who starts a run by hand waits for
    nothing.
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
            past = past_owed(work) if wayback or not site else None
    shown.outcomes(summary)
    if past:
        logger.info("%s: links outside its folders are new; loading their past", name)
        after = backfill.backfill(
            name,
            store,
            since=past.since,
            until=past.until,
            origins=past.origins,
            wayback=wayback,
            pause_s=pause_s,
            at=at,
        )
        summary = _with(summary, after)
    return summary


def _with(summary: RunSummary, after: RunSummary) -> RunSummary:
    """Give a week's summary with what a person must see to in the backfill that followed it."""
    if after.status == "complete":
        return summary
    return replace(
        summary,
        status="incomplete",
        needs=(*summary.needs, *after.needs),
        messages=(*summary.messages, *after.messages),
    )
