"""`recordkeep extract`: read one local PDF and keep nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.output import AsJson, failed, out, print_json

if TYPE_CHECKING:
    from storage.model import Reading


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("extract", epilog="Example: recordkeep extract week1.pdf --source ice_ddor --json")(
        extract
    )


def extract(
    file: Annotated[Path, typer.Argument(help="A PDF on this computer.")],
    *,
    name: Annotated[str, typer.Option("--source", help="Which series it belongs to.")],
    as_json: AsJson = False,
) -> None:
    """Read one local PDF: its tables, checks and where each row stands. Keeps nothing."""
    from scrapers import sandbox, source  # noqa: PLC0415 - pdfplumber, which --help need not load

    series = source.load(name)
    if not file.is_file():
        failed(f"there is no file {file}", code=2)
    reading = sandbox.read(file, series.name, limits=sandbox.Limits())
    if as_json:
        print_json(reading.to_json())
    else:
        _describe(reading)
    raise SystemExit(1 if reading.status == "quarantined" else 0)


def _describe(reading: "Reading") -> None:
    out.print(f"{reading.title or reading.source}: {reading.status}", markup=False)
    if reading.reason:
        where = f" (page {reading.page})" if reading.page else ""
        out.print(f"{reading.reason}: {reading.detail}{where}", markup=False)
        return
    out.print(f"edition {reading.edition}, {reading.pages} pages, parser {reading.parser}")
    for name, records in reading.tables.items():
        out.print(f"{len(records):>7} records of {name}", markup=False)
    for check in reading.checks:
        rows = f", rows {', '.join(map(str, check.rows))}" if check.rows else ""
        told = "ok  " if check.passed else f"FLAG expected {check.expected}, found {check.found}"
        out.print(f"  {told} {check.name}{rows}", markup=False)
