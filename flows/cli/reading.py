"""What is held: `sources`, `editions`, `versions`, `records`, `diff`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flows.cli import tables
from flows.cli.originals import AsOf, Known, Number, catalogue, choose, moment
from flows.cli.output import (
    AsJson,
    EditionName,
    SourceName,
    Store,
    failed,
    print_json,
    say,
    warn,
)
from storage.model import Json, iso
from storage.model import moment as as_moment

if TYPE_CHECKING:  # they take half a second to import, which --help need not wait for
    from storage.catalogue import Catalogue
    from storage.documents import DocumentEntry
    from storage.ledger import Manifest, Version


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    records_example = "recordkeep records ice_ddor 2017-01-28 --table declined --format csv"
    app.command("sources", epilog="Example: recordkeep sources --store archive")(sources)
    app.command("editions", epilog="Example: recordkeep editions ice_ddor")(editions)
    app.command("versions", epilog="Example: recordkeep versions ice_ddor 2017-01-28")(versions)
    app.command("records", epilog=f"Example: {records_example}")(records)
    app.command("diff", epilog="Example: recordkeep diff ice_ddor 2017-01-28")(diff)


def sources(*, store: Store = None, as_json: AsJson = False) -> None:
    """List the sources, what is held of each, and how the last weekly run ended."""
    from flows.events import LOOKS  # noqa: PLC0415 - see above
    from scrapers import source  # noqa: PLC0415 - see above
    from storage.ledger import Manifest  # noqa: PLC0415 - see above

    held = catalogue(store)
    have = held.sources()
    rows: list[Json] = []
    for name in sorted({*source.names(), *have}):
        manifest = held.manifest(name) if name in have else Manifest(source=name)
        title = source.load(name).title if name in source.names() else None
        last = manifest.last_runs.get(LOOKS)
        rows.append(
            {
                "source": name,
                "title": title,
                "editions": len(manifest.by_edition),
                "versions": sum(d.is_version for d in manifest.documents.values()),
                "last_run": iso(last.finished_at) if last else None,
                "last_status": last.status if last else None,
            }
        )
    tables.listing(rows, as_json=as_json)


def editions(name: SourceName, *, store: Store = None, as_json: AsJson = False) -> None:
    """List the editions of a source, oldest first."""
    manifest = catalogue(store).manifest(name)
    tables.listing(
        [_edition(manifest, edition) for edition in manifest.by_edition], as_json=as_json
    )


def _edition(manifest: "Manifest", edition: str) -> Json:
    latest, told = manifest.latest(edition), manifest.versions(edition)
    table = latest.table if latest else None
    in_quarantine = [d for d in manifest.by_edition[edition] if not d.is_version]
    return {
        "edition": edition,
        "period": table.period.to_json() if table and table.period else None,
        "title": table.title if table else None,
        "versions": len(told),
        "status": _status(told, latest) if latest else "quarantined",
        "removed": manifest.is_removed(edition),
        "quarantined": len(in_quarantine),
        "records": dict(table.counts) if table else {},
        "first_seen": iso(told[0].first_seen) if told else None,
        "last_seen": iso(max(v.last_seen for v in told)) if told else None,
    }


def _status(versions: "tuple[Version, ...]", latest: "DocumentEntry") -> str:
    return next(each.status for each in versions if each.document is latest)


def versions(  # noqa: PLR0913 - one parameter an option
    name: SourceName,
    edition: EditionName,
    *,
    store: Store = None,
    as_of: AsOf = None,
    known: Known = None,
    as_json: AsJson = False,
) -> None:
    """List the versions of an edition, and what the agency said about its reports."""
    from storage.chosen import EVER  # noqa: PLC0415 - see above

    held, at, by = catalogue(store), moment(as_of) or EVER, moment(known)
    numbered = held.versions(name, edition, as_of=at, known=by)
    manifest = held.manifest(name, known=by)
    told = [_version(manifest, version) for version in numbered]
    standing = manifest.as_of(edition, at)
    then = bool(standing and standing.removed_at)
    removed = then if as_of else manifest.is_removed(edition)
    waiting = [_refused(d) for d in manifest.by_edition[edition] if not d.is_version]
    aside = [each for each in waiting if as_moment(each["since"]) <= at]
    if as_of and not told and not aside:
        failed(f"nothing of {name} {edition} had been seen by {as_of}", code=3)
    notices: list[Json] = [
        {
            "kind": notice.kind,
            "text": notice.text,
            "said_on": notice.said_on,
            "first_seen": iso(notice.first),
            "last_seen": iso(notice.last),
            "url": notice.url,
        }
        for notice in sorted(manifest.notices.values(), key=lambda each: each.first)
        if notice.first <= at
    ]
    if as_json:
        shown: Json = {"source": name, "edition": edition, "versions": told, "notices": notices}
        print_json({**shown, "quarantined": aside, "removed": removed})
        return
    tables.listing(
        [{**row, "records": tables.counts(row["records"])} for row in told], as_json=False
    )
    for refused in aside:
        say(f"in quarantine: {refused['digest']}: {refused['reason']}")
    for notice in notices:
        say(f"\nthe agency's page since {notice['first_seen'][:10]}:")
        say(f"  {notice['text']}")


def _version(manifest: "Manifest", version: "Version") -> Json:
    from storage import mementos  # noqa: PLC0415 - see above

    document = version.document
    table = document.table
    return {
        "version": version.number,
        "kind": version.kind,
        "status": version.status,
        "first_seen": iso(version.first_seen),
        "last_seen": iso(version.last_seen),
        "last_modified": document.last_modified,
        "records": dict(table.counts) if table else {},
        "flags": list(version.flags),
        "digest": document.digest,
        "size_bytes": document.size_bytes,
        "url": document.url or mementos.address(manifest.mementos, document.digest),
    }


def _refused(document: "DocumentEntry") -> Json:
    refusal = max(document.refusals.values(), key=lambda each: each.key)
    return {
        "digest": document.digest,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "page": refusal.page,
        "since": iso(document.captures[0].at if document.captures else refusal.at),
    }


def records(  # noqa: PLR0913 - one parameter an option
    name: SourceName,
    edition: Annotated[
        str | None,
        typer.Argument(metavar="EDITION", help="An edition; all of them where left out."),
    ] = None,
    *,
    store: Store = None,
    table: Annotated[
        str | None, typer.Option("--table", help="Which table.", show_default=False)
    ] = None,
    number: Number = None,
    as_of: AsOf = None,
    known: Known = None,
    form: Annotated[
        Literal["csv", "json", "parquet"], typer.Option("--format", help="How to write them.")
    ] = "csv",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Print the records of an edition, or of all editions as last shown, on standard output."""
    held = catalogue(store)
    names: dict[str, None] = {}
    rows: list[Json] = []
    is_one = edition is not None
    for each in [edition] if edition is not None else _seen(held, name, as_of, known):
        chosen = choose(held, name, each, number, as_of, known=known)
        if not is_one and chosen.document.table is None:
            held.warnings.append(chosen.left_out)
            continue
        reading = held.reading(chosen)
        names |= dict.fromkeys(reading["tables"])
        origin = {} if is_one else {"edition": each, "digest": chosen.document.digest}
        found = reading["tables"].get(table or next(iter(names), ""), [])
        rows += [{**origin, **row} for row in found]
    tables.pick(names, table)
    warn(held.warnings)
    tables.write(rows, "json" if as_json else form)


