"""`python -m tests.bench.datasets`: how long publishing datasets takes, and how much memory.

Two made archives: 1,000 editions with 200 records each, and a rolling edition of 24 versions
that grow by a month of 55 records each and correct the month before, as the FBI's do.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from storage import layout, manifest
from storage.about import About
from storage.datasets import publish
from storage.directory import Directory
from storage.ledger import Manifest
from storage.model import Json, canonical
from tests import histories
from tests.histories import SOURCE, on

if TYPE_CHECKING:
    from storage.capture import Capture

ABOUT = About(source=SOURCE, agency="An Agency", title="A Report", url="https://www.ice.gov/")
EDITIONS, RECORDS = 1000, 200
VERSIONS, MONTHS, STATES, COUNTS = 24, 250, 55, 25


def row(fields: Json, number: int) -> Json:
    """One record as a table has it; its cells say the same again."""
    cells = {name.replace("_", " ").title(): str(value) for name, value in fields.items()}
    box = {"page": 1 + number // 30, "box": [72.0, 90.5, 540.0, 120.25]}
    return {**fields, "cells": cells, "page": 1 + number // 30, "boxes": [box]}


def weekly() -> Iterator[tuple[str, str, Json]]:
    """A thousand editions of one version each."""
    names = ("lea", "state", "aor", "date_declined", "citizenship", "activity", "charge")
    for number in range(EDITIONS):
        edition = (date(2000, 1, 1) + timedelta(days=7 * number)).isoformat()
        rows = [
            row({name: f"{name} of {each} in {number}" for name in names} | {"issued": each}, each)
            for each in range(RECORDS)
        ]
        yield edition, f"e{number}", {"declined": rows}


def monthly() -> Iterator[tuple[str, str, Json]]:
    """One rolling edition: each version has a month more, and corrects the one before."""
    for version in range(VERSIONS):
        rows: list[Json] = []
        for month in range(MONTHS - VERSIONS + version, -1, -1):
            moved = int(month == MONTHS - VERSIONS + version - 1)
            for state in range(STATES):
                fields: Json = {"month": f"{1998 + month // 12}-{1 + month % 12:02}"}
                fields |= {"state": f"State {state}"}
                fields |= {f"count_{n}": month * n + state + moved for n in range(COUNTS)}
                rows.append(row(fields, len(rows)))
        yield "rolling", f"v{version}", {"checks": rows}


def made(store: Directory, documents: Iterator[tuple[str, str, Json]]) -> Manifest:
    """Put tables where a store has them, without the waits of safe writing; fold their facts."""
    facts: list[manifest.Fact] = []
    for number, (edition, name, tables) in enumerate(documents):
        digest, at = histories.digest(name), on(number)
        reading = histories.reading(name, 0, edition=edition).to_json()
        keys = {table: ["month"] for table in tables}
        body = canonical({**reading, "tables": tables, "keys": keys}, sort=False)
        key = layout.table(SOURCE, digest, histories.PARSER)
        path = store.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        facts.append(manifest.fact(key, body))
        capture: Capture = histories.capture(name, at, edition=edition)
        facts.append(histories.capture_fact(capture, at))
    return manifest.fold(Manifest(source=SOURCE), facts)


def main(kind: str) -> None:
    """Make one archive, publish it twice, and print what that took."""
    with tempfile.TemporaryDirectory(prefix="recordkeep-") as folder:
        store = Directory(Path(folder))
        held = made(store, {"weekly": weekly, "monthly": monthly}[kind]())
        sizes = [path.stat().st_size for path in store.root.rglob("tables/**/*.json")]
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        publish(store, held, ABOUT)
        taken = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        publish(store, held, ABOUT)
        told = [f"{kind}: tables {sum(sizes) / 2**20:.0f} MiB; published in {taken:.1f} s of CPU,"]
        told += [f"  again in {time.process_time() - began:.2f} s; peak {peak // 1024} MiB"]
        told[-1] += f" ({before // 1024} MiB before)"
        for path in sorted((store.root / "datasets" / SOURCE).iterdir()):
            told.append(f"  {path.name:20} {path.stat().st_size / 2**20:8.1f} MiB")
        sys.stdout.write("\n".join([*told, ""]))


if __name__ == "__main__":
    main(sys.argv[1])
