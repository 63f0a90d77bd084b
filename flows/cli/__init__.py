"""`recordkeep …`: the command line. A module per group of commands; heavy imports inside them."""

import sys
from typing import NoReturn

import typer

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
from flows.cli.output import failed
from flows.errors import ServerError, SettingError
from scrapers.errors import ScrapeError, UnknownSourceError
from storage.errors import NotHeldError, StorageError

app = typer.Typer(
    name="recordkeep",
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
    except (StorageError, ScrapeError, ServerError) as error:
        failed(str(error), code=1)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    raise SystemExit(0)
