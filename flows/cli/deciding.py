"""What a person looks into and decides: `quarantine`, `release`, `reparse`, `explain`."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import tables
from flows.cli.originals import AsOf, Number, catalogue, choose
from flows.cli.output import (
    AnySource,
    AsJson,
    EditionName,
    SourceName,
    Store,
    failed,
    print_json,
    say,
    show,
    store_name,
    warn,
)
from flows.cli.running import begin_logging
from storage.model import Json, iso

if TYPE_CHECKING:  # they take half a second to import, which --help need not wait for
    from flows.reparse import Reread
    from storage.catalogue import Catalogue, Chosen
    from storage.documents import DocumentEntry

_LEAST_DIGITS = 6
"""Of a SHA-256, by which a document is named for a decision that stands for ever."""
_MARGIN = 36.0
"""Points of the page shown around a record: half an inch."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    release_example = 'recordkeep release ice_ddor 3f2a9c41 --why "an error page, not a report"'
    explain_example = "recordkeep explain ice_ddor 2017-01-28 --table declined --row 17 -o row.png"
    app.command("explain", epilog=f"Example: {explain_example}")(explain)
    app.command("quarantine", epilog="Example: recordkeep quarantine ice_ddor")(quarantine)
    app.command("release", epilog=f"Example: {release_example}")(release)
    app.command("reparse", epilog="Example: recordkeep reparse ice_ddor")(reparse)


