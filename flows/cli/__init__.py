"""`recordkeep …`: the command line. A module per group of commands; heavy imports inside them."""

from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from flows.cli import (
    auditing,
    backfill,
    deciding,
    demo,
    exporting,
    extract,
    keeping,
    originals,
    reading,
    running,
    serving,
    site,
    status,
)
from flows.cli.output import delivered, failed
from flows.errors import NotStartedError, ServerError, SettingError
from scrapers.errors import ScrapeError, UnknownSourceError
from storage.errors import NotHeldError, StorageError


class Commands(TyperGroup):
    """All commands: whoever reads what one prints may stop, or have no room for it."""

    def make_context(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - see below
        """Take what was asked for; `--help` prints already here."""
        with delivered():
            return super().make_context(*args, **named)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own types are private
        """Run the command that was asked for."""
        with delivered():
            return super().invoke(ctx)


app = typer.Typer(
    name="recordkeep",
    cls=Commands,
    help="Keep a US agency's recurring PDF reports: find, fetch, read, and never lose one.",
    epilog="Start with: recordkeep demo --dir demo-archive",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich's help takes half a second more
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

for group in (
    demo,
    running,
    backfill,
    status,
    extract,
    reading,
    originals,
    deciding,
    keeping,
    auditing,
    exporting,
    site,
    serving,
):
    group.add_to(app)


def main() -> NoReturn:
    """Run the command line; every error that we raise on purpose becomes a sentence and a code."""
    try:
        app()
    except (NotHeldError, UnknownSourceError) as error:
        failed(str(error), code=3)
    except SettingError as error:
        failed(str(error), code=2)
    except (StorageError, ScrapeError, ServerError, NotStartedError) as error:
        failed(str(error), code=1)
    raise SystemExit(0)
