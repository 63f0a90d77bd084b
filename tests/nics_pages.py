"""Made pages in the manner of the FBI's, so that the reader is not tuned to the pages at hand.

The figures are invented: see `figure_of`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from scrapers.sources.fbi_nics import STATES

SIZE = 6
PLAIN = ("Permit", "Handgun", "Long Gun", "*Other", "**Multiple", "Admin")
GUNS = ("Handgun", "Long Gun", "*Other")
GROUPS: Mapping[str, Sequence[str]] = {
    "Pre-Pawn": GUNS,
    "Redemption": GUNS,
    "Rentals": GUNS[:2],
    "Return to Seller - Private Sale": GUNS,
}


def figure_of(row: int, column: int) -> int:
    """Invent a figure; some are 0, the largest has six digits."""
    return (row * 37 + column * 1009) ** 2 % 900_001 if (row + column) % 5 else 0


@dataclass(frozen=True, kw_only=True)
class Made:
    """One page to draw."""

    month: str = "November - 2016"
    title: str = "NICS Firearm Background Checks"
    plain: Sequence[str] = PLAIN
    groups: Mapping[str, Sequence[str]] = field(default_factory=lambda: GROUPS)
    states: Sequence[str] = tuple(STATES.values())
    last: str | None = "Totals"
    label: str = "State / Territory"
    odd: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Row and column, from 0, whose text is another; a row's total is column -1."""
    stray: Sequence[tuple[float, float, str]] = ()
    """Words elsewhere: x and y from the top left corner."""
    width: float = 1008
    centred: bool = False
    """Figures stand under the middle of their headings, not at the right."""
    furniture: str = ""

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Group and leaf of each column but the totals'."""
        grouped = [(group, leaf) for group, leaves in self.groups.items() for leaf in leaves]
        return [*(("", leaf) for leaf in self.plain), *grouped]

    @property
    def step(self) -> float:
        """Width of a column."""
        return (self.width - 190) / (len(self.columns) + 1)


def draw(path: Path, *pages: Made) -> Path:
    """Write a PDF of these pages."""
    canvas = Canvas(str(path))
    for page in pages:
        canvas.setPageSize((page.width, 612))
        _draw_headings(canvas, page)
        _draw_rows(canvas, page)
        canvas.setFont("Times-Roman", SIZE)
        for x, y, text in [*page.stray, (page.width / 2, 590, page.furniture)]:
            canvas.drawString(x, 612 - y, text)
        canvas.showPage()
    canvas.save()
    return path


def _draw_headings(canvas: Canvas, page: Made) -> None:
    canvas.setFont("Times-Roman", 15)
    canvas.drawCentredString(page.width / 2, 612 - 35, page.title)
    canvas.drawCentredString(page.width / 2, 612 - 53, page.month)
    canvas.setFont("Times-Roman", SIZE)
    canvas.drawString(60, 612 - 80, page.label)
    for at, (_, leaf) in enumerate([*page.columns, ("", "Totals")]):
        canvas.drawCentredString(150 + at * page.step, 612 - 80, leaf)
    for group in page.groups:
        own = [at for at, column in enumerate(page.columns) if column[0] == group]
        middle = 150 + (own[0] + own[-1]) / 2 * page.step
        canvas.drawCentredString(middle, 612 - 70, group)


def _draw_rows(canvas: Canvas, page: Made) -> None:
    rows = [[figure_of(n, at) for at in range(len(page.columns))] for n in range(len(page.states))]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    labels = [*page.states, *([page.last] if page.last else [])]
    for n, (label, figures) in enumerate(zip(labels, [*rows, sums], strict=False)):
        y = 612 - 88 - n * 8
        canvas.drawString(55, y, label)
        for at, value in enumerate([*figures, sum(figures)]):
            place = at if at < len(figures) else -1
            text = page.odd.get((n, place), f"{value:,}")
            x = 150 + at * page.step
            if page.centred:
                canvas.drawCentredString(x, y, text)
            else:
                canvas.drawRightString(x + 12, y, text)
