"""The readers that are measured, each in a process of its own: `python readers.py TASK`.

Knows nothing of this project but in `ours`, so that another interpreter's libraries can be run.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

PEERS = {"camelot (lattice)": "camelot", "PyMuPDF": "pymupdf"}
"""Which module a peer needs that is no part of this project's dependencies."""


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
    library = importlib.import_module("camelot")  # may not be installed

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


def main(task: str) -> None:
    """Read the first pages of a file, and print cells, CPU seconds and peak memory in MiB.

    Args:
        task: as JSON: the reader, the file, how many pages, and a small file to read before.
    """
    reader, path, pages, warm = json.loads(task)
    read = READERS[reader]
    read(Path(warm), 1)  # imports, and what a library prepares once
    before = time.process_time()
    cells = read(Path(path), pages)
    used = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write("\n" + json.dumps([cells, used, peak]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
