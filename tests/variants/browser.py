"""Reports made with a browser: a web page printed as PDF by Chromium."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.variants.content import Made, Part

BROWSER = shutil.which("chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-dev-shm-usage", "--no-pdf-header-footer"),
)
COMPILED = (
    "ICE compiled this report based on jurisdictions with detainers that were recorded as "
    "declined. This report is comprised of the following sections:"
)
ROMAN = ("I", "II", "III", "IV", "V", "VI")
WORDS = ("One", "Two", "Three", "Four", "Five", "Six")
RULES = {
    "full": "table{border-collapse:collapse} td,th{border:0.7pt solid black}",
    "apart": "table{border:1px outset gray} td,th{border:1px inset gray}",
    "horizontal": "table{border-collapse:collapse} td,th{border-bottom:0.7pt solid gray}",
    "zebra": "table{border-spacing:0} tr:nth-child(even){background:#dde} th{background:#bbc}",
    "headed": "table{border-collapse:collapse} thead{border-bottom:1.5pt solid black}",
    "outer": "table{border-collapse:collapse;border:1pt solid black}",
    "tinted": "table{border-collapse:collapse} td,th{border:0.5pt solid #ccc} th{background:#036;"
    "color:white}",
    "none": "table{border-spacing:0}",
}


@dataclass
class Sheet:
    """How a made report looks."""

    rules: str = "full"
    landscape: bool = True
    font: str = "Liberation Serif"
    points: float = 10
    padding: float = 3
    repeat: bool = True
    split: bool = True
    heading_bold: bool = True
    upper: bool = False
    """Whether titles and headings stand in capitals."""
    centred: bool = False
    level: str = "top"
    word: str = "Section"
    number: str = "roman"
    """`roman`, `arabic`, `words`, `letters` or `none`."""
    mark: str = ":"
    title: str = "h2"
    """The element of a section's title."""
    listed: str = "ul"
    """The element that lists the sections on the first page; empty for none."""
    foot: str = "counter(page)"
    head: str = ""
    drawn: bool = False
    """Whether bullets are drawn, and no characters."""
    new_pages: bool = True
    margin: str = "0.8in"


def make(made: Made, sheet: Sheet, path: Path) -> None:
    """Write the report as PDF; needs Chromium."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.html"
        source.write_text(document(made, sheet), encoding="utf-8")
        profile = f"--user-data-dir={folder}/profile"
        command = [BROWSER or "chromium", *FLAGS, profile, f"--print-to-pdf={path}", str(source)]
        subprocess.run(command, check=True, capture_output=True)


def titled(part: Part, sheet: Sheet, at: int) -> str:
    """Give a section's title as it is printed; `at` counts from 0."""
    known = {
        "roman": ROMAN[at],
        "arabic": str(at + 1),
        "words": WORDS[at],
        "letters": "ABCDEF"[at],
        "none": "",
    }[sheet.number]
    number = f"{sheet.word} {known}{sheet.mark} " if known else ""
    text = f"{number}{part.title}".strip()
    return text.upper() if sheet.upper else text


def document(made: Made, sheet: Sheet) -> str:
    """Write the report as a web page."""
    titles = [titled(part, sheet, at) for at, part in enumerate(made.parts)]
    listed = "".join(f"<li>{escape(title)}</li>" for title in titles)
    body = [
        "<p class=over>ENFORCEMENT AND REMOVAL OPERATIONS</p>",
        f"<h1>{escape(made.title)}</h1><p class=sub>{escape(made.subtitle)}</p>",
        f"<p>{escape(made.notice)}</p>" if made.notice else "",
        f"<p>{COMPILED}</p>",
        f"<{sheet.listed}>{listed}</{sheet.listed}>" if sheet.listed else "",
    ]
    for title, part in zip(titles, made.parts, strict=True):
        body.append(f"<{sheet.title} class=title>{escape(title)}</{sheet.title}>")
        body += [f"<p>{escape(text)}</p>" for text in part.intro]
        body += [_table(part, sheet)] if part.headings else []
        body += [f"<p class=note>{escape(text)}</p>" for text in part.after]
    return f"<!doctype html><meta charset=utf-8><style>{_css(sheet)}</style>{''.join(body)}"


def _css(sheet: Sheet) -> str:
    side = "landscape" if sheet.landscape else "portrait"
    foot = f"@bottom-center{{content:{sheet.foot};font-size:9pt}}" if sheet.foot else ""
    head = f"@top-left{{content:{sheet.head};font-size:9pt}}" if sheet.head else ""
    thead = "table-header-group" if sheet.repeat else "table-row-group"
    return f"""
@page{{size:letter {side};margin:{sheet.margin};{foot}{head}}}
body{{font:{sheet.points}pt '{sheet.font}';margin:0}}
h1{{font-size:17pt;text-align:center}} .over,.sub{{text-align:center;font-size:12pt}}
.title{{break-before:{"page" if sheet.new_pages else "auto"};break-after:avoid}}
h2,h3{{font-size:14pt}} p.title{{font-size:14pt}}
table{{width:100%}} thead{{display:{thead}}}
td,th{{padding:{sheet.padding}pt;vertical-align:{sheet.level};text-align:left}}
th{{font-weight:{"bold" if sheet.heading_bold else "normal"};
text-align:{"center" if sheet.centred else "left"}}}
tr{{break-inside:{"auto" if sheet.split else "avoid"}}}
.note{{font-size:8pt}} td ul{{margin:0;padding-left:12pt}}
.item{{padding-left:9pt;text-indent:-9pt}}
{RULES[sheet.rules]}
"""


def _table(part: Part, sheet: Sheet) -> str:
    heads = [text.upper() if sheet.upper else text for text in part.headings]
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    rows = ["".join(f"<td>{_cell(text, sheet)}</td>" for text in row) for row in part.rows]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str, sheet: Sheet) -> str:
    """Write a cell; items with a bullet each."""
    if "• " not in text:
        return escape(text).replace("\n", "<br>")
    items = [escape(item.strip()) for item in text.split("•") if item.strip()]
    if sheet.drawn:
        return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
    return "".join(f"<div class=item>• {item}</div>" for item in items)
