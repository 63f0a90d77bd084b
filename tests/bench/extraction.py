"""How fast tables are read, and in how much memory: ours against stock pdfplumber and others.

Run as `python -m tests.bench [--pages N] [--slow-pages N]`; prints a Markdown table. Each reader
works in a process of its own; what counts is its CPU time, so that a busy machine disturbs less,
and its peak memory. Readers that are not installed are named as missing.
"""

import argparse
import importlib
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
LEAST_OUTPUT = 10_000
"""Bytes that a command prints at least when it has read a hundred pages."""
NEEDS = {"camelot (lattice)": "camelot", "PyMuPDF": "pymupdf"}
"""Which module a peer needs that is no part of this project's dependencies."""


class Measured(NamedTuple):
    """What one reader used on one file."""

    pages: int
    cells: int
    cpu_s: float
    """CPU seconds of reading, imports left out."""
    memory_mib: float
    """Peak resident memory of the process."""


def ours(path: Path, pages: int) -> int:
    """Read with this project's engine."""
    from scrapers.pdf import Document  # noqa: PLC0415 - measured by itself

    with Document(path) as document:
        found = 0
        for number in range(1, pages + 1):
            found += sum(len(row) for grid in document.page(number).grids() for row in grid.rows)
    return found


def stock(path: Path, pages: int) -> int:
    """Read with pdfplumber as it is."""
    import pdfplumber  # noqa: PLC0415 - measured by itself

    found = 0
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages[:pages]:
            found += sum(len(row) for table in page.extract_tables() for row in table)
            page.close()
    return found


def camelot(path: Path, pages: int) -> int:
    """Read with camelot's lattice."""
    import camelot as library  # noqa: PLC0415 - may not be installed

    tables = library.read_pdf(str(path), pages=f"1-{pages}", flavor="lattice")
    return sum(table.df.size for table in tables)


def pymupdf(path: Path, pages: int) -> int:
    """Read with PyMuPDF's find_tables."""
    library = importlib.import_module("pymupdf")  # may not be installed, and has no types

    found = 0
    with library.open(path) as document:
        for number in range(pages):
            tables = document[number].find_tables().tables
            found += sum(len(row) for table in tables for row in table.extract())
    return found


def characters(path: Path, pages: int) -> int:
    """Only take the text of each page from pdfium: no faster reader can be built on it."""
    import pypdfium2  # noqa: PLC0415 - measured by itself

    document = pypdfium2.PdfDocument(path)
    return sum(len(document[number].get_textpage().get_text_range()) for number in range(pages))


READERS: dict[str, Callable[[Path, int], int]] = {
    "ours": ours,
    "stock pdfplumber": stock,
    "camelot (lattice)": camelot,
    "PyMuPDF": pymupdf,
    "pdfium, text alone": characters,
}


def made_report(path: Path, rows: int) -> int:
    """Make a ruled report of so many rows; give its number of pages."""
    from reportlab.lib import colors  # noqa: PLC0415 - only for making
    from reportlab.lib.pagesizes import landscape, letter  # noqa: PLC0415 - only for making
    from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415 - only for making
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table  # noqa: PLC0415 - only for making

    style = getSampleStyleSheet()["BodyText"]
    widths = (120, 90, 60, 70, 70, 90, 120)
    head = ["Agency", "Area", "State", "Declined", "Issued", "Citizenship", "Activity"]
    rest = ["San Francisco", "California", "2/1/2017", "12/30/2016", "Mexico"]
    rest.append("Driving under the influence of liquor (Conviction)")
    cells = [[f"County Sheriff {number}", *rest] for number in range(rows)]
    data = [head, *([Paragraph(text, style) for text in row] for row in cells)]
    table = Table(data, colWidths=widths, repeatRows=1)
    table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    SimpleDocTemplate(str(path), pagesize=landscape(letter)).build([table])
    return count_pages(path)


def count_pages(path: Path) -> int:
    """Count a file's pages."""
    import pypdfium2  # noqa: PLC0415 - only for counting

    return len(pypdfium2.PdfDocument(path))


def measure(reader: str, path: Path, pages: int) -> Measured | None:
    """Run one reader on one file in a process of its own; None where it is not installed."""
    if reader in NEEDS and importlib.util.find_spec(NEEDS[reader]) is None:
        return None
    task = json.dumps([reader, str(path), pages])
    command = [sys.executable, "-m", "tests.bench.extraction", "--task", task]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Measured(*json.loads(told.stdout.splitlines()[-1]))


