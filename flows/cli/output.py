"""What the commands print: JSON or a table on standard output, words on standard error."""

import errno
import json
import os
import select
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from flows.plain import line, plain

if TYPE_CHECKING:
    from storage.objects import Objects

Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="RECORDKEEP_STORE",
        metavar="STORE",
        help="The archive: a folder, or s3://bucket/prefix.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
SourceName = Annotated[
    str, typer.Argument(metavar="SOURCE", help="A source, as `recordkeep sources` lists them.")
]
AnySource = Annotated[
    str | None, typer.Argument(metavar="SOURCE", help="A source; all of them if left out.")
]
EditionName = Annotated[str, typer.Argument(metavar="EDITION", help="An edition, as 2017-01-28.")]
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def show(text: str = "", *, mark: str = "") -> None:
    """Print a line of what was asked for; `mark`, which is ours and may be styled, before it."""
    typer.echo(mark + line(text))


def say(text: str = "", *, mark: str = "") -> None:
    """Print a line for the person on standard error: progress, hints, what went wrong."""
    # Whose terminal is no terminal typer knows, and not who wants no colours (no-color.org).
    bare = os.environ.get("NO_COLOR") or os.environ.get("TERM", "").lower() in {"dumb", "unknown"}
    typer.echo(mark + plain(text), err=True, color=False if bare else None)


def failed(message: str, *, code: int) -> NoReturn:
    """Say what went wrong and what to do, and end with the exit code."""
    say(f" {message}", mark=typer.style("recordkeep:", bold=True))
    raise SystemExit(code)


def store_name(store: str | None) -> str:
    """Give the name of the store; wrong usage (exit 2) where none was named."""
    if not store:
        failed("which archive? give --store FOLDER (or s3://…), or set RECORDKEEP_STORE", code=2)
    return store


def opened(store: str | None, *, create: bool = False, lock: bool = False) -> "Objects":
    """Open the store that was named; wrong usage (exit 2) where none was, or it is no name.

    Args:
        store: its name.
        create: whether to make a missing folder.
        lock: whether what is put there is locked, as the settings say.
    """
    from flows.settings import settings  # noqa: PLC0415 - the same
    from storage.directory import Directory  # noqa: PLC0415 - the same
    from storage.stores import open_store  # noqa: PLC0415 - pydantic, which --help need not load

    name = store_name(store)
    try:
        is_new = create and "://" not in name and not Path(name).expanduser().exists()
        asked = settings() if lock else None
        objects = open_store(
            name,
            create=create,
            lock_days=asked.lock_days if asked else 0,
            compliance=bool(asked and asked.lock_compliance),
        )
    except (ValueError, RuntimeError) as error:  # the latter of a home that nobody has
        failed(str(error), code=2)
    if is_new:
        say(f"a new archive is made in {name}; if there should be one, is its disk mounted?")
    elif create and isinstance(objects, Directory) and not os.access(objects.root, os.W_OK):
        failed(f"{name} cannot be written by this user: give it the right to write there", code=1)
    return objects


def print_json(value: object) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings: fitted to a terminal, else unwrapped, for other programs."""
    texts = [["" if cell is None else line(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        widths = [max(map(len, each)) for each in zip(columns, *texts, strict=True)]
        for row in (list(columns), *texts):
            padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            show("  ".join(padded).rstrip())
        return
    # rich takes a fifth of a second to import, which only terminals need to wait for.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in texts:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def warn(warnings: Iterable[str]) -> None:
    """Say on standard error what was found wrong on the way."""
    for warning in warnings:
        say(f" {warning}", mark=typer.style("warning:", fg="yellow"))


@contextmanager
def delivered() -> Generator[None]:
    """Have all that the block prints arrive, and say where it cannot (exit 1).

    A reader that has enough, as `head`, is nothing wrong: exit 0.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        is_left = error.errno == errno.EPIPE and _is_left()
        if not is_left and error.errno not in _NO_ROOM:
            raise
        # What is left to be written would be tried, and fail, once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if is_left:
            raise SystemExit(0) from None
        failed(f"what was asked for cannot be written: {error.strerror}", code=1)


def _is_left() -> bool:
    """Whether nobody reads standard output any more, and it was no other pipe that broke."""
    asked = select.poll()
    asked.register(sys.stdout.fileno(), 0)
    return bool(asked.poll(0))


def binary_out() -> int:
    """Give the file descriptor of standard output, for bytes."""
    sys.stdout.flush()
    return os.dup(sys.stdout.fileno())
