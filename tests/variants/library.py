"""Reports made with a PDF library (reportlab), in many looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from reportlab.lib import colors, pagesizes
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from tests.variants.content import Made, Part

RULES: dict[str, list[Any]] = {
    "full": [("GRID", (0, 0), (-1, -1), 0.5, colors.black)],
    "horizontal": [("LINEABOVE", (0, 0), (-1, -1), 0.5, colors.black)],
    "outer": [("BOX", (0, 0), (-1, -1), 0.5, colors.black)],
    "columns": [
        ("BOX", (0, 0), (-1, -1), 0.5, colors.black),
        ("LINEAFTER", (0, 0), (-1, -1), 0.5, colors.black),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
    ],
    "zebra": [("ROWBACKGROUNDS", (0, 1), (-1, -1), (colors.white, colors.lightgrey))],
    "inner": [("INNERGRID", (0, 0), (-1, -1), 0.5, colors.black)],
    "none": [],
}

WEIGHTS: Mapping[str, float] = {
    "lea": 1.6,
    "criminal_activity": 1.5,
    "criteria": 3,
    "policy": 1.8,
    "jurisdiction": 1.6,
    "citizenship": 1.1,
}
"""How wide columns are, beside the others; those not named are 1."""
SIDE, HANGING = 6, 9
"""Points beside the text of each cell, and before the lines of a bulleted entry."""


@dataclass
class Look:
    """How a made report looks."""

    rules: str = "full"
    size: tuple[float, float] = pagesizes.landscape(pagesizes.letter)
    rotate: int = 0
    upright: bool = True
    font: str = "Times-Roman"
    bold: str = "Times-Bold"
    points: float = 10
    padding: float = 3
    repeat: bool = True
    middle: bool = False
    numbered: str = "{page}"
    head: str = ""
    bullet: str = "•"
    nbsp: bool = False
    word: str = "Section"
    mark: str = ":"
    heading_bold: bool = True
    title_bold: bool = True
    listed: bool = True
    locked: bool = False
    margin: float = 54
    centred: bool = False
    split: bool = True
    new_pages: bool = True
    double: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    """Field -> how wide its column is, beside the others; some are known without."""
    title_size: float = 14
    arabic: bool = False


def make(made: Made, look: Look, path: Path) -> None:
    """Write the report as PDF; written twice where its feet tell the number of its pages."""
    if "{pages}" in look.numbered:
        make(made, replace(look, numbered=look.numbered.replace("{pages}", "99")), path)
        with pikepdf.open(path) as known:
            count = len(known.pages)
        look = replace(look, numbered=look.numbered.replace("{pages}", str(count)))
    with_fonts(look)
    lock = StandardEncryption("", ownerPassword="owner", canPrint=1, canCopy=0)
    document = SimpleDocTemplate(
        str(path),
        pagesize=look.size,
        leftMargin=look.margin,
        rightMargin=look.margin,
        topMargin=look.margin,
        bottomMargin=look.margin,
        encrypt=lock if look.locked else None,
        title="Made for software tests: the rows are invented",
        invariant=1,
    )
    story = [*_front(made, look)]
    for part in made.parts:
        story += _part(part, look, document.width)
    furnish = _furniture(look)
    document.build(story, onFirstPage=furnish, onLaterPages=furnish)
    if look.rotate:
        _rotate(path, look)


def with_fonts(look: Look) -> None:
    """Load the fonts that a look needs, where a PDF does not have them of itself."""
    for name in {look.font, look.bold} - {*pdfmetrics.standardFonts}:
        folder = "/usr/share/fonts/truetype/dejavu"
        pdfmetrics.registerFont(TTFont(name, f"{folder}/{name}.ttf"))


def _rotate(path: Path, look: Look) -> None:
    """Turn each page; where it is to be displayed upright, turn what is drawn the other way."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        for page in document.pages:
            page.Rotate = look.rotate
            if not look.upright:
                continue
            width, height = look.size
            turns = {90: f"0 1 -1 0 {height} 0", 180: f"-1 0 0 -1 {width} {height}"}
            turns[270] = f"0 -1 1 0 0 {width}"
            page.contents_add(f"q {turns[look.rotate]} cm".encode(), prepend=True)
            page.contents_add(b"Q")
            if look.rotate != 180:
                page.MediaBox = [0, 0, height, width]
        document.save(path, deterministic_id=True)


def _style(look: Look, *, bold: bool = False, points: float = 0, **more: Any) -> ParagraphStyle:
    size = points or look.points
    font = look.bold if bold else look.font
    return ParagraphStyle("s", fontName=font, fontSize=size, leading=size * 1.15, **more)


def _text(text: str, look: Look) -> str:
    known = escape(text).replace("\n", "<br/>")
    return known.replace(" ", "\u00a0") if _is_held(known, look) else known


def _is_held(text: str, look: Look) -> bool:
    """Whether no-break spaces hold a text together."""
    return look.nbsp and len(text) < 14


