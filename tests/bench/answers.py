"""How long commands take on a long past: by the clock, as who waits for them sees it, and CPU."""

import hashlib
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from scrapers import sandbox
from storage import layout
from storage.archive import Archive
from storage.documents import DocumentEntry
from storage.model import Period, Reading
from storage.stores import open_store
from tests.bench.corpus import (
    CAPTURES,
    CORRECTED,
    FIRST_WEEK,
    MADE_FROM,
    ROOT,
    captured_at,
    sample,
    week,
)

COMMAND = "import sys; from flows.cli import main; sys.argv[0] = 'recordkeep'; main()"
RUNS = 5
SOURCE = "ice_ddor"
AS_OF = "2017-05-30"
"""By then each of the editions had been corrected, and captured again."""


class Took(NamedTuple):
    """What something took, start-up included."""

    clock_s: float
    cpu_s: float


def table(store: Path, editions: int, loading: Took) -> Iterator[str]:
    """Give what is told of a long past that was loaded, line by line as it is measured.

    Args:
        store: the archive, without readings; they are filed first.
        editions: how many were loaded, of which one in the middle is asked for.
        loading: what that took.
    """
    number = _file_readings(store)
    index = layout.manifest(SOURCE)
    yield (
        f"\n{editions} editions with {CAPTURES} captures each, in all {number} documents made from"
        f" the samples; the index has {(store / index).stat().st_size / editions:.0f} bytes an"
        f" edition. Start-up included; of commands the medians of {RUNS} runs, after one that does"
        f" not count. The machine's load was {os.getloadavg()[0]:.1f}.\n"
    )
    yield "| what | by the clock, s | CPU, s |"
    yield "|---|--:|--:|"
    yield f"| load, without reading | {loading.clock_s:.1f} | {loading.cpu_s:.1f} |"
    edition, copy = week(editions // 2)[0], store.with_name("copy.pdf")
    for words, ends in (
        (["status", SOURCE], 1),
        (["versions", SOURCE, edition], 0),
        (["get", SOURCE, edition, "--as-of", AS_OF, "-o", str(copy)], 0),
    ):
        took = _median(words, store, ends=ends)
        name = " ".join(word for word in words if word in {words[0], "--as-of"})
        yield f"| `{name}` | {took.clock_s:.2f} | {took.cpu_s:.2f} |"


def _file_readings(store: Path) -> int:
    """File the reading of each document of the long past; give how many there are.

    To read them all would take a quarter of an hour.
    """
    samples = [sandbox.read(ROOT / "flows" / "demo" / name, SOURCE) for name in MADE_FROM]
    archive = Archive(open_store(str(store)), SOURCE)
    held = [each for each in archive.manifest.documents.values() if each.captures]
    for document in held:
        archive.file(reading(document, samples))
    archive.publish()
    return len(held)


def reading(document: DocumentEntry, samples: list[Reading]) -> Reading:
    """Make a sample's reading that of a document made from it.

    Of the records only the dates would differ, so the index is as large as if it had been read.
    """
    start = date.fromisoformat(document.edition)
    number = (start - FIRST_WEEK).days // 7
    is_correction = document.captures[0].at >= captured_at(number, CORRECTED)
    return replace(
        samples[sample(number, is_correction=is_correction)],
        digest=document.digest,
        edition=document.edition,
        period=Period(start=start, end=start + timedelta(days=6)),
        text_digest=hashlib.sha256(document.digest.encode()).hexdigest(),
    )


def _median(words: list[str], store: Path, *, ends: int) -> Took:
    """Run a command once for its files to be in memory, then as often as counts.

    Args:
        words: the command.
        store: the archive.
        ends: the greatest exit code that it may end with: 1 of `status` asks for a person.
    """
    command = [sys.executable, "-c", COMMAND, *words, "--store", str(store)]
    _, *runs = [_took(command, ends) for _ in range(1 + RUNS)]
    return Took(*map(statistics.median, zip(*runs, strict=True)))


def _took(command: list[str], ends: int) -> Took:
    before, began = _cpu_s(), time.perf_counter()
    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    took = Took(time.perf_counter() - began, _cpu_s() - before)
    if told.returncode not in range(ends + 1):
        raise OSError(f"{command} failed: {told.stderr}")
    return took


def _cpu_s() -> float:
    """Give the CPU seconds of the processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
