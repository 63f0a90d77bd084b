"""Originals: `get`, and how the commands choose a version."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import tables
from flows.cli.output import (
    AsJson,
    EditionName,
    SourceName,
    Store,
    binary_out,
    failed,
    opened,
    print_json,
    say,
    show,
    warn,
)

if TYPE_CHECKING:  # it takes half a second to import, which --help need not wait for
    from datetime import datetime

    from storage.catalogue import Catalogue, Chosen

Number = Annotated[
    int | None, typer.Option("--version", help="Version number, from 1.", show_default=False)
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="What stood there on that day (UTC).", show_default=False
    ),
]
Known = Annotated[
    str | None,
    typer.Option(
        "--known",
        metavar="DATE",
        help="As this archive knew it on that day, by its own fetches.",
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    example = "recordkeep get ice_ddor 2017-01-28 --as-of 2017-03-25 -o report.pdf"
    app.command("get", epilog=f"Example: {example}")(get)


def catalogue(store: str | None) -> "Catalogue":
    """Open the read side of the store that was named."""
    from storage.catalogue import Catalogue  # noqa: PLC0415 - see above

    return Catalogue(opened(store))


def moment(text: str | None) -> "datetime | None":
    """Read a date from an option; wrong usage (exit 2) where it is none."""
    from storage.catalogue import end_of_day  # noqa: PLC0415 - see above

    try:
        return None if text is None else end_of_day(text)
    except ValueError:
        failed(f"{text or 'nothing'} is no date: write it as 2017-03-25", code=2)


def choose(  # noqa: PLR0913 - one parameter an option
    held: "Catalogue",
    name: str,
    edition: str,
    number: int | None,
    as_of: str | None,
    *,
    known: str | None = None,
) -> "Chosen":
    """Find the version that the options ask for; wrong usage (exit 2) where they contradict."""
    if number is not None and as_of is not None:
        failed("give --version or --as-of, not both", code=2)
    at, by = moment(as_of), moment(known)
    return held.choose(name, edition, number=number, as_of=at, known=by)


def get(  # noqa: PLR0913 - one parameter an option
    name: SourceName,
    edition: EditionName,
    *,
    store: Store = None,
    number: Number = None,
    as_of: AsOf = None,
    known: Known = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="SHA-256, or its beginning.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write; - for standard output."),
    ] = None,
    link: Annotated[
        int | None,
        typer.Option(
            "--link",
            min=1,
            max=7 * 24 * 3600,
            metavar="SECONDS",
            help="Print an address that gives it to anybody for so long (S3 only).",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write an original report, byte for byte as the agency served it, verified.

    Without an option: what the agency last showed. In --json, last_modified is what its server
    said of the bytes when it last sent them whole, seen_at when anybody saw them there, and
    fetched_at when this archive got them.
    """
    held = catalogue(store)
    if digest is not None and (number is not None or as_of is not None):
        failed("give --digest alone, without --version or --as-of", code=2)
    if digest is not None:
        chosen = held.choose(name, edition, digest=digest, known=moment(known))
    else:
        chosen = choose(held, name, edition, number, as_of, known=known)
    _say_grounds(chosen, as_of)
    if link is not None:
        _link(held, chosen, link, as_json=as_json)
        return
    if str(output) == "-":
        if as_json:
            failed("-o - writes the report to standard output, where --json would go", code=2)
        with os.fdopen(binary_out(), "wb") as file:
            tables.pour(held, chosen, file)
        warn(held.warnings)
        return
    path = output or Path(f"{name}_{edition}_{chosen.document.digest[:12]}.{chosen.document.ext}")
    try:
        held.save(chosen, path)
    except OSError as error:
        failed(f"{path} cannot be written: {error.strerror}", code=1)
    warn(held.warnings)
    described = {**chosen.to_json(), "file": str(path)}
    if as_json:
        print_json(described)
    else:
        tables.describe(described)


def _say_grounds(chosen: "Chosen", as_of: str | None) -> None:
    """Say on which sightings an answer about the past rests."""
    if as_of and chosen.rests_on:
        say(f"as of {as_of}: {chosen.rests_on}")


def _link(held: "Catalogue", chosen: "Chosen", seconds: int, *, as_json: bool) -> None:
    """Print a time-limited address of the original in a bucket."""
    from storage.objects import Linking  # noqa: PLC0415 - see above

    if not isinstance(held.objects, Linking):
        failed("--link is for s3://bucket/prefix: a folder has no addresses", code=2)
    address = held.objects.link(chosen.key, seconds=seconds)
    if as_json:
        print_json({**chosen.to_json(), "link": address, "seconds": seconds})
    else:
        show(address)
