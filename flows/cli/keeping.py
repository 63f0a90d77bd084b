"""Is it all still there, elsewhere too, and well set up: `verify`, `mirror`, `doctor`."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.output import AnySource, AsJson, Store, failed, opened, print_json, say, show
from flows.cli.running import begin_quietly
from storage.model import Json

if TYPE_CHECKING:  # it takes half a second to import, which --help need not wait for
    from rich.progress import Progress

    from storage.fixity import Finding, Report
    from storage.objects import Objects


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("verify", epilog="Example: recordkeep verify ice_ddor --repair --from s3://mirror")(
        verify
    )
    app.command("doctor", epilog="Example: recordkeep doctor --store s3://bucket/archive --fix")(
        doctor
    )
    app.command("mirror", epilog="Example: recordkeep mirror archive s3://bucket/archive")(mirror)


def bar(unit: str) -> "Progress":
    """Make a progress bar on standard error; nothing is drawn where that is no terminal."""
    from rich import progress  # noqa: PLC0415 - a tenth of a second, which --help need not wait for
    from rich.console import Console  # noqa: PLC0415 - the same

    columns = (
        progress.TextColumn(unit),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    return progress.Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    )


def verify(
    name: AnySource = None,
    *,
    store: Store = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right bytes back where they are to be had.")
    ] = False,
    origin: Annotated[
        str | None,
        typer.Option("--from", help="Another store that may have them.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Re-read and re-hash everything that is held, fold all facts again, and find strays.

    Exits with 1 and an exact list where something is not as recorded.
    """
    from storage.catalogue import Catalogue  # noqa: PLC0415 - pydantic, which --help need not load
    from storage.errors import NotHeldError  # noqa: PLC0415 - kept with its only use
    from storage.facts import sources  # noqa: PLC0415 - as Catalogue
    from storage.fixity import strays  # noqa: PLC0415 - as Catalogue

    if origin and not repair:
        failed("--from goes with --repair", code=2)
    objects = opened(store, lock=repair and _is_bucket(store))
    held = sources(objects)
    if name and name not in held:
        raise NotHeldError(f"source {name}", Catalogue(objects).sources())
    reports = [_verified(objects, each) for each in ([name] if name else held)]
    mended = set(_mended(objects, reports, origin)) if repair else set()
    odd = [] if name else strays(objects, set(held))
    findings = [finding for report in reports for finding in report.findings] + odd
    if not held and not odd:
        failed(f"nothing is held in {objects.name}: is that the archive?", code=3)
    left = set(findings) - mended
    if as_json:
        print_json(_described(reports, findings, mended))
    else:
        _tell(reports, findings, mended, was_mending=repair)
    raise SystemExit(1 if left else 0)


def _is_bucket(store: str | None) -> bool:
    """Whether originals put there are to be locked, where the setting asks for that."""
    return bool(store) and str(store).startswith("s3:")


def _verified(objects: "Objects", name: str) -> "Report":
    from storage.fixity import verify as run  # noqa: PLC0415 - see above

    with bar(name) as progress:
        task = progress.add_task(name, total=None)
        return run(objects, name, progress=lambda _key: progress.advance(task))


def _mended(objects: "Objects", reports: list["Report"], origin: str | None) -> list["Finding"]:
    from storage.repair import repair  # noqa: PLC0415 - see above

    other = opened(origin) if origin else None
    return [each for report in reports for each in repair(objects, report, other=other)]


def _described(reports: list["Report"], findings: list["Finding"], mended: set["Finding"]) -> Json:
    return {
        "sources": {
            report.source: {
                "objects": report.objects,
                "size_bytes": report.size_bytes,
                "notes": report.notes,
            }
            for report in reports
        },
        "findings": [
            {
                "kind": finding.kind,
                "key": finding.key,
                "detail": finding.detail,
                "expected": finding.expected,
                "mended": finding in mended,
            }
            for finding in findings
        ],
    }


def _tell(
    reports: list["Report"],
    findings: list["Finding"],
    mended: set["Finding"],
    *,
    was_mending: bool,
) -> None:
    for finding in findings:
        done = "mended: " if finding in mended else ""
        show(f"{done}{finding.kind}  {finding.key}  {finding.detail}")
    for report in reports:
        for note in report.notes:
            say(f"{report.source}: {note}")
        say(
            f"{report.source}: {report.objects:,} objects, {report.size_bytes:,} bytes re-read, "
            f"{len(report.findings)} findings"
        )
    left = sum(each.kind != "stray" and each not in mended for each in findings)
    if left and was_mending:
        say(f"{left} not mended: no right copy was found; --from names a store that may have one")
    elif left:
        say("To put right bytes back: recordkeep verify --repair [--from OTHER_STORE]")


def mirror(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="A store: folder or s3://…")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Another one.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Copy a whole archive with its full history to another store, verified.

    It may be cut short and run again; a second run copies and writes nothing.
    """
    from storage.mirror import mirror as run  # noqa: PLC0415 - see above
    from storage.stores import is_within  # noqa: PLC0415 - see above

    if is_within(target, origin):
        failed(f"{target} lies in {origin}: a mirror is to stand elsewhere", code=2)
    objects, other = opened(origin), opened(target, create=True, lock=_is_bucket(target))
    with bar("objects") as progress:
        task = progress.add_task("mirror", total=None)
        done = run(
            objects,
            other,
            progress=lambda number, of, _key: progress.update(task, completed=number, total=of),
        )
    if as_json:
        shown: Json = {"copied": done.copied, "skipped": done.skipped}
        print_json({**shown, "size_bytes": done.size_bytes, "refused": list(done.refused)})
    else:
        show(f"{done.copied:,} versions of objects copied, {done.skipped:,} there already")
        for refused in done.refused:
            show(f"not copied: {refused}")
    raise SystemExit(1 if done.refused else 0)


def doctor(
    *,
    store: Store = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Switch on the versioning that a bucket lacks.")
    ] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Send a test message to all who are told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the set-up: store, clock, reading, Prefect, alerts; say what to do where it fails."""
    begin_quietly()
    from flows.doctor import examined  # noqa: PLC0415 - pdfplumber, which --help need not load

    points = []
    for point in examined(store, fix=fix, send_alert=alert):
        points.append(point)
        if not as_json:
            mark = (
                typer.style("ok  ", fg="green") if point.passed else typer.style("FAIL", fg="red")
            )
            show(f" {point.name}: {point.says}", mark=mark)
    if as_json:
        print_json([{"name": p.name, "passed": p.passed, "says": p.says} for p in points])
    raise SystemExit(0 if all(point.passed for point in points) else 1)
