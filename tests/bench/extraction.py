"""How fast reports are read, and in how much memory: ours against stock pdfplumber and others.

Run as `python -m tests.bench [--pages N] [--slow-pages N] [--repeats N] [--peers PYTHON]`; prints
Markdown. Each reader works in a process of its own, in turn with the others, and what counts is
the median of its CPU time, so that a busy machine disturbs less. PYTHON is an interpreter that has
the peers (`pip install camelot-py pymupdf`), which are measured and never used.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench import readers, reports
from tests.bench.readers import PEERS, READERS

ROOT = Path(__file__).resolve().parents[2]
LEAST_OUTPUT = 10_000
"""Bytes that a command prints at least when it has read a long document."""
SCRIPT = (
    "import sys, json, pdfplumber\n"
    "with pdfplumber.open(sys.argv[1]) as pdf:\n"
    "    json.dump([page.extract_tables() for page in pdf.pages], sys.stdout)\n"
)
"""What a person would write instead."""
START = "import sys; from flows.cli import main; sys.argv[0] = 'recordkeep'; main()"
"""As `recordkeep` does it: the entry point that pyproject.toml names."""
MEASURED = (
    "import json, resource, subprocess, sys\n"
    "out = subprocess.run(sys.argv[1:], check=False, stdout=subprocess.PIPE).stdout\n"
    "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
    "print(json.dumps([len(out), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))\n"
)
"""Runs a command; prints the size of its output, CPU seconds and peak MiB of all its processes."""


class Used(NamedTuple):
    """What one reading took."""

    found: int
    """Cells, or bytes that were printed."""
    cpu_s: float
    memory_mib: float
    """Peak resident memory of the largest process."""


def measured(command: Sequence[str]) -> Used:
    """Run what prints what it used as its last line."""
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Used(*json.loads(told.stdout.splitlines()[-1]))


def median(runs: Sequence[Used]) -> Used:
    """Give the run in the middle by CPU time."""
    middle = statistics.median_low([run.cpu_s for run in runs])
    return next(run for run in runs if run.cpu_s == middle)


def in_turn(tasks: dict[str, Callable[[], Used]], repeats: int) -> dict[str, Used]:
    """Do each task in turn, so many times over; give the median of each."""
    runs: dict[str, list[Used]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            runs[name].append(task())
    return {name: median(each) for name, each in runs.items()}


def whole(*arguments: str) -> Used:
    """Run a command, start to end."""
    used = measured([sys.executable, "-c", MEASURED, sys.executable, "-c", *arguments])
    if used.found < LEAST_OUTPUT:
        sys.stderr.write(f"{arguments[1:]} gave no tables: its figure means nothing\n")
    return used


def command(path: Path, source: str) -> Used:
    """Run `recordkeep extract … --json`, start to end."""
    return whole(START, "extract", str(path), "--source", source, "--json")


class Bench:
    """What was asked for, and where the made documents are."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self.asked, self.folder = asked, folder
        self.warm = reports.made_table(folder / "warm.pdf", 3)

    def _read(self, reader: str, path: Path, pages: int) -> Used:
        python = self.asked.peers if reader in PEERS else sys.executable
        task = json.dumps([reader, str(path), pages, str(self.warm)])
        if reader in PEERS:
            return measured([python, str(Path(readers.__file__)), task])
        return measured([python, "-m", "tests.bench.readers", task])

    def tables(self) -> None:
        """Print a row for each file and reader: reading tables, imports left out."""
        show("| file | reader | pages | cells | pages/s | times stock | peak MiB |")
        show("|---|---|--:|--:|--:|--:|--:|")
        made = reports.made_table(self.folder / "made-1000-rows.pdf", 1000)
        for path in [*reports.SAMPLES, *reports.NICS, made]:
            count = min(self.asked.pages, reports.count_pages(path))
            fast = [reader for reader in READERS if reader not in PEERS]
            slow = list(PEERS) if self.asked.peers else []
            pages = dict.fromkeys(fast, count) | dict.fromkeys(slow, self.asked.slow_pages)
            found = in_turn(
                {each: self._task(each, path, count) for each in fast}, self.asked.repeats
            )
            # They are slower by so much that one run tells.
            found |= {each: self._read(each, path, pages[each]) for each in slow}
            base = found["stock pdfplumber"].cpu_s / count
            for reader, used in found.items():
                a_page = max(used.cpu_s, 1e-6) / pages[reader]
                show(
                    f"| {path.stem} | {reader} | {pages[reader]} | {used.found} |"
                    f" {1 / a_page:.1f} | {base / a_page:.1f} | {used.memory_mib:.0f} |"
                )

    def _task(self, reader: str, path: Path, pages: int) -> Callable[[], Used]:
        return lambda: self._read(reader, path, pages)

    def commands(self) -> None:
        """Print the whole command against a script, each start to end, on long reports."""
        show("| document | pages | ours, s | script, s | times | ours, peak MiB |")
        show("|---|--:|--:|--:|--:|--:|")
        documents = {"one made report": reports.made_report(self.folder / "report.pdf")}
        if reports.SAMPLES:
            joined = reports.joined_samples(self.folder / "joined.pdf", 100)
            documents["the samples, joined"] = joined
        for name, path in documents.items():
            found = in_turn(self._pair(path), self.asked.repeats)
            ours, script = found["ours"], found["script"]
            show(
                f"| {name} | {reports.count_pages(path)} | {ours.cpu_s:.1f} | {script.cpu_s:.1f} |"
                f" {script.cpu_s / ours.cpu_s:.1f} | {ours.memory_mib:.0f} |"
            )

    def _pair(self, path: Path) -> dict[str, Callable[[], Used]]:
        return {
            "ours": lambda: command(path, "ice_ddor"),
            "script": lambda: whole(SCRIPT, str(path)),
        }

    def long(self) -> None:
        """Print what very long documents take of us alone."""
        show("| document | pages | ours, s | ours, pages/s | ours, peak MiB |")
        show("|---|--:|--:|--:|--:|")
        documents = dict.fromkeys(reports.NICS, "fbi_nics")
        if reports.SAMPLES:
            documents[reports.joined_samples(self.folder / "550-pages.pdf", 550)] = "ice_ddor"
        for path, source in documents.items():
            pages, used = reports.count_pages(path), command(path, source)
            show(
                f"| {path.stem} | {pages} | {used.cpu_s:.1f} | {pages / used.cpu_s:.1f} |"
                f" {used.memory_mib:.0f} |"
            )


def show(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20, help="pages of each file, at most")
    parser.add_argument("--slow-pages", type=int, default=2, help="the same, for slow peers")
    parser.add_argument("--repeats", type=int, default=3, help="runs, of which the median counts")
    parser.add_argument("--peers", help="a Python that has camelot and PyMuPDF")
    asked = parser.parse_args()
    show(
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked, Path(folder))
        bench.commands()
        show("")
        bench.tables()
        show("")
        bench.long()


if __name__ == "__main__":
    main()
