"""`recordkeep serve`: the schedule in the foreground, for those without a Prefect pool."""

from typing import Annotated

import typer

from flows.cli.output import Store, failed, opened, say, store_name
from flows.cli.running import Pause, Site, begin_quietly, log_here, origin


def add_to(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command("serve", epilog="Example: recordkeep serve --store archive")(serve)


def serve(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Sources; all of them if left out.")
    ] = None,
    *,
    store: Store = None,
    site: Site = None,
    pause: Pause = None,
    once: Annotated[bool, typer.Option("--once", help="Run what is due by now, and end.")] = False,
) -> None:
    """Run what the schedule says, and catch up what was missed, until stopped.

    Each source is looked at weekly, and a share of what is held is audited weekly. SIGTERM or
    Ctrl-C ends it after the edition in hand; a second one at once. What happened says
    `recordkeep status`. With --once it exits with 1 where a run did, or the store was not there.
    """
    from scrapers import source  # noqa: PLC0415 - which --help need not load

    sources = names or source.names()
    for name in sources:
        source.check_name(name)
    site = origin("--site", site)
    if site and len(sources) != 1:
        failed("--site goes with one source: name it", code=2)
    objects = opened(store, create=True, lock=True)
    begin_quietly()
    log_here()
    from flows.serving import serve as keep  # noqa: PLC0415 - as above

    more = [
        *(["--site", site] if site else []),
        *(["--pause", str(pause)] if pause is not None else []),
    ]
    say(f"keeping the schedule of {', '.join(sources)}; Ctrl-C stops it after the edition in hand")
    all_well = keep(sources, store_name(store), objects, more=more, once=once)
    raise SystemExit(1 if once and not all_well else 0)
