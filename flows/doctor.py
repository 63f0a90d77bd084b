"""Is everything set up that an unattended run needs? One point a line, and what to do about it."""

import importlib.resources
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from flows import hearing, reporting
from flows.settings import settings
from scrapers import sandbox, source
from scrapers.errors import ScrapeError
from scrapers.limits import Limits
from storage.checkup import Point, examine
from storage.errors import StorageError
from storage.stores import open_store

_REPLICA = "week2.pdf"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def examined(store: str | None, *, fix: bool = False, send_alert: bool = False) -> Iterator[Point]:
    """Look at the store, at reading, at Prefect, at who hears of it, and at what is optional.

    Args:
        store: a folder, or `s3://bucket/prefix`; None if none was named.
        fix: whether to switch on what a bucket lacks.
        send_alert: whether to send a test message to all who are told.
    """
    yield from _store(store, fix=fix)
    yield _contact()
    yield _reading()
    yield _prefect()
    yield from hearing.examined(send=send_alert)
    yield _browser()


def _store(store: str | None, *, fix: bool) -> Iterator[Point]:
    if not store:
        says = "none is named: set RECORDKEEP_STORE, or give --store"
        yield Point(name="store", passed=False, says=says)
        return
    chosen = settings()
    try:
        objects = open_store(store, lock_days=chosen.lock_days, compliance=chosen.lock_compliance)
    except (StorageError, ValueError) as error:
        yield Point(name="store", passed=False, says=str(error))
        return
    yield from examine(objects, fix=fix)


def _contact() -> Point:
    told = settings().contact or settings().about
    says = f"sites are told {told}" if told else "sites are told none: set RECORDKEEP_CONTACT"
    return Point(name="contact", passed=True, says=says)


def _reading() -> Point:
    """Read a replica report in a bounded process, as a run does."""
    chosen = settings()
    limits = Limits(memory_bytes=chosen.memory_mib * 2**20, deadline_s=chosen.deadline_s)
    began = time.monotonic()
    try:
        with importlib.resources.as_file(
            importlib.resources.files("flows.demo") / _REPLICA
        ) as path:
            reading = sandbox.read(Path(path), "ice_ddor", limits=limits)
    except ScrapeError as error:
        return Point(name="reading", passed=False, says=str(error))
    took = f"{time.monotonic() - began:.1f} s"
    sources = ", ".join(source.names())
    if reading.status == "quarantined":
        says = f"a good report was refused as {reading.reason}: raise RECORDKEEP_MEMORY_MIB"
        return Point(name="reading", passed=False, says=says)
    return Point(name="reading", passed=True, says=f"{took} for 25 pages; sources: {sources}")


def _prefect() -> Point:
    where = reporting.server()
    if where is None:
        says = "no server is configured: each run starts a temporary one (PREFECT_API_URL)"
        return Point(name="prefect", passed=True, says=says)
    error = reporting.silence()
    says = f"{where} does not answer ({error}): start it" if error else f"{where} answers"
    return Point(name="prefect", passed=error is None, says=says)


def _browser() -> Point:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    says = f"{found}" if found else "none; only the tests of web pages want one"
    return Point(name="browser (optional)", passed=True, says=says)
