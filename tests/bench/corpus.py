"""What a backfill is measured on: different documents, a site that serves them, a known past."""

import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.agency import AgencySite, pdf
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
LEAF = 50
"""Documents on one page of the listing, which has a pager as that of ice.gov's library."""
HOME = "https://www.ice.gov"


def documents(number: int) -> Iterator[tuple[str, bytes]]:
    """Give the reports of so many weeks in a row, each under its week's address."""
    reports = [Report(ROOT / "flows" / "demo" / name) for name in MADE_FROM]
    for count in range(number):
        which = count % len(MADE_FROM)
        body = reports[which].later(count - BEGINS[which])
        yield f"/doclib/ddor/{week(count)[1]}", body


def week(number: int) -> tuple[str, str]:
    """Give the edition of a week, from 0, and the name that its file would have."""
    start = FIRST_WEEK + timedelta(weeks=number)
    end = start + timedelta(days=6)
    return start.isoformat(), f"ddor{start:%Y_%m-%d}to{end:%m-%d}.pdf"


def past(archive: WaybackSite, editions: int) -> None:
    """Capture so many small reports, each five times, with a correction after the third."""
    for number in range(editions):
        name = week(number)[1]
        first = datetime(2017, 3, 20, 14, tzinfo=UTC) + timedelta(hours=number)
        for count in range(CAPTURES):
            body = pdf(f"{name}{' corrected' * (count >= 3)}")
            archive.capture(f"{HOME}/doclib/ddor/{name}", first + timedelta(days=7 * count), body)


def serve(what: str, number: int) -> None:
    """Serve `agency`, so many documents, or `wayback`, so many editions, until input ends."""
    if what == "wayback":
        with WaybackSite(revisits=False) as archive:
            past(archive, number)
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
