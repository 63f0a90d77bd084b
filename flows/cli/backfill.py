"""`recordkeep backfill`: load a source's past, from the agency and from the Wayback Machine."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import urlsplit

import typer

from flows.cli.output import AsJson, SourceName, Store, failed, opened, print_json, say, store_name
from flows.cli.running import (
    Pause,
    Site,
    Wayback,
    begin_logging,
    begin_quietly,
    describe,
    exit_code,
    log_here,
    origin,
)

if TYPE_CHECKING:  # they take seconds to import, which --help need not wait for
    from flows.past import Origin, Span
    from flows.plan import Plan

ORIGINS = ("agency", "wayback")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    example = "recordkeep backfill ice_ddor --dry-run --store archive"
    app.command("backfill", epilog=f"Example: {example}")(backfill)


def backfill(  # noqa: PLR0913 - one parameter an option
    name: SourceName,
    *,
    store: Store = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="First day to load.", show_default=False),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="Last day to load.", show_default=False),
    ] = None,
    origins: Annotated[
        str, typer.Option("--from", metavar="WHOM", help="Whom to ask: agency, wayback, or both.")
    ] = ",".join(ORIGINS),
    site: Site = None,
    wayback: Wayback = None,
    pause: Pause = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            metavar="N",
            help="Processes that read documents and draw pages; 0 leaves that to the next run.",
            show_default="one each processor",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS",
            help="Let a Dask cluster read, as tcp://10.0.0.1:8786; it must reach the store.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how much work it would be, and keep nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Load the past of a source: what the agency still has, and what the Wayback Machine saw.

    The days are those on which the Wayback Machine captured, and of the editions to which the
    agency's page links; listing pages of the past are loaded for all days. Ended anywhere, it is
    run again and goes on. Exits with 1 where something needs a person, as `run` does.
    """
    from scrapers import source  # noqa: PLC0415 - which --help need not load

    source.check_name(name)
    span = _span(since, until, origins)
    site, wayback = origin("--site", site), origin("--wayback", wayback)
    if dask is not None and not _is_scheduler(dask):
        failed(f"--dask takes a scheduler's address, as tcp://10.0.0.1:8786, not {dask}", code=2)
    if dask is not None and workers == 0:
        failed("--workers 0 leaves the reading to the next run, and --dask asks for it", code=2)
    asked: dict[str, Any] = {"site": site, "wayback": wayback, "pause_s": pause}
    if dry_run:
        with _not_made(store) as known:
            begin_quietly()
            log_here()
            _tell_plan(name, known, span, asked, as_json=as_json)
    if dask is not None:
        _reach(dask, store)
    from flows.alerts import Watch  # noqa: PLC0415 - pydantic, which --help need not load
    from flows.reporting import Reported  # noqa: PLC0415 - with the rest

    with Watch(name, "backfill"), Reported():
        opened(store, create=True, lock=True)
        begin_logging()
        from flows.backfill import backfill as flow  # noqa: PLC0415 - Prefect takes seconds
        from flows.readers import runner  # noqa: PLC0415 - the same

        run = flow.with_options(task_runner=runner(dask)) if dask else flow
        summary = run(
            name,
            store_name(store),
            since=span.since,
            until=span.until,
            origins=span.origins,
            workers=workers,
            on_cluster=dask is not None,
            **asked,
        )
    if as_json:
        print_json(summary.to_json())
    else:
        describe(summary)
    raise SystemExit(exit_code(summary))


def _is_scheduler(address: str) -> bool:
    """Whether an address may be a Dask scheduler's: scheme, host and port, and nothing else."""
    try:
        parts = urlsplit(address)
        named = parts.scheme in {"tcp", "tls"} and parts.hostname and parts.port
    except ValueError:  # a port out of range
        return False
    return bool(named) and not (parts.path or parts.query or parts.fragment or parts.username)


def _reach(dask: str, store: str | None) -> None:
    """See that a cluster is there, before anything is made or asked."""
    store_name(store)
    begin_quietly()
    from flows.readers import absent  # noqa: PLC0415 - Prefect takes seconds to import

    if why := absent(dask):
        failed(why, code=1)


@contextmanager
def _not_made(store: str | None) -> Generator[str]:
    """Give the store's name; where its folder is not there, that of an empty one for a while."""
    name = store_name(store)
    if "://" in name or Path(name).expanduser().exists():
        opened(store)
        yield name
        return
    with TemporaryDirectory(prefix="recordkeep-") as folder:
        yield folder


def _tell_plan(
    name: str, store: str, span: "Span", asked: dict[str, Any], *, as_json: bool
) -> NoReturn:
    from flows.backfill import planned  # noqa: PLC0415 - Prefect takes seconds to import

    plan = planned(name, store, span, **asked)
    if as_json:
        print_json(plan.to_json())
    else:
        _describe(plan)
    raise SystemExit(0 if plan.is_whole else 1)


def _describe(plan: "Plan") -> None:
    """Print a plan, for a person."""
    if not plan.is_whole:
        say("not all who were asked did answer; there is more to do than this:")
    mib = plan.bytes_compressed / 2**20
    say(f"searches of the Wayback Machine's index: {plan.searches:,}")
    say(f"listing pages of the past to fetch:      {plan.pages:,}")
    say(f"captured redirects to follow:            {plan.redirects:,}")
    say(f"documents to fetch:                      {plan.documents:,}")
    say(f"of which the Wayback Machine's:          {mib:,.1f} MiB, compressed")
    if plan.pages or plan.redirects or plan.documents:
        minutes = max(1, round(plan.minutes))
        say(f"at the polite rate, about:               {minutes:,} minute{'s' * (minutes > 1)}")
    elif plan.is_whole:
        say("nothing to fetch: what is listed was fetched before, as far as can be told")
    if plan.pages or plan.redirects:
        say("What only these lead to comes on top; nothing was kept.")
    for message in plan.messages:
        say(f"  {message}")


def _span(since: str | None, until: str | None, origins: str) -> "Span":
    from flows.past import Span  # noqa: PLC0415 - half a second of libraries

    asked = tuple(dict.fromkeys(each.strip() for each in origins.split(",")))
    if not set(asked) <= set(ORIGINS):
        failed(f"--from takes agency, wayback, or agency,wayback, not {origins}", code=2)
    first, last = _day("--since", since), _day("--until", until)
    if first and last and first > last:
        failed(f"--since {since} lies after --until {until}", code=2)
    return Span(since=first, until=last, origins=_known(asked))


def _known(asked: tuple[str, ...]) -> "tuple[Origin, ...]":
    found: list[Origin] = []
    found += ["agency"] if "agency" in asked else []
    found += ["wayback"] if "wayback" in asked else []
    return tuple(found)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        failed(f"{option} takes a date, as 2017-03-20, not {text or 'nothing'}", code=2)