def _seen(held: "Catalogue", name: str, as_of: str | None, known: str | None) -> list[str]:
    """Name the editions that had been seen by then; exit 3 where none had.

    What had come by then and is in quarantine alone is said to be left out.
    """
    from storage.chosen import EVER  # noqa: PLC0415 - see above

    at, by = moment(as_of) or EVER, moment(known)
    seen = held.editions(name, as_of=at, known=by)
    for each, documents in held.manifest(name, known=by).by_edition.items():
        waiting = [d for d in documents if d.status == "quarantined" and d.captures]
        if each not in seen and any(d.captures[0].at <= at for d in waiting):
            held.warnings.append(f"{name} {each} is left out: it is in quarantine")
    if not seen:
        failed(f"no edition of {name} had been seen by {as_of or 'now'}", code=3)
    return seen


def diff(  # noqa: PLR0913 - one parameter an option
    name: SourceName,
    edition: EditionName,
    v1: Annotated[
        int | None, typer.Argument(metavar="V1", help="Older version; the last but one.")
    ] = None,
    v2: Annotated[
        int | None, typer.Argument(metavar="V2", help="Newer version; the last one.")
    ] = None,
    *,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Say which records were added, removed or changed between two versions of an edition."""
    held = catalogue(store)
    told = held.versions(name, edition)
    if not told:
        held.choose(name, edition)  # which says what there is instead
    if len(told) == 1 and v1 is None:
        failed(f"{name} {edition} has only one version: there is nothing to compare", code=3)
    last = len(told) if v2 is None else v2
    first = last - 1 if v1 is None else v1
    if v2 is None and first == last:
        failed(f"version {first} of {name} {edition} is the last: nothing comes after it", code=3)
    new = held.choose(name, edition, number=last)
    old = held.choose(name, edition, number=first)
    found = held.compare(old, new)
    warn(held.warnings)
    if as_json:
        shown = {"source": name, "edition": edition, "from": old.to_json(), "to": new.to_json()}
        print_json({**shown, "tables": {t: d.to_json() for t, d in found.items()}})
        return
    say(f"{name} {edition}: version {old.to_json()['version']} to {new.to_json()['version']}")
    for table, difference in found.items():
        tables.show_difference(table, difference)
