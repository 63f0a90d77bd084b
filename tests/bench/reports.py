"""The documents that are measured: samples beside the repository, and made ones."""

from pathlib import Path

from tests.variants import library
from tests.variants.content import declined, issued, policies, report
from tests.variants.library import Look

SHARED = Path(__file__).resolve().parents[3] / "shared"
SAMPLES = sorted((SHARED / "samples").glob("*.pdf"))
NICS = sorted((SHARED / "real" / "fbi_nics").glob("*.pdf"))


def made_table(path: Path, rows: int) -> Path:
    """Make a ruled table of so many rows, and nothing else."""
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
    return path


def made_report(path: Path) -> Path:
    """Make one whole report of more than a hundred pages, with all three sections."""
    part = declined(1000, seed=9)
    part.intro = ["1,000 declined detainers are listed below."]
    library.make(report(issued(60), part, policies(times=24, longest=10)), Look(points=11), path)
    return path


def joined_samples(path: Path, pages: int) -> Path:
    """Join the samples' pages, again and again, to a report of so many."""
    import pikepdf  # noqa: PLC0415 - only for making

    joined = pikepdf.new()
    while len(joined.pages) < pages:
        for sample in SAMPLES:
            with pikepdf.open(sample) as pdf:
                joined.pages.extend(pdf.pages)
    del joined.pages[pages:]
    joined.save(path)
    return path


def count_pages(path: Path) -> int:
    """Count a file's pages."""
    import pypdfium2  # noqa: PLC0415 - only for counting

    return len(pypdfium2.PdfDocument(path))
