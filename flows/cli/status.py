"""`recordkeep status`: one screen on how things stand, and whether anything needs a person."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.output import AnySource, AsJson, Store, failed, opened, print_json, show

if TYPE_CHECKING:  # they take half a second to import, which --help need not wait for
    from flows.standing import Standing
    from storage.ledger import RunSummary

_SHOWN = 2
"""So many examples are shown of each thing that needs a person: it must fit on the screen."""
_AROUND = timedelta(days=400)
"""So far around the time that is asked about must the calendar go: what is due is reckoned."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("status", epilog="Example: recordkeep status ice_ddor --store archive")(status)


def status(
    name: AnySource = None,
    *,
    store: Store = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--now", metavar="TIME", help="Tell it as at this time (UTC).", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the last run, what needs a person and what to do, and whether a report is overdue.

    Exits with 1 where anything needs a person. With --json: an object for one source, a list of
    such objects for all of them.
    """
    found = _standings(name, store, _time(at))
    if as_json:
        shown = [each.to_json() for each in found]
        print_json(shown[0] if name else shown)
    else:
        for each in found:
            _tell(each)
    raise SystemExit(1 if any(each.needs for each in found) else 0)


def _time(text: str | None) -> datetime:
    from storage.catalogue import end_of_day  # noqa: PLC0415 - pydantic, which --help need not load

    try:
        at = datetime.now(UTC) if text is None else end_of_day(text)
        _ = at - _AROUND, at + _AROUND
    except (ValueError, OverflowError):
        failed(f"--now takes a date or a time, as 2017-04-05, not {text or 'nothing'}", code=2)
    return at


def _standings(name: str | None, store: str | None, now: datetime) -> list["Standing"]:
    from flows.describing import about  # noqa: PLC0415 - pdfplumber, which --help need not load
    from flows.standing import standing  # noqa: PLC0415 - the same
    from scrapers import source  # noqa: PLC0415 - the same
    from storage import facts, site  # noqa: PLC0415 - pydantic, the same
    from storage.errors import NotHeldError  # noqa: PLC0415 - kept with its only use

    objects = opened(store)
    held = facts.sources(objects)
    if not held:
        failed("nothing is held here yet; recordkeep run SOURCE looks at a source", code=3)
    if name is not None and name not in held:
        raise NotHeldError(f"source {name}", held)
    known = source.names()
    found = []
    for each in [name] if name else held:
        manifest, series = facts.load(objects, each), source.load(each) if each in known else None
        described = about(series) if series else site.nameless(each)
        published = site.is_current(objects, manifest, described)
        found.append(standing(manifest, series, now, published=published))
    return found


def _tell(told: "Standing") -> None:
    from flows.remedies import REMEDIES  # noqa: PLC0415 - with the rest of flows

    show(f"{told.source}  {told.title or ''}".rstrip())
    for label, text in _lines(told):
        show(f"  {label:<16}{text}")
    show()
    if not told.needs:
        show("  Nothing needs you.")
    else:
        show("  This needs you; deploy/RUNBOOK.md has a section for each:")
    for section in dict.fromkeys(need.section for need in told.needs):
        show(f"  * {section}")
        about = [need for need in told.needs if need.section == section]
        for need in about[:_SHOWN]:
            show(f"      {need.edition}: {need.text}" if need.edition else f"      {need.text}")
        if len(about) > _SHOWN:
            show(f"      and {len(about) - _SHOWN} more: --json has all")
        show(f"      -> {REMEDIES[section]}")
    show()


def _ended(run: "RunSummary") -> str:
    cost = f"{run.requests:,} requests, {run.bytes_received:,} bytes received"
    return f"{run.finished_at:%Y-%m-%d %H:%M} UTC, {run.status}: {cost}"


def _lines(told: "Standing") -> list[tuple[str, str]]:
    from flows import outside  # noqa: PLC0415 - see above
    from flows.standing import outcome_counts  # noqa: PLC0415 - see above

    last, loaded = told.last_run, told.last_backfill
    counts = [f"{number:,} {word}" for word, number in outcome_counts(last).items()]
    due = (
        f"something new is due by {told.due_on}"
        if told.due_on
        else "nothing is due: a known silence"
    )
    coming = "none is planned"
    if told.next_run:
        coming = f"{told.next_run:%Y-%m-%d %H:%M} UTC, where the schedule is installed"
    held = [f"{number:,} {word}" for word, number in told.counts.items() if number]
    behind = "not of all that is held: the next run sees to it, or `recordkeep site`"
    unasked = outside.told(told.source, told.unasked)
    return [
        ("last run", _ended(last) if last else "never"),
        ("outcomes", ", ".join(counts) or "none"),
        *([("last backfill", _ended(loaded))] if loaded else []),
        ("last new", f"{told.last_new_at:%Y-%m-%d}" if told.last_new_at else "never"),
        ("last good look", f"{told.last_looked_at:%Y-%m-%d}" if told.last_looked_at else "never"),
        ("overdue", f"yes: it was due by {told.due_on}" if told.overdue else f"no: {due}"),
        ("next run", coming),
        ("held", ", ".join(held) or "nothing"),
        *([("Wayback Machine", unasked)] if unasked else []),
        *([] if told.published else [("web pages", behind)]),
    ]
