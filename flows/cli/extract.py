"""`recordkeep extract`: read one local PDF and keep nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.output import AsJson, failed, print_json, show

if TYPE_CHECKING:
    from storage.model import Reading


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("extract", epilog="Example: recordkeep extract week1.pdf --source ice_ddor --json")(
        extract
    )


def extract(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A PDF on this computer.")],
    *,
    name: Annotated[str, typer.Option("--source", help="Which series it belongs to.")],
    as_json: AsJson = False,
) -> None:
    """Read one local PDF: its tables, checks and where each row stands. Keeps nothing."""
    from scrapers import sandbox, source  # noqa: PLC0415 - which --help need not load

    source.check_name(name)
    if not file.is_file():
        failed(f"there is no file {file}", code=2)
    reading = sandbox.read(file, name)
    if as_json:
        print_json(reading.to_json())
    else:
        _describe(reading)
    raise SystemExit(1 if reading.status == "quarantined" else 0)


def _describe(reading: "Reading") -> None:
    show(f"{reading.title or reading.source}: {reading.status}")
    if reading.reason:
        where = f" (page {reading.page})" if reading.page else ""
        show(f"{reading.reason}: {reading.detail}{where}")
        return
    show(f"edition {reading.edition}, {reading.pages} pages, parser {reading.parser}")
    for name, records in reading.tables.items():
        show(f"{len(records):>7} records of {name}")
    for check in reading.checks:
        rows = f", rows {', '.join(map(str, check.rows))}" if check.rows else ""
        told = "ok  " if check.passed else f"FLAG expected {check.expected}, found {check.found}"
        show(f"  {told} {check.name}{rows}")
