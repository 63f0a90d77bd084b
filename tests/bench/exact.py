"""How much of each report with a known truth is read right: rows, cells, seconds.

Run as `python -m tests.bench.exact`; prints a Markdown table of the samples (where `../shared` is),
every made variant, and the FBI's whole files. What is read wrongly shows as fewer than there are.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scrapers.errors import RefusedError
from tests import test_fbi_nics as nics
from tests.bench.corpus import ROOT
from tests.truths import NAMES, read, truth_beside
from tests.variants.catalogue import CATALOGUE
from tests.variants.library import make

SAMPLES = ROOT.parent / "shared" / "samples"
MADE = ROOT / "tests" / "variants" / "made"


class Score(NamedTuple):
    """What of one file is the truth's."""

    rows_right: int
    rows: int
    cells_right: int
    cells: int
    cpu_s: float
    status: str


def report(path: Path, truth: dict[str, Any]) -> Score:
    """Read a report; hold its rows, in their order, against those of its truth."""
    began = time.process_time()
    try:
        reading = read(path)
    except RefusedError as error:
        return Score(0, 0, 0, 0, time.process_time() - began, f"refused: {error.reason}")
    cpu_s = time.process_time() - began
    sections = {s.get("name") or NAMES.get(s["number"]): s["rows"] for s in truth["sections"]}
    pairs = [
        (found, row)
        for name, rows in sections.items()
        if name
        for found, row in zip(_rows(reading.tables.get(name, ()), len(rows)), rows, strict=True)
    ]
    return Score(
        sum(found == row for found, row in pairs),
        len(pairs),
        sum(a == b for found, row in pairs for a, b in zip(found, row, strict=False)),
        sum(len(row) for _, row in pairs),
        cpu_s,
        reading.status,
    )


def _rows(records: tuple[Any, ...], number: int) -> list[list[str | None]]:
    """Give records' cells; none at all where there are more or fewer than there should be."""
    rows = [list(record.cells.values()) for record in records]
    return rows if len(rows) == number else [[] for _ in range(number)]


def figures(path: Path) -> Score:
    """Read one of the FBI's files; hold its figures against those that outsiders read."""
    began = time.process_time()
    reading = nics.read(path)
    cpu_s = time.process_time() - began
    truth = nics.truth(path.with_name(f"{path.stem}.truth.csv"))
    wrong = nics.differences(reading, truth)
    cells = sum(map(len, truth.values()))
    rows_wrong = len({difference[:2] for difference in wrong})
    return Score(
        len(truth) - rows_wrong, len(truth), cells - len(wrong), cells, cpu_s, reading.status
    )


def scores(folder: Path) -> Iterator[tuple[str, Score]]:
    """Read all there are, one after the other."""
    for path in (*sorted(SAMPLES.glob("*.pdf")), *sorted(MADE.glob("*.pdf"))):
        yield path.name, report(path, truth_beside(path))
    for name, (said, look) in CATALOGUE.items():
        path = folder / f"{name}.pdf"
        make(said(), look, path)
        yield name, report(path, said().truth())
    for path in sorted(nics.REAL.glob("*.pdf")):
        yield path.name, figures(path)


def main() -> None:
    """Read, and print."""
    out = sys.stdout
    out.write("| file | rows right | cells right | CPU s | status |\n|---|--:|--:|--:|---|\n")
    with tempfile.TemporaryDirectory() as folder:
        for name, it in scores(Path(folder)):
            rows, cells = f"{it.rows_right} of {it.rows}", f"{it.cells_right} of {it.cells}"
            out.write(f"| {name} | {rows} | {cells} | {it.cpu_s:.2f} | {it.status} |\n")
            out.flush()


if __name__ == "__main__":
    main()
