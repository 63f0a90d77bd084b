"""How fast the past is loaded: ours against Scrapy's FilesPipeline and against reading alone.

Run as `python -m tests.bench.backfill [--documents N] [--read N] [--editions N] [--peer PYTHON]`;
prints Markdown tables; 0 leaves a part out. All is served by one local server, without pauses. What
counts is the time from the first stored document (or table) to the last, so that nobody's start-up
does, nor the reading of listing pages: ours has read them by then, and the peer is handed the
addresses. Without reading it takes a second or two: ours (the command, and its loading alone,
without Prefect) and the peer take turns, and the medians are told, also of our rate as a part of
the peer's in the same turn: machines that are shared are not as fast in one minute as in the next.
For the same reason reading alone is measured before and after each loading that reads. `--peer` is
the interpreter that has Scrapy installed, which is no part of this project's dependencies.

What is told last is how long commands take on a long past (`answers`), start-up included.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.answers import COMMAND, Took, table
from tests.bench.corpus import EDITIONS, ROOT, documents, served, week

if TYPE_CHECKING:
    from flows.past import Origin

PEER = """
import resource, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Reports(scrapy.Spider):
    name = "reports"

    async def start(self):
        yield {"file_urls": sys.argv[2:]}

crawler = CrawlerProcess({
    "ITEM_PIPELINES": {"scrapy.pipelines.files.FilesPipeline": 1},
    "FILES_STORE": sys.argv[1],
    "LOG_LEVEL": "ERROR",
    # With its default, asyncio's, it was a hundred times slower on the machine of the figures.
    "TWISTED_REACTOR": "twisted.internet.epollreactor.EPollReactor",
})
crawler.crawl(Reports)
crawler.start()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
SCRAPY = "Scrapy FilesPipeline"
PEAK = "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
RUNS, READING_RUNS = 9, 3
HEAD = "\n| what | who | documents | a second | CPU ms each | peak MiB |\n|---|---|--:|--:|--:|--:|"


class Measured(NamedTuple):
    """What one loading took."""

    number: int
    """Files stored."""
    a_second: float
    cpu_ms: float
    """CPU of the whole process, start-up too, for each file."""
    memory_mib: float
    """Peak resident memory of the process."""


def load(where: str, store: str, origin: "Origin") -> None:
    """Load all that a server has, without reading it and without Prefect; print the peak memory."""
    from flows import backfill  # noqa: PLC0415 - only in the process that loads
    from flows.past import Span  # noqa: PLC0415 - the same

    site, wayback = (where, None) if origin == "agency" else (None, where)
    with backfill.opened_past(
        "ice_ddor",
        store,
        Span(origins=(origin,)),
        readers=None,
        site=site,
        wayback=wayback,
        pause_s=0,
    ) as everything:
        backfill.load(everything)
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")


def read(paths: list[str]) -> None:
    """Read documents one after the other, as a worker does; print the seconds of each."""
    from scrapers import sandbox  # noqa: PLC0415 - only in the process that reads

    sandbox.read(Path(paths[0]), "ice_ddor")
    before = time.monotonic()
    for path in paths:
        sandbox.read(Path(path), "ice_ddor")
    sys.stdout.write(f"{(time.monotonic() - before) / len(paths)}\n")


TASKS: dict[str, Callable[..., None]] = {"load": load, "read": read}