def run_task(task: str) -> None:
    """Do what `measure` asks for, and print the figures."""
    reader, path, pages = json.loads(task)
    read = READERS[reader]
    with tempfile.TemporaryDirectory() as folder:
        made_report(warm := Path(folder) / "warm.pdf", 3)
        read(warm, 1)  # imports, and what a library prepares once
    before = time.process_time()
    cells = read(Path(path), pages)
    used = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps([pages, cells, used, peak]) + "\n")


def children_s() -> float:
    """Give the CPU seconds of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def whole_command(path: Path, source: str) -> tuple[float, float]:
    """Give CPU seconds, start to end, of our extraction and of a script with stock pdfplumber."""
    script = (
        "import sys, json, pdfplumber\n"
        "with pdfplumber.open(sys.argv[1]) as pdf:\n"
        "    json.dump([page.extract_tables() for page in pdf.pages], sys.stdout)\n"
    )
    # As `recordkeep` does it: the entry point that pyproject.toml names.
    start = "import sys; from flows.cli import main; sys.argv[0] = 'recordkeep'; main()"
    our_command = [sys.executable, "-c", start, "extract", str(path), "--source", source, "--json"]
    figures = []
    for command in (our_command, [sys.executable, "-c", script, str(path)]):
        before = children_s()
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE)
        if len(done.stdout) < LEAST_OUTPUT:
            sys.stderr.write(f"{command[:3]} gave no tables: its figure means nothing\n")
        figures.append(children_s() - before)
    return figures[0], figures[1]


def hundred_pages(folder: Path) -> Path:
    """Join the samples' pages to a report of a hundred."""
    import pikepdf  # noqa: PLC0415 - only for making

    joined = pikepdf.new()
    samples = sorted((SHARED / "samples").glob("*.pdf"))
    while len(joined.pages) < 100 and samples:
        for sample in samples:
            with pikepdf.open(sample) as pdf:
                joined.pages.extend(pdf.pages)
    del joined.pages[100:]
    joined.save(folder / "hundred.pdf")
    return folder / "hundred.pdf"


def rows_for(path: Path, pages: int, slow_pages: int, out: TextIO) -> None:
    """Measure all readers on the first pages of a file, and print a row for each."""
    count = min(pages, count_pages(path))
    most = {reader: min(count, slow_pages) if reader in NEEDS else count for reader in READERS}
    measured = {reader: measure(reader, path, most[reader]) for reader in READERS}
    base = measured["stock pdfplumber"]
    for reader, figures in measured.items():
        if figures is None or base is None:
            out.write(f"| {path.stem} | {reader} | not installed | | | | |\n")
            continue
        speed = figures.pages / max(figures.cpu_s, 1e-9)
        ratio = speed / (base.pages / max(base.cpu_s, 1e-9))
        out.write(
            f"| {path.stem} | {reader} | {figures.pages} | {figures.cells} | {speed:.1f} |"
            f" {ratio:.1f} | {figures.memory_mib:.0f} |\n"
        )
        out.flush()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20, help="pages of each file, at most")
    parser.add_argument("--slow-pages", type=int, default=4, help="the same, for slow peers")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.task:
        run_task(asked.task)
        return
    out = sys.stdout
    out.write(
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, CPU time of one process\n\n"
    )
    out.write("| file | reader | pages | cells | pages/s | times stock | peak MiB |\n")
    out.write("|---|---|--:|--:|--:|--:|--:|\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = folder / "made-1000-rows.pdf"
        made_report(made, 1000)
        real = sorted((SHARED / "real" / "fbi_nics").glob("*.pdf"))
        for path in [*sorted((SHARED / "samples").glob("*.pdf")), *real, made]:
            rows_for(path, asked.pages, asked.slow_pages, out)
        ours_s, stock_s = whole_command(hundred_pages(folder), "ice_ddor")
        out.write(
            f"\nThe whole command on 100 pages: {ours_s:.1f} s of CPU; a script that calls stock"
            f" `extract_tables` on each page: {stock_s:.1f} s,"
            f" {stock_s / ours_s:.1f} times as much.\n"
        )


if __name__ == "__main__":
    main()
