"""What a backfill is measured on: different documents, a site that serves them, a known past."""

import subprocess
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.agency import AgencySite
from tests.agency.listing import Listing
from tests.bench.dated import Report
from tests.wayback import WaybackSite

ROOT = Path(__file__).resolve().parents[2]
MADE_FROM = ("week1-original.pdf", "week1-corrected.pdf", "week2.pdf")
"""The replica's reports, which every installation has …"""
BEGINS = (0, 0, 1)
"""… and of which week each is."""
FIRST_WEEK = date(2017, 1, 28)
EDITIONS = 1000
CAPTURES = 5
CORRECTED = 3
"""Captures of an edition before those of its correction."""
LEAF = 50
"""Documents on one page of the listing, which has a pager as that of ice.gov's library."""
HOME = "https://www.ice.gov"


def documents(number: int) -> Iterator[tuple[str, bytes]]:
    """Give the reports of so many weeks in a row, each under its week's address."""
    for count in range(number):
        yield f"/doclib/ddor/{week(count)[1]}", document(count)


def document(number: int, *, is_correction: bool = False) -> bytes:
    """Make the report of a week, from 0, or its correction."""
    which = sample(number, is_correction=is_correction)
    return _report(which).later(number - BEGINS[which])


def sample(number: int, *, is_correction: bool) -> int:
    """Say of which of `MADE_FROM` a week's report is made; its correction is made of the next."""
    return (number + is_correction) % len(MADE_FROM)


@cache
def _report(which: int) -> Report:
    return Report(ROOT / "flows" / "demo" / MADE_FROM[which])


def week(number: int) -> tuple[str, str]:
    """Give the edition of a week, from 0, and the name that its file would have."""
    start = FIRST_WEEK + timedelta(weeks=number)
    end = start + timedelta(days=6)
    return start.isoformat(), f"ddor{start:%Y_%m-%d}to{end:%m-%d}.pdf"


def captured_at(number: int, count: int) -> datetime:
    """Give when a week's report was captured, both from 0."""
    first = datetime(2017, 3, 20, 14, tzinfo=UTC) + timedelta(hours=number)
    return first + timedelta(weeks=count)


def past(archive: WaybackSite, editions: int) -> None:
    """Capture so many reports, each five times, with a correction after the third.

    All are in memory, 0.5 MB an edition. To make one takes a tenth of a second: all processors do.
    """
    with ProcessPoolExecutor() as pool:
        made = pool.map(_twice, range(editions), chunksize=4)
        for number, (report, correction) in enumerate(made):
            url = f"{HOME}/doclib/ddor/{week(number)[1]}"
            for count in range(CAPTURES):
                body = correction if count >= CORRECTED else report
                archive.capture(url, captured_at(number, count), body)


def _twice(number: int) -> tuple[bytes, bytes]:
    return document(number), document(number, is_correction=True)


def serve(what: str, number: int) -> None:
    """Serve `agency`, so many documents, or `wayback`, so many editions, until input ends."""
    if what == "wayback":
        archive = WaybackSite(revisits=False)
        past(archive, number)  # in processes that are forked: before there is a second thread
        with archive:
            _until_told(archive.origin)
        return
    with AgencySite(Listing(per_page=LEAF)) as site:
        for path, body in documents(number):
            site.publish(path, body, path.rpartition("/")[2])
        _until_told(site.url)


def _until_told(url: str) -> None:
    sys.stdout.write(url + "\n")
    sys.stdout.flush()
    sys.stdin.read()


@contextmanager
def served(what: str, number: int) -> Generator[str]:
    """Serve from a process of its own; give the origin."""
    command = [sys.executable, "-m", "tests.bench.corpus", what, str(number)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise OSError("the server has no pipes")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
