"""One source's past, top to bottom: plan, discover, capture, keep, extract, file, publish."""

import gc
import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from prefect import flow

from flows import alerts, looking_back, progress, publishing, shown, stopping, turns
from flows.desk import Desk, Readers
from flows.looking_back import Rates
from flows.opening import opened
from flows.parameters import At, Pause, Workers
from flows.past import Origin, Past, Span
from flows.plan import Plan
from flows.readers import Processes, of_flow
from flows.settings import chosen_store, settings
from flows.stopping import Stop, StoppedError
from scrapers import source
from scrapers.wayback import ORIGIN, Wayback
from storage.ledger import RunSummary

WAITING_EACH = 4
"""So many documents wait for each reader: enough that none is idle while a slow one is read."""
SEARCH_PAUSE_S, PLAYBACK_PAUSE_S = 2.5, 1.0
"""24 searches a minute, and a capture a second: what the Archive's keepers ask for."""


def load(past: Past) -> RunSummary:
    """Load the past of one source: the story of a backfill."""
    # What was imported and the index stay: looking for garbage among them took a tenth of the time.
    gc.freeze()
    with suppress(StoppedError):
        listings = looking_back.from_agency(past) if "agency" in past.span.origins else []
        if "wayback" in past.span.origins:
            looking_back.from_archive(past, listings)
    looking_back.resume(past)
    past.desk.close()
    return looking_back.close(past)


def load_and_publish(past: Past, workers: int | None) -> RunSummary:
    """Load the past, and bring datasets and web pages up to it; not while much waits to be read.

    Args:
        past: what to load.
        workers: how many documents' pages are drawn at a time, see `previews.draw`.
    """
    summary, work = load(past), past.work
    if work.record.stopped or not past.desk.has_readers:
        return summary
    return publishing.after(
        work.archive,
        summary,
        limits=work.limits,
        workers=workers,
        progress=past.progress,
        stop=work.stop,
    )


@contextmanager
def opened_past(  # noqa: PLR0913 - what a backfill may be told stands side by side
    name: str,
    store: str | None,
    span: Span,
    *,
    readers: Readers | None,
    most: int = 2 * WAITING_EACH,
    site: str | None = None,
    wayback: str | None = None,
    pause_s: float | None = None,
    at: datetime | None = None,
    patient: bool = True,
    stop: Stop | None = None,
) -> Generator[Past]:
    """Open the archive, the agency's site and the Wayback Machine for one backfill.

    Args:
        name: the source's.
        store: a folder, or `s3://bucket/prefix`; None for the setting.
        span: which part of the past, and from whom.
        readers: who reads the documents; None leaves that to a later run.
        most: how many documents may wait for them.
        site: an origin to ask in place of the agency's; None for the agency itself.
        wayback: an origin to ask in place of the Wayback Machine's.
        pause_s: seconds between requests, to whomever; None for what is polite to each.
        at: a time to set the clock to, from which it goes on; None for now.
        patient: whether to wait long for an Archive that does not answer.
        stop: what ends the waits; None for nothing.
    """
    rates, heeded = polite(pause_s), stop or Stop()
    with (
        opened(
            name, store, site=site, pause_s=pause_s, at=at, flow_name="backfill", stop=heeded
        ) as work,
        Wayback(
            hosts=work.source.hosts,
            origin=wayback or ORIGIN,
            agent=settings().agent,
            clock=work.archive.now,
            sleep=heeded.rest,
            search_pause_s=rates.searches_s,
            playback_pause_s=rates.playback_s,
            max_bytes=settings().max_document_mib * 2**20,
            patient=patient,
        ) as archive,
        progress.shown(name) as told,
    ):
        desk = Desk(work, reachable(chosen_store(store)), readers, most=most)
        yield Past(work=work, wayback=archive, desk=desk, progress=told, span=span, site=wayback)


def polite(pause_s: float | None) -> Rates:
    """Give the seconds between requests to each host; one pause for all where it is given."""
    if pause_s is not None:
        return Rates(agency_s=pause_s, searches_s=pause_s, playback_s=pause_s)
    agency_s = settings().pause_s
    return Rates(agency_s=agency_s, searches_s=SEARCH_PAUSE_S, playback_s=PLAYBACK_PAUSE_S)


def reachable(store: str) -> str:
    """Give a store's name as other processes can use it."""
    return store if store.startswith("s3:") else str(Path(store).expanduser().resolve())


def read_by(workers: int | None, *, on_cluster: bool) -> AbstractContextManager[Readers | None]:
    """Give those who read, for as long as a block lasts; None where nobody does (0 workers).

    Raises:
        ValueError: nobody is to read, on a cluster; or there is no cluster.
    """
    if workers == 0 and on_cluster:
        raise ValueError("workers 0 leaves the reading to the next run, on_cluster asks for it")
    if workers == 0:
        return nullcontext()
    return of_flow() if on_cluster else Processes(workers or os.cpu_count() or 1)


@flow(name="backfill", flow_run_name="{name}", log_prints=False)
def backfill(  # noqa: PLR0913 - what a run may be asked stands side by side in Prefect's form
    name: str,
    store: str | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    origins: tuple[Origin, ...] = ("agency", "wayback"),
    site: str | None = None,
    wayback: str | None = None,
    pause_s: Pause | None = None,
    at: At | None = None,
    workers: Workers | None = None,
    on_cluster: bool = False,
) -> RunSummary:
    """Load the past of one source. Repeated, it goes on where the last one ended.

    The arguments are those of `opened_past` and `Span`. Of `workers`, processes that read and draw
    pages, there are as many as processors unless told; 0 keeps bytes only, and leaves the rest to
    a later run. `on_cluster` has the flow's task runner read instead, see `readers.runner`.
    """
    span = Span(since=since, until=until, origins=origins)
    most = WAITING_EACH * (workers or os.cpu_count() or 1)
    with (
        stopping.heeded() as stop,
        alerts.Watch(name, "backfill"),
        shown.gathered("backfill", name),
        turns.taken(asked_hosts(name, span, site=site, wayback=wayback), stop),
        read_by(workers, on_cluster=on_cluster) as readers,
        opened_past(
            name,
            store,
            span,
            readers=readers,
            most=most,
            site=site,
            wayback=wayback,
            pause_s=pause_s,
            at=at,
            stop=stop,
        ) as past,
    ):
        told = shown.Watched(inner=past.progress, key=f"backfill-{name.replace('_', '-')}")
        summary = load_and_publish(replace(past, progress=told), workers)
    shown.outcomes(summary)
    return summary


def asked_hosts(name: str, span: Span, *, site: str | None, wayback: str | None) -> frozenset[str]:
    """Name the hosts that a backfill asks, but for those that a replica stands in for."""
    hosts: frozenset[str] = frozenset()
    if "agency" in span.origins and not site:
        hosts |= source.load(name).hosts
    if "wayback" in span.origins and not wayback:
        hosts |= {ORIGIN.removeprefix("https://")}
    return hosts


def planned(  # noqa: PLR0913 - see `backfill`
    name: str,
    store: str | None,
    span: Span,
    *,
    site: str | None = None,
    wayback: str | None = None,
    pause_s: float | None = None,
) -> Plan:
    """Say how much work a backfill would be; the arguments are those of `opened_past`."""
    with opened_past(
        name,
        store,
        span,
        readers=None,
        site=site,
        wayback=wayback,
        pause_s=pause_s,
        patient=False,
    ) as past:
        return looking_back.plan(past, polite(pause_s))
