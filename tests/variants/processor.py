"""Reports made with a word processor: flat OpenDocument text, exported by LibreOffice."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tests.variants.content import Made, Part

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in {
        "office": "office",
        "style": "style",
        "text": "text",
        "table": "table",
        "fo": "xsl-fo-compatible",
    }.items()
)


@dataclass
class Page:
    """How a made report looks."""

    width: float = 11
    height: float = 8.5
    border: str = "0.5pt solid #000000"
    across: bool = True
    """Whether the rules between columns are drawn too."""
    shade: bool = False
    repeat: bool = True
    split: bool = True
    font: str = "Liberation Serif"
    points: int = 11
    bullet: str = "•"
    word: str = "Section"
    foot: bool = True
    head: str = ""
    middle: bool = False
    listed: bool = True
    bold: bool = True


def make(made: Made, page: Page, path: Path) -> None:
    """Write the report as PDF; needs LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{path.stem}.fodt"
        source.write_text(document(made, page), encoding="utf-8")
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir"]
        subprocess.run([*command, str(path.parent), str(source)], check=True, capture_output=True)


def document(made: Made, page: Page) -> str:
    """Write the report as flat OpenDocument text."""
    foot = "<text:page-number>1</text:page-number>" if page.foot else ""
    body = [
        _line("ENFORCEMENT AND REMOVAL OPERATIONS", "Over"),
        _line(made.title, "Title"),
        _line(made.subtitle, "Sub"),
        _line(made.notice, "Text") if made.notice else "",
        _line(
            "ICE compiled this report based on jurisdictions with detainers that were recorded as "
            "declined. This report is comprised of the following sections:",
            "Text",
        ),
        *(_line(f"• {_titled(part, page)}", "Text") for part in made.parts if page.listed),
    ]
    for part in made.parts:
        body += [_line(_titled(part, page), "Head"), *(_line(text, "Text") for text in part.intro)]
        body += [_table(part, page)] if part.headings else []
        body += [_line(text, "Text") for text in part.after]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {NAMES} office:version="1.2"
  office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles>
<style:default-style style:family="paragraph"><style:text-properties
  style:font-name="{page.font}" fo:font-family="{page.font}" fo:font-size="{page.points}pt"/>
</style:default-style></office:styles>
<office:automatic-styles>
{_style("Over", 14, bold=True, align="center")}{_style("Title", 17, bold=True, align="center")}
{_style("Sub", 12, align="center")}{_style("Text", page.points, after=6)}
{_style("Head", 14, bold=True, breaks=True, after=6)}
{_style("Name", page.points, bold=page.bold, align="center")}{_style("Cell", page.points)}
<style:style style:name="T" style:family="table"><style:table-properties
  style:may-break-between-rows="true" fo:margin-top="0.1in"/></style:style>
<style:style style:name="R" style:family="table-row"><style:table-row-properties
  fo:keep-together="{"auto" if page.split else "always"}"/></style:style>
{_cell_style("C", page, "")}{_cell_style("S", page, "#d9d9d9")}
<style:page-layout style:name="P"><style:page-layout-properties fo:page-width="{page.width}in"
  fo:page-height="{page.height}in" fo:margin="0.8in"/>
<style:footer-style/></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P">
{f"<style:header>{_line(page.head, 'Sub')}</style:header>" if page.head else ""}
<style:footer><text:p text:style-name="Sub">{foot}</text:p></style:footer>
</style:master-page></office:master-styles>
<office:body><office:text>{"".join(body)}</office:text></office:body>
</office:document>
"""


def _titled(part: Part, page: Page) -> str:
    return f"{page.word} {part.number}: {part.title}"


def _line(text: str, style: str) -> str:
    return f'<text:p text:style-name="{style}">{escape(text)}</text:p>'


def _style(
    name: str,
    size: int,
    *,
    bold: bool = False,
    align: str = "start",
    after: int = 0,
    breaks: bool = False,
) -> str:
    weight = "bold" if bold else "normal"
    before = ' fo:break-before="page"' if breaks else ""
    return (
        f'<style:style style:name="{name}" style:family="paragraph"><style:paragraph-properties '
        f'fo:text-align="{align}" fo:margin-bottom="{after}pt"{before} fo:orphans="1" '
        f'fo:widows="1"/>'
        f'<style:text-properties fo:font-size="{size}pt" fo:font-weight="{weight}"/></style:style>'
    )


def _cell_style(name: str, page: Page, shade: str) -> str:
    sides = 'fo:border-left="none" fo:border-right="none"' if not page.across else ""
    border = f'fo:border-top="{page.border}" fo:border-bottom="{page.border}" {sides}'
    if page.across:
        border = f'fo:border="{page.border}"'
    back = f'fo:background-color="{shade}"' if shade else ""
    level = "middle" if page.middle else "top"
    return (
        f'<style:style style:name="{name}" style:family="table-cell"><style:table-cell-properties '
        f'{border} {back} fo:padding="0.04in" style:vertical-align="{level}"/></style:style>'
    )


def _table(part: Part, page: Page) -> str:
    columns = f'<table:table-column table:number-columns-repeated="{len(part.fields)}"/>'
    head = _row(part.headings, page, "Name", "C")
    head = f"<table:table-header-rows>{head}</table:table-header-rows>" if page.repeat else head
    rows = [
        _row(row, page, "Cell", "S" if page.shade and at % 2 else "C")
        for at, row in enumerate(part.rows)
    ]
    return f'<table:table table:style-name="T">{columns}{head}{"".join(rows)}</table:table>'


def _row(texts: list[str], page: Page, style: str, cell: str) -> str:
    cells = []
    for text in texts:
        items = [item.strip() for item in text.split("•") if item.strip()]
        lines = [f"{page.bullet} {item}" for item in items] if "• " in text else [text]
        inner = "".join(_line(line, style) for line in lines)
        cells.append(
            f'<table:table-cell table:style-name="{cell}" office:value-type="string">{inner}'
            "</table:table-cell>"
        )
    return f'<table:table-row table:style-name="R">{"".join(cells)}</table:table-row>'
