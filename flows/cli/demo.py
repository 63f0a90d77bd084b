"""`recordkeep demo`: the main job on a replica of the agency's site."""

import json
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.output import failed, print_table, say, show
from flows.cli.running import begin_logging

if TYPE_CHECKING:
    from storage.ledger import RunSummary

SOURCE = "ice_ddor"


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("demo", epilog="Example: recordkeep demo --dir demo-archive")(demo)


def demo(
    *,
    folder: Annotated[
        Path, typer.Option("--dir", help="Where to put the archive; new, empty or an earlier demo.")
    ] = Path("demo-archive"),
) -> None:
    """Run three weekly runs on an embedded replica of the agency's site, with a correction.

    The reports are replicas: every row about a person is invented. Nothing is asked of any
    network; the clock is set to spring 2017.
    """
    from flows.demo.site import LABEL  # noqa: PLC0415 - --help need not load it

    make_room(folder)
    say(f"{LABEL}. The clock is set to spring 2017.")
    begin_logging()
    summaries = runs(folder)
    _tell(summaries)
    _suggest(folder)
    unfit = any(summary.status != "complete" for summary in summaries)
    raise SystemExit(1 if unfit else 0)


def make_room(folder: Path) -> None:
    """Clear an earlier demonstration away; refuse (exit 2) whatever else stands there."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not folder.is_dir() or not _is_demo(folder):
        failed(f"{folder} is neither empty nor an earlier demo: name another with --dir", code=2)
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _is_demo(folder: Path) -> bool:
    """Whether every capture in the folder says that it is of the replica site."""
    from flows.demo.site import HEADER  # noqa: PLC0415 - --help need not load it

    facts = [path for path in (folder / "captures").glob("*/*.json") if path.is_file()]
    headers = [json.loads(path.read_text())["headers"] for path in facts]
    return bool(facts) and all(HEADER.lower() in each for each in headers)


def runs(folder: Path) -> list["RunSummary"]:
    """Make the three runs, each at its set time, under Prefect in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="recordkeep-") as home:
        from prefect.settings import PREFECT_HOME, temporary_settings  # noqa: PLC0415 - slow

        with temporary_settings({PREFECT_HOME: Path(home)}):
            return _runs(folder)


def _runs(folder: Path) -> list["RunSummary"]:
    from flows.demo.site import HISTORY, ReplicaSite  # noqa: PLC0415 - --help need not load it
    from flows.weekly import weekly  # noqa: PLC0415 - Prefect takes seconds to import

    summaries = []
    with ReplicaSite() as site:
        for state in HISTORY:
            site.state = state
            say(f"\nThe week of {state.at:%Y-%m-%d}, {state.at:%H:%M} UTC")
            summaries.append(weekly(SOURCE, str(folder), site=site.url, pause_s=0, at=state.at))
    return summaries


def _tell(summaries: list["RunSummary"]) -> None:
    editions = sorted({edition for summary in summaries for edition in summary.outcomes})
    days = [f"{summary.started_at:%Y-%m-%d}" for summary in summaries]
    show()
    print_table(
        ("edition", *days),
        [(e, *(summary.outcomes.get(e, "") for summary in summaries)) for e in editions],
    )


def _suggest(folder: Path) -> None:
    from storage.catalogue import Catalogue  # noqa: PLC0415 - --help need not load it
    from storage.stores import open_store  # noqa: PLC0415 - the same

    first = next(iter(Catalogue(open_store(str(folder))).manifest(SOURCE).by_edition))
    store = f"--store {shlex.quote(str(folder))}"
    show()
    show("Try, for instance:")
    for command in (
        f"get {SOURCE} {first} --as-of 2017-03-25 -o report.pdf {store}",
        f"diff {SOURCE} {first} {store}",
        f"records {SOURCE} {first} --table declined --format csv {store}",
    ):
        show(f"  {_program()} {command}")
    show()
    show("Or open the reading room in a browser:")
    show(f"  {(folder.absolute() / 'site' / 'index.html').as_uri()}")


def _program() -> str:
    """Name this program so that the shell finds it: by its path where it is not on PATH."""
    called = Path(sys.argv[0]).absolute()
    if shutil.which("recordkeep"):
        return "recordkeep"
    here = called.is_relative_to(Path.cwd())
    return shlex.quote(str(called.relative_to(Path.cwd()) if here else called))