def quarantine(
    name: AnySource = None,
    *,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """List the documents that could not be trusted, and why. Exits with 1 where there are any."""
    held = catalogue(store)
    found = [
        _refused(source, document)
        for source in (held.sources() if name is None else [name])
        for document in held.manifest(source).documents.values()
        if document.status == "quarantined"
    ]
    found.sort(key=lambda row: (row["source"], row["since"]))
    if as_json:
        print_json(found)
    else:
        for row in found:
            tables.describe(_for_people(row))
            show()
        say("Look at one:  recordkeep get SOURCE EDITION --digest DIGEST -o FILE")
        say("Set it aside: recordkeep release SOURCE DIGEST --why REASON")
    raise SystemExit(1 if found else 0)


def _refused(source: str, document: "DocumentEntry") -> Json:
    refusal = max(document.refusals.values(), key=lambda each: each.key)
    return {
        "source": source,
        "edition": document.edition,
        "digest": document.digest,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "page": refusal.page,
        "parser": refusal.parser,
        "limits": refusal.limits,
        "since": iso(document.captures[0].at) if document.captures else iso(refusal.at),
        "url": document.url,
    }


def _for_people(row: Json) -> Json:
    """Leave out the limits, but where one was met."""
    if row["reason"] not in {"timed-out", "too-large"}:
        return {name: value for name, value in row.items() if name != "limits"}
    limits = ", ".join(f"{name} {value:,g}" for name, value in row["limits"].items())
    return row | {"limits": limits}


def release(
    name: SourceName,
    digest: Annotated[
        str, typer.Argument(metavar="DIGEST", help="SHA-256 of the document, or its beginning.")
    ],
    *,
    why: Annotated[str, typer.Option("--why", help="Why; it is kept with the decision.")],
    who: Annotated[
        str | None, typer.Option("--who", help="Who decides.", show_default="your user name")
    ] = None,
    store: Store = None,
) -> None:
    """Decide that a document in quarantine is dealt with: kept, without records, and no alarm."""
    from flows import metrics, publishing  # noqa: PLC0415 - templates, which --help need not load
    from storage.archive import Archive  # noqa: PLC0415 - pydantic, the same
    from storage.errors import StorageError  # noqa: PLC0415 - kept with its only use

    if not why.strip():
        failed("--why takes a reason: it is kept with the decision for ever", code=2)
    held = catalogue(store)
    document = _quarantined(held, name, digest)
    archive = Archive(held.objects, name)
    archive.decide(document.digest, "release", why=why, who=who or getpass.getuser(), parser=None)
    archive.publish()
    metrics.report(archive)
    warn(archive.warnings)
    show(f"released {document.digest} of {name} {document.edition}")
    try:
        publishing.publish(archive.objects, archive.manifest)
        publishing.caught_up(archive)
    except StorageError as error:
        behind = "the release stands, but datasets and web pages are behind the archive"
        failed(f"{behind}: {error}; then: recordkeep site", code=1)


def _quarantined(held: "Catalogue", name: str, digest: str) -> "DocumentEntry":
    from storage.errors import NotHeldError  # noqa: PLC0415 - kept with its only use

    if len(digest) < _LEAST_DIGITS:
        failed(f"DIGEST takes at least {_LEAST_DIGITS} digits, not {digest!r}", code=2)
    waiting = [d for d in held.manifest(name).documents.values() if d.status == "quarantined"]
    found = [d for d in waiting if d.digest.startswith(digest.lower())]
    if len(found) != 1:
        asked = f"one document {digest} in quarantine of {name}"
        raise NotHeldError(asked, [each.digest for each in waiting])
    return found[0]


def reparse(
    name: SourceName,
    *,
    store: Store = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Make the new readings current at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read every held document again with today's parser, and show which records differ.

    No network is needed. Old tables stay; new ones become current with --accept, or at once where
    there was none.
    """
    catalogue(store).manifest(name)
    begin_logging()
    from flows.reparse import reparse as run  # noqa: PLC0415 - Prefect takes seconds to import
    from flows.reporting import Reported  # noqa: PLC0415 - with the rest

    told = None if as_json else _tell
    with Reported():
        found, summary = run(name, store_name(store), accept=accept, told=told)
    if as_json:
        print_json([each.to_json() for each in found])
    elif not found:
        say("every document has been read by today's parser: nothing to do")
    elif waiting := sum(not each.refused and not each.is_current for each in found):
        say(f"Not made current: {waiting:,}. To do so: recordkeep reparse … --accept")
    for need in summary.needs if not as_json else ():
        say(need.text)
    raise SystemExit(1 if summary.needs or any(each.refused for each in found) else 0)


def _tell(reread: "Reread") -> None:
    head = f"{reread.edition} {reread.digest[:12]}: parser {reread.before} to {reread.after}"
    if reread.before is None:
        head = f"{reread.edition} {reread.digest[:12]}: parser {reread.after}"
        head += ", had no records: it is current" if reread.is_current else ""
    show(f"{head}{', accepted' if reread.accepted else ''}")
    if reread.refused:
        show(f"  refused: {reread.refused}")
    for table, difference in reread.differences.items():
        tables.show_difference(table, difference)


def explain(  # noqa: PLR0913 - one parameter an option
    name: SourceName,
    edition: EditionName,
    *,
    table: Annotated[str | None, typer.Option("--table", help="Which table.")] = None,
    row: Annotated[int, typer.Option("--row", min=1, help="Which record, from 1.")],
    number: Number = None,
    as_of: AsOf = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="PNG to write: the page, row marked.")
    ] = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Show where a record came from: page, place, the cells as printed, and who read it."""
    held = catalogue(store)
    chosen = choose(held, name, edition, number, as_of)
    reading = held.reading(chosen)
    named = tables.pick(reading["tables"], table)
    records = reading["tables"][named]
    if row > len(records):
        failed(f"{named} has {len(records)} records; there is no record {row}", code=3)
    record = records[row - 1]
    shown = {**chosen.to_json(), "table": named, "row": row, "parser": reading["parser"]}
    shown |= {"key": chosen.key, "notes": reading["notes"], "record": record}
    if output:
        _draw(held, chosen, record, output)
        shown["file"] = str(output)
    warn(held.warnings)
    if as_json:
        print_json(shown)
        return
    places = {f"page {box['page']}": box["box"] for box in record["boxes"]}
    fields = {n: v for n, v in record.items() if n not in {"cells", "boxes", "page"}}
    for part in ({k: v for k, v in shown.items() if k != "record"}, places, fields):
        tables.describe(part)
        show()
    tables.describe({f"“{heading}”": text for heading, text in record["cells"].items()})


def _draw(held: "Catalogue", chosen: "Chosen", record: Json, output: Path) -> None:
    """Draw the page, or its part, on which the record begins, with the record marked."""
    import tempfile  # noqa: PLC0415 - only this rare path needs it

    from scrapers.pdf import Document  # noqa: PLC0415 - pdfplumber, which --help need not load
    from storage.files import passing, placed  # noqa: PLC0415 - the same

    page = record["page"]
    marked = [tuple(box["box"]) for box in record["boxes"] if box["page"] == page]
    top, bottom = min(box[1] for box in marked), max(box[3] for box in marked)
    with tempfile.TemporaryDirectory(prefix="recordkeep-") as folder:
        path = Path(folder) / "document.pdf"
        with passing(path) as file:
            held.copy(chosen, file)
        with Document(path) as document:
            width = document.page(page).width
            crop = (0.0, top - _MARGIN, width, bottom + _MARGIN)
            image = document.image(page, marked=marked, crop=crop)
    try:
        with placed(output) as file:
            file.write(image.png())
    except OSError as error:
        failed(f"{output} cannot be written: {error.strerror}", code=1)
