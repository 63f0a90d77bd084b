"""Reports drawn text by text, where a test must say to the point where each one stands."""

from collections.abc import Sequence
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

SIZE = 10
Texts = Sequence[tuple[float, float, str]]
"""Left edge, distance from the page's top to the line's, and text; bold where it begins `**`."""
FRONT = (
    (60, 60, "**Weekly Declined Detainer Outcome Report"),
    (60, 80, "For Recorded Declined Detainers March 4 – March 10, 2017"),
    (60, 100, "ICE issued 2,868 detainers. This report lists detainers recorded as declined."),
)
"""What stands on a first page before the sections."""


def sketch(path: Path, *pages: Texts) -> Path:
    """Write a PDF of pages in letter landscape."""
    canvas = Canvas(str(path), pagesize=(792, 612), invariant=1)
    for texts in pages:
        for x, top, text in texts:
            canvas.setFont("Helvetica-Bold" if text.startswith("**") else "Helvetica", SIZE)
            canvas.drawString(x, 612 - top - SIZE, text.removeprefix("**"))
        canvas.showPage()
    canvas.save()
    return path


def rows(top: float, step: float, lefts: Sequence[float], *texts: Sequence[str]) -> Texts:
    """Place rows one below the other, `step` apart, their cells at these left edges.

    A cell's text may have several lines, which stand 11 points apart.
    """
    return [
        (x, top + at * step + line * 11, part)
        for at, row in enumerate(texts)
        for x, cell in zip(lefts, row, strict=True)
        for line, part in enumerate(cell.split("\n"))
        if part
    ]
