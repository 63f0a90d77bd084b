"""What Prefect's pages show of a run: tags, how far it is, outcomes with links to the catalogue."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar, cast

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
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
T = TypeVar("T")


def tag(*tags: str) -> None:
    """Tag the run that this is called in, besides the tags of its deployment; show what it logs."""
    if flow_run.id is None:
        return
    # Prefect's own setting names whose log its pages show, and leaves that at warnings.
    logging.getLogger("recordkeep").setLevel(logging.INFO)
    with get_client(sync_client=True) as client:
        known = client.read_flow_run(flow_run.id).tags
        if missing := set(tags) - set(known):
            client.update_flow_run(flow_run.id, tags=[*known, *sorted(missing)])


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