def child(command: list[str], home: Path, *, ends: int = 0) -> tuple[float, float]:
    """Run a process; give the number that it prints last, and its CPU seconds.

    Args:
        command: the process.
        home: Prefect's.
        ends: the greatest exit code that it may end with: 1 of ours says that a person is needed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PREFECT_HOME": str(home)}
    with tempfile.TemporaryFile() as log:
        told = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )
        if told.returncode not in range(ends + 1):
            log.seek(0)
            raise OSError(f"{command} failed: {log.read().decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return float(told.stdout.splitlines()[-1]), used


def task(name: str, *arguments: object) -> list[str]:
    """Give the command that does one of `TASKS` in a process of its own."""
    asked = json.dumps([name, *arguments])
    return [sys.executable, "-m", "tests.bench.backfill", "--task", asked]


def backfilling(site: str, store: Path, workers: int) -> list[str]:
    """Give the command that loads all that an agency has, and prints the peak memory at its end."""
    words = ["backfill", "ice_ddor", "--store", str(store), "--from", "agency"]
    asked = ["--site", site, "--pause", "0", "--workers", str(workers)]
    told = f"import atexit, resource; atexit.register(lambda: {PEAK}); {COMMAND}"
    return [sys.executable, "-c", told, *words, *asked]


def measured(command: list[str], home: Path, stored: Path, *, ends: int = 0) -> Measured:
    """Run a loading, see `child`; measure it by the times of the files below `stored`."""
    memory_mib, cpu_s = child(command, home, ends=ends)
    times = sorted(path.stat().st_mtime for path in stored.rglob("*") if path.is_file())
    span_s = max(times[-1] - times[0], 1e-9)
    rate = (len(times) - 1) / span_s
    return Measured(len(times), rate, 1000 * cpu_s / len(times), memory_mib)


def median(runs: Sequence[Measured]) -> Measured:
    """Give the median of each figure."""
    return Measured(*map(statistics.median_low, zip(*runs, strict=True)))


def keeping(folder: Path, number: int, peer: str | None) -> dict[str, list[Measured]]:
    """Load documents without reading them, ours and the peer's in turn from the same server.

    Returns:
        Who -> what was measured in each turn, ours first, the peer's last.
    """
    found: dict[str, list[Measured]] = defaultdict(list)
    with served("agency", number) as site:
        for run in range(RUNS):
            store = folder / f"ours-{number}-{run}"
            command = backfilling(site, store, workers=0)
            found["ours"].append(measured(command, folder / "home", store / "raw"))
            store = folder / f"alone-{number}-{run}"
            command = task("load", site, str(store), "agency")
            it = measured(command, folder / "home", store / "raw")
            found["ours, without Prefect"].append(it)
            if peer:
                files = folder / f"peer-{number}-{run}"
                command = [peer, "-c", PEER, str(files), *addresses(site, number)]
                it = measured(command, folder / "home", files / "full")
                found[SCRAPY].append(it)
    return found


def addresses(site: str, number: int) -> list[str]:
    """Give where `served` has so many documents."""
    return [f"{site}/doclib/ddor/{week(each)[1]}" for each in range(number)]


def compared(found: dict[str, list[Measured]]) -> str:
    """Say how our rates stand to the peer's in the same turn."""
    *ours, (peer, last) = found.items()
    told = []
    for who, runs in ours:
        ratios = [mine.a_second / its.a_second for mine, its in zip(runs, last, strict=True)]
        middle = statistics.median(ratios)
        told.append(f"{who}: {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    return f"Times the rate of {peer}, in {len(last)} turns: {'; '.join(told)}."


def reading(folder: Path, number: int, workers: int) -> tuple[list[Measured], list[float]]:
    """Load documents and read them; give that, and the seconds of reading one alone, by turns."""
    paths = []
    for path, body in documents(min(number, 6)):
        paths.append(folder / path.rpartition("/")[2])
        paths[-1].write_bytes(body)
    alone = task("read", list(map(str, paths)))
    found, alone_s = [], [child(alone, folder / "home")[0]]
    with served("agency", number) as site:
        for run in range(READING_RUNS):
            store = folder / f"read-{run}"
            command = backfilling(site, store, workers)
            found.append(measured(command, folder / "home", store / "tables", ends=1))
            alone_s.append(child(alone, folder / "home")[0])
    return found, list(map(statistics.mean, pairwise(alone_s)))


def show_keeping(folder: Path, number: int, peer: str | None) -> list[str]:
    """Measure loading without reading, of a tenth and of all; give what is told below the table."""
    for count in (max(2, number // 10), number):
        found = keeping(folder, count, peer)
        for who, runs in found.items():
            it = median(runs)
            show(
                f"| download, check, store | {who} | {it.number} | {it.a_second:.1f} |"
                f" {it.cpu_ms:.1f} | {it.memory_mib:.1f} |"
            )
    return [compared(found)] if peer else []


def show_reading(folder: Path, number: int, workers: int) -> str:
    """Measure loading with reading; give what is told below the table."""
    runs, alone_s = reading(folder, number, workers)
    it, middle_s = median(runs), statistics.median(alone_s)
    reached = [run.a_second * each / workers for run, each in zip(runs, alone_s, strict=True)]
    show(
        f"| the same, and read by {workers} | ours | {it.number} |"
        f" {it.a_second:.2f} | {it.cpu_ms:.0f} | {it.memory_mib:.1f} |"
    )
    return (
        f"Reading one document alone takes {middle_s:.2f} s; {workers} at once"
        f" could read {workers / middle_s:.2f} a second, and"
        f" {statistics.median(reached):.0%} of that was reached, in {len(runs)} turns"
        f" ({min(reached):.0%} to {max(reached):.0%})."
    )


def show_answers(folder: Path, editions: int) -> None:
    """Load a long past from the Archive's replica, and measure the commands on it."""
    store = folder / "long"
    with served("wayback", editions) as archive:
        began = time.perf_counter()
        _, cpu_s = child(task("load", archive, str(store), "wayback"), folder / "home")
        loading = Took(time.perf_counter() - began, cpu_s)
    for line in table(store, editions, loading):
        show(line)


def show(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=500, help="to load without reading, or 0")
    parser.add_argument("--read", type=int, default=60, help="to load and read, or 0")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--editions", type=int, default=EDITIONS, help="of the long past, or 0")
    parser.add_argument("--peer", help="interpreter that has Scrapy")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        name, *arguments = json.loads(asked.task)
        TASKS[name](*arguments)
        return
    show(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    after: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.documents or asked.read:
            show(HEAD)
        if asked.documents:
            after += show_keeping(folder, asked.documents, asked.peer)
        if asked.read:
            after.append(show_reading(folder, asked.read, asked.workers))
        sys.stdout.writelines(f"\n{each}\n" for each in after)
        if asked.editions:
            show_answers(folder, asked.editions)


if __name__ == "__main__":
    main()