def _front(made: Made, look: Look) -> list[Any]:
    middle = {"alignment": TA_CENTER}
    story: list[Any] = [
        Paragraph(
            "ENFORCEMENT AND REMOVAL OPERATIONS", _style(look, bold=True, points=14, **middle)
        ),
        Paragraph(escape(made.title), _style(look, bold=True, points=17, **middle)),
        Paragraph(escape(made.subtitle), _style(look, points=12, **middle)),
    ]
    if made.notice:
        story.append(Paragraph(escape(made.notice), _style(look, points=9)))
    story.append(
        Paragraph(
            "ICE compiled this report based on jurisdictions with detainers that were recorded as "
            "declined. It should be noted that law enforcement agencies (LEA) do not generally "
            "advise ICE of when a detainer is not honored. This report is comprised of sections:",
            _style(look, points=11, spaceBefore=8),
        )
    )
    if look.listed:
        for part in made.parts:
            text = f"• {_titled(part, look)}"
            story.append(Paragraph(escape(text), _style(look, points=11, leftIndent=20)))
    story.append(PageBreak() if look.new_pages else Spacer(1, 14))
    return story


def _titled(part: Part, look: Look) -> str:
    number = part.number
    if look.arabic:
        number = str(["I", "II", "III", "IV"].index(number) + 1)
    return f"{look.word} {number}{look.mark} {part.title}".strip()


def _part(part: Part, look: Look, width: float) -> list[Any]:
    size = look.title_size
    story: list[Any] = [
        Paragraph(escape(_titled(part, look)), _style(look, bold=look.title_bold, points=size)),
        Spacer(1, 6),
    ]
    story += [Paragraph(escape(text), _style(look, points=11)) for text in part.intro]
    if part.headings:
        story += [Spacer(1, 8), _table(part, look, width)]
    story += [Paragraph(escape(text), _style(look, points=8)) for text in part.after]
    story.append(PageBreak() if look.new_pages else Spacer(1, 14))
    return story


def _cell(text: str, look: Look) -> list[Paragraph]:
    if "• " not in text:
        return [Paragraph(_text(text, look), _style(look))]
    hanging = _style(look, firstLineIndent=-HANGING, leftIndent=HANGING, bulletIndent=0)
    return [
        Paragraph(f"{look.bullet} {_text(item.strip(), look)}", hanging)
        for item in text.split("•")
        if item.strip()
    ]


def _table(part: Part, look: Look, width: float) -> Table:
    style = _style(look, bold=look.heading_bold, alignment=TA_CENTER if look.centred else 0)
    head = [[Paragraph(_text(text, look), style) for text in part.headings]]
    spans: list[Any] = []
    if look.double:
        head, spans = _double_head(part, style)
    body = [[_cell(text, look) for text in row] for row in part.rows]
    rules = [
        *(_banded(len(body)) if look.rules == "banded" else RULES[look.rules]),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE" if look.middle else "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), look.padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), look.padding),
        *spans,
    ]
    return Table(
        head + body,
        colWidths=_widths(part, look, width),
        repeatRows=len(head) if look.repeat else 0,
        style=TableStyle(rules),
        splitInRow=int(look.split),
    )


def _banded(rows: int) -> list[Any]:
    """Rule the columns of every other row, as some built-in styles of word processors do."""
    line = (0.5, colors.black)
    across: list[Any] = [("BOX", (0, 0), (-1, -1), *line), ("LINEABOVE", (0, 0), (-1, -1), *line)]
    return across + [("INNERGRID", (0, at), (-1, at), *line) for at in range(0, rows + 1, 2)]


def _double_head(part: Part, style: ParagraphStyle) -> tuple[list[list[Any]], list[Any]]:
    """Put `Date` over both dates of Section II, in a row of its own; other headings span both."""
    first: list[Any] = []
    second: list[Any] = []
    spans: list[Any] = []
    for at, (name, heading) in enumerate(zip(part.fields, part.headings, strict=True)):
        if name == "date_declined" and "date_issued" in part.fields:
            first.append(Paragraph("Date", style))
            second.append(Paragraph(heading.removeprefix("Date "), style))
            spans.append(("SPAN", (at, 0), (at + 1, 0)))
        elif name == "date_issued":
            first.append("")
            second.append(Paragraph(heading.removeprefix("Date "), style))
        else:
            first.append(Paragraph(heading, style))
            second.append("")
            spans.append(("SPAN", (at, 0), (at, 1)))
    return [first, second], spans


def _widths(part: Part, look: Look, width: float) -> list[float]:
    """How wide a table's columns are, in points, of so many in all."""
    if len(part.fields) == 2:
        return [200, 120]
    known = {**WEIGHTS, **look.weights}
    weights = [known.get(name, 1) for name in part.fields]
    return [width * weight / sum(weights) for weight in weights]


def breaks_words(made: Made, look: Look) -> bool:
    """Whether a column is too narrow for a word, which would then be broken without a hyphen."""
    inner = look.size[0] - 2 * look.margin - 2 * SIDE
    for part in made.parts:
        columns = zip(part.headings, _widths(part, look, inner), strict=True)
        for at, (heading, width) in enumerate(columns):
            texts = [(heading, look.bold), *((row[at], look.font) for row in part.rows)]
            room = width - 2 * SIDE - max(HANGING * ("•" in text) for text, _ in texts) - 0.1
            words = (
                (word, font)
                for text, font in texts
                for word in ([text] if _is_held(text, look) else text.split())
            )
            if any(pdfmetrics.stringWidth(word, font, look.points) > room for word, font in words):
                return True
    return False


def _furniture(look: Look) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        width, height = look.size
        canvas.saveState()
        canvas.setFont(look.font, 9)
        if look.numbered:
            canvas.drawCentredString(width / 2, 30, look.numbered.format(page=document.page))
        if look.head:
            canvas.drawString(look.margin, height - 30, look.head.format(page=document.page))
        canvas.restoreState()

    return draw
