"""What the commands print: JSON or a table on standard output, words on standard error."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.objects import Objects

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="RECORDKEEP_STORE",
        help="The archive: a folder, or s3://bucket/prefix.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
SourceName = Annotated[str, typer.Argument(help="A source, as `recordkeep sources` lists them.")]
EditionName = Annotated[str, typer.Argument(help="An edition, as 2017-01-28.")]


def failed(message: str, *, code: int) -> NoReturn:
    """Say what went wrong and what to do, and end with the exit code."""
    err.print(Text.assemble(("recordkeep: ", "bold"), message))
    raise SystemExit(code)


def store_name(store: str | None) -> str:
    """Give the name of the store; wrong usage (exit 2) where none was named."""
    if not store:
        failed("which archive? give --store FOLDER (or s3://…), or set RECORDKEEP_STORE", code=2)
    return store


def opened(store: str | None, *, create: bool = False) -> Objects:
    """Open the store that was named; wrong usage (exit 2) where none was, or it is no name."""
    from storage.stores import open_store  # noqa: PLC0415 - pydantic, which --help need not load

    try:
        return open_store(store_name(store), create=create)
    except ValueError as error:
        failed(str(error), code=2)


def print_json(value: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings: fitted to a terminal, else unwrapped, for other programs."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not out.is_terminal:
        widths = [max(map(len, each)) for each in zip(columns, *texts, strict=True)]
        for row in (list(columns), *texts):
            padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            sys.stdout.write("  ".join(padded).rstrip() + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in texts:
        table.add_row(*map(Text, row))
    out.print(table)


def warn(warnings: Iterable[str]) -> None:
    """Say on standard error what was found wrong on the way."""
    for warning in warnings:
        err.print(Text.assemble(("warning: ", "yellow"), warning))


def binary_out() -> int:
    """Give the file descriptor of standard output, for bytes."""
    sys.stdout.flush()
    return os.dup(sys.stdout.fileno())
