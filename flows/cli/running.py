"""`recordkeep run`: one weekly run now, under Prefect."""

import logging
import os
import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from flows.cli.output import (
    AsJson,
    SourceName,
    Store,
    failed,
    opened,
    print_json,
    print_table,
    say,
    store_name,
)

if TYPE_CHECKING:
    from storage.ledger import RunSummary

_ORIGIN = re.compile(r"https?://[^/?#@\s]+/?")

Site = Annotated[
    str | None,
    typer.Option(
        "--site",
        metavar="URL",
        help="Ask this origin in place of the agency's.",
        show_default=False,
    ),
]
Wayback = Annotated[
    str | None,
    typer.Option(
        "--wayback",
        metavar="URL",
        help="Ask this origin in place of the Wayback Machine's.",
        show_default=False,
    ),
]
Pause = Annotated[
    float | None,
    typer.Option(
        "--pause",
        min=0,
        max=3600,
        metavar="SECONDS",
        help="Seconds between requests to a host, and in place of the Wayback Machine's two rates.",
        show_default="10 or RECORDKEEP_PAUSE_S; Wayback Machine: 2.5 a search, 1 a capture",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("run", epilog="Example: recordkeep run ice_ddor --store archive")(run)


def run(  # noqa: PLR0913 - a command's options stand side by side
    name: SourceName,
    *,
    store: Store = None,
    site: Site = None,
    wayback: Wayback = None,
    pause: Pause = None,
    recheck: Annotated[
        int | None,
        typer.Option(
            "--recheck",
            min=1,
            max=520,
            metavar="WEEKS",
            help="Fetch whole what was not fetched whole within so many weeks.",
            show_default=False,
        ),
    ] = None,
    jitter: Annotated[
        float,
        typer.Option(
            "--jitter",
            min=0,
            max=1440,
            metavar="MINUTES",
            help="Wait up to so long first, where a clock starts it.",
        ),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Look at a source once: find, fetch, keep and read what is new, and write down what was seen.

    Where the past was loaded, and the agency now links to what nobody had asked for, its past is
    loaded afterwards, as `backfill` does. The Wayback Machine is not asked where --site is given
    and --wayback is not.

    Exits with 1 where something needs a person: a report in quarantine, a site that blocks us or
    does not answer, a report overdue.
    """
    from scrapers import source  # noqa: PLC0415 - which --help need not load

    source.check_name(name)
    site, wayback = origin("--site", site), origin("--wayback", wayback)
    from flows.alerts import Watch  # noqa: PLC0415 - pydantic, which --help need not load
    from flows.reporting import Reported  # noqa: PLC0415 - with the rest

    with Watch(name, "weekly"), Reported():
        opened(store, create=True, lock=True)
        begin_logging()
        from flows.weekly import weekly  # noqa: PLC0415 - Prefect takes seconds to import

        asked: dict[str, Any] = {"site": site, "wayback": wayback, "pause_s": pause}
        asked |= {"recheck_weeks": recheck, "jitter_min": jitter}
        summary = weekly(name, store_name(store), **asked)
    if as_json:
        print_json(summary.to_json())
    else:
        describe(summary)
    raise SystemExit(exit_code(summary))


def origin(option: str, url: str | None) -> str | None:
    """Give an origin as it was given; wrong usage (exit 2) where it is none."""
    if url is not None and not _is_origin(url):
        failed(f"{option} takes an origin, as http://127.0.0.1:8000, not {url}", code=2)
    return url


def _is_origin(url: str) -> bool:
    try:
        return bool(_ORIGIN.fullmatch(url) and urlsplit(url).hostname and urlsplit(url).port != 0)
    except ValueError:  # a port out of range, or no IPv6 address
        return False


def exit_code(summary: "RunSummary") -> int:
    """Give what the run's command ends with: 1 where something needs a person."""
    return 1 if summary.status == "incomplete" or summary.overdue else 0


def begin_quietly() -> None:
    """Let Prefect say nothing: what goes wrong we say ourselves.

    Prefect's settings are those of its environment; what is not set there is set for runs
    without a server: an empty home takes long to start, and nothing is told to anybody.
    """
    quiet = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "recordkeep",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # what is logged outside a run
    }
    for variable, value in quiet.items():
        os.environ.setdefault(variable, value)


def begin_logging() -> None:
    """Show a run's progress on standard error."""
    begin_quietly()
    if not os.environ.get("PREFECT_API_URL"):
        say("starting a temporary Prefect server (some twenty seconds at first) …")
        from flows import temporary  # noqa: PLC0415 - Prefect, which --help need not load

        temporary.provide()
    log_here()


def log_here() -> None:
    """Show what is logged on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    logger = logging.getLogger("recordkeep")
    logger.addHandler(handler)
    logger.propagate = False  # Prefect's root handler would say it all a second time
    logger.setLevel(logging.INFO)


def describe(summary: "RunSummary") -> None:
    """Print how a run ended, for a person."""
    print_table(("edition", "outcome"), summary.outcomes.items())
    overdue = ", overdue" if summary.overdue else ""
    say(
        f"{summary.status}{overdue}: {summary.requests} requests, "
        f"{summary.bytes_received:,} bytes received"
    )
    for message in summary.messages:
        say(f"  {message}")
