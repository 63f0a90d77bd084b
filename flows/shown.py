"""What Prefect's pages show of a run: tags, its log, how far it is, outcomes with links."""

import logging
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar, cast

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.logging.handlers import APILogHandler
from prefect.runtime import flow_run

from flows import links, remedies
from flows.progress import Progress
from storage.ledger import RunSummary

if TYPE_CHECKING:
    from uuid import UUID

ROWS: Final = 200
"""So many editions are shown; those that are unchanged come last."""
EVERY_S: Final = 10.0
"""Seconds from one report of long work's progress to the next."""
GATHERED_S: Final = 1.0
GATHERED_CHARACTERS: Final = 10_000
"""So long a line waits for others, and so many characters make one entry of the log at most:
Prefect Cloud cuts what has more than 25,000 bytes."""
T = TypeVar("T")
_logger = logging.getLogger("recordkeep")


def tag(*tags: str) -> None:
    """Tag the run that this is called in, besides the tags of its deployment; show what it logs."""
    if flow_run.id is None:
        return
    # Prefect's own setting names whose log its pages show, and leaves that at warnings.
    _logger.setLevel(logging.INFO)
    with get_client(sync_client=True) as client:
        known = client.read_flow_run(flow_run.id).tags
        if missing := set(tags) - set(known):
            client.update_flow_run(flow_run.id, tags=[*known, *sorted(missing)])


class _Gathering(logging.Handler):
    """Hands lines that come in quick succession on as one entry; one that comes alone at once."""

    def __init__(self, inner: logging.Handler, run: str) -> None:
        super().__init__(inner.level)
        self.inner = inner
        self._run = run
        self._first: logging.LogRecord | None = None
        self._lines: list[str] = []
        self._characters = 0
        self._handed_on_at = -GATHERED_S
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; hand on those that are due. An entry has one level."""
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - as every handler does: the run goes on
            self.handleError(record)
            return
        is_full = self._characters + len(line) > GATHERED_CHARACTERS
        if self._first and (is_full or self._first.levelno != record.levelno):
            self.flush()
        self._first = self._first or record
        self._lines.append(line)
        self._characters += len(line) + 1
        if monotonic() - self._handed_on_at >= GATHERED_S:
            self.flush()
        elif self._timer is None:
            # In this context, Prefect's settings are those of the run.
            self._timer = threading.Timer(GATHERED_S, copy_context().run, [self.flush])
            self._timer.daemon = True
            self._timer.start()

    def flush(self) -> None:
        """Hand on what was taken."""
        self.acquire()
        try:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            if self._first:
                entry, text = copy(self._first), "\n".join(self._lines)
                self._first, self._lines, self._characters = None, [], 0
                self._handed_on_at = monotonic()
                entry.msg, entry.args = text, None
                entry.exc_info = entry.exc_text = entry.stack_info = None  # the lines have them
                entry.flow_run_id = self._run  # of lines from threads that know no run, too
                self.inner.handle(entry)
        finally:
            self.release()


@contextmanager
def gathered(*tags: str) -> Generator[None]:
    """Tag the run, and show the log's lines in few entries for as long as the block lasts.

    An entry costs Prefect's client a third of the time that it takes to load a document, however
    many lines it has.
    """
    tag(*tags)
    run = flow_run.id
    shipping = [each for each in _logger.handlers if run and isinstance(each, APILogHandler)]
    gathering = [_Gathering(each, str(run)) for each in shipping]
    for each in gathering:
        _logger.removeHandler(each.inner)
        _logger.addHandler(each)
    try:
        yield
    finally:
        for each in gathering:
            _logger.addHandler(each.inner)
            _logger.removeHandler(each)
            each.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Progress as Prefect's pages show it, beside whoever else is told."""

    inner: Progress
    key: str
    """Of the artifact: small letters, digits and dashes."""

    def says(self, text: str) -> None:
        """Say what is being done."""
        self.inner.says(text)

    def over(self, items: Sequence[T], what: str) -> Iterator[T]:
        """Give the items one after the other; their artifact tells how many are done."""
        given = self.inner.over(items, what)
        if flow_run.id is None or not items:
            yield from given
            return
        # Prefect's lists show the description alone, without the bar.
        said = f"{what}: {{}} of {len(items)}"
        made = create_progress_artifact(0.0, key=self.key, description=said.format(0))
        artifact = cast("UUID", made)  # a coroutine only where the flow is one
        told_at = monotonic()
        for number, item in enumerate(given):
            if monotonic() - told_at >= EVERY_S:
                progress = 100 * number / len(items)
                update_progress_artifact(artifact, progress, description=said.format(number))
                told_at = monotonic()
            yield item
        update_progress_artifact(artifact, 100.0, description=said.format(len(items)))


def outcomes(summary: RunSummary, kind: str = "outcomes") -> None:
    """Leave an artifact: how the run ended, what needs a person, what became of each edition.

    Args:
        summary: of the run; where Prefect does not run it, nothing is left.
        kind: begins the artifact's key, under which Prefect shows one after the other.
    """
    if flow_run.id is None:
        return
    create_markdown_artifact(
        key=f"{kind}-{summary.source.replace('_', '-')}",
        markdown="\n".join(_lines(summary)),
        description=f"{summary.source}: {summary.flow} {summary.status}, {_counted(summary)}",
    )


def _counted(summary: RunSummary) -> str:
    counts = sorted(Counter(summary.outcomes.values()).items())
    return ", ".join(f"{number} {outcome}" for outcome, number in counts) or "no editions"


def _lines(summary: RunSummary) -> Iterator[str]:
    overdue = ", overdue" if summary.overdue else ""
    cost = f"{summary.requests:,} requests, {summary.bytes_received:,} bytes received"
    yield f"**{summary.status}{overdue}**: {cost}"
    if front := links.front():
        yield f"\n[Catalogue]({front})"
    if summary.needs:
        yield "\n## This needs a person\n"
    for need in summary.needs[:ROWS]:
        about = f"{need.edition}: " if need.edition else ""
        yield f"- **{_plain(need.section)}**: {_plain(about + need.text)}"
        yield f"  {_plain(remedies.REMEDIES.get(need.section, ''))}"
    if summary.outcomes:
        yield "\n## Editions\n\n| edition | outcome |\n|---|---|"
    rows = sorted(summary.outcomes.items(), key=lambda row: (row[1] == "unchanged", row[0]))
    for edition, outcome in rows[:ROWS]:
        page = links.edition(summary.source, edition)
        name = _plain(edition)
        yield f"| [{name}]({page}) | {outcome} |" if page else f"| {name} | {outcome} |"
    if len(rows) > ROWS:
        yield f"\nand {len(rows) - ROWS:,} more"
    if summary.messages:
        yield "\n## Messages\n"
    yield from (f"- {_plain(message)}" for message in summary.messages)


def _plain(text: str) -> str:
    """Take away what Markdown would read as its own; texts come from outside."""
    folded = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{sign}" if sign in r"\`*_[]|" else sign for sign in folded)
