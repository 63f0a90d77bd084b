"""How a source stands: what `recordkeep status` shows. Pure: manifest and time in, words out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows import appointments, outside, remedies
from flows.events import LOADS, LOOKS, PUBLISHES
from flows.outcomes import refused
from flows.overdue import due_on
from scrapers.source import Source
from storage import layout
from storage.ledger import Manifest, RunSummary
from storage.model import Json, iso
from storage.needs import Need

SILENT_AFTER = timedelta(days=15)
"""No run for two weeks and a day: the schedule, which is weekly, has missed two."""
LONGEST_RUN = timedelta(days=1)
"""A run that has not ended after this has died."""
_TOLD_FRESH = frozenset({remedies.QUARANTINE, remedies.OVERDUE})
"""What is told from how things stand now, whatever the last run said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One source, at one time."""

    source: str
    title: str | None
    last_run: RunSummary | None
    """The last weekly one."""
    last_new_at: datetime | None
    last_looked_at: datetime | None
    """When the site was last looked at successfully."""
    due_on: date | None
    """By when something new is in time; None in a known silence."""
    overdue: bool
    counts: dict[str, int]
    """What is held: editions, versions, removed, quarantined."""
    needs: tuple[Need, ...]
    unasked: tuple[str, ...] = ()
    """Addresses whose past was not asked for, see `outside.unasked`."""
    published: bool = True
    """Whether the web pages, and so the datasets, are of what is held; nothing held needs none."""
    last_backfill: RunSummary | None = None
    next_run: datetime | None = None
    """When the site is looked at next, where the plan is kept; None where none is planned."""

    def to_json(self) -> Json:
        """Shape: the fields by name; each need with `do`, what to do in a line."""
        last = self.last_run
        run = {} if last is None else last.to_json()
        needs = [
            {**each.to_json(), "do": remedies.REMEDIES.get(each.section)} for each in self.needs
        ]
        return {
            "source": self.source,
            "title": self.title,
            "last_run": _ending(last),
            "last_backfill": _ending(self.last_backfill),
            "outcomes": outcome_counts(last),
            "messages": run.get("messages", []),
            "last_new_at": iso(self.last_new_at) if self.last_new_at else None,
            "last_looked_at": iso(self.last_looked_at) if self.last_looked_at else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "overdue": self.overdue,
            "published": self.published,
            "unasked": list(self.unasked),
            "next_run": iso(self.next_run) if self.next_run else None,
            "held": self.counts,
            "needs": needs,
        }


def _ending(run: RunSummary | None) -> Json | None:
    told = ("run", "started_at", "finished_at", "status", "requests", "bytes_received")
    shown = run.to_json() if run else {}
    return {name: shown[name] for name in told} if run else None


def outcome_counts(run: RunSummary | None) -> dict[str, int]:
    """Count a run's outcomes."""
    return dict(sorted(Counter(run.outcomes.values()).items())) if run else {}


def standing(
    manifest: Manifest, series: Source | None, now: datetime, *, published: bool = True
) -> Standing:
    """Say how a source stands.

    Args:
        manifest: with all that was written.
        series: None where its file is no longer there.
        now: the time.
        published: whether the web pages are of this manifest.
    """
    due = due_on(series.cadence, manifest.last_new_at, now) if series else None
    documents = manifest.documents.values()
    counts = {
        "editions": len(manifest.by_edition),
        "versions": sum(document.is_version for document in documents),
        "removed": sum(map(manifest.is_removed, manifest.by_edition)),
        "quarantined": sum(document.status == "quarantined" for document in documents),
    }
    return Standing(
        source=manifest.source,
        title=series.title if series else None,
        last_run=manifest.last_runs.get(LOOKS),
        last_new_at=manifest.last_new_at,
        last_looked_at=manifest.last_complete_at,
        due_on=due,
        overdue=due is not None and now.date() > due,
        counts=counts,
        needs=tuple(_needs(manifest, due, now)),
        unasked=tuple(outside.unasked(manifest, series.prefixes)) if series else (),
        published=published or not manifest.by_edition,
        last_backfill=manifest.last_runs.get(LOADS),
        next_run=appointments.next_run(manifest.source, now),
    )


def _needs(manifest: Manifest, due: date | None, now: datetime) -> Iterator[Need]:
    for flow in ("audit", LOADS, PUBLISHES, LOOKS):
        run = manifest.last_runs.get(flow)
        yield from (each for each in (run.needs if run else ()) if each.section not in _TOLD_FRESH)
    for document in manifest.documents.values():
        if why := refused(document):
            text = f"{why} ({document.digest[:12]}…)"
            yield Need(section=remedies.QUARANTINE, text=text, edition=document.edition)
    yield from _silence(manifest, now)
    if due is not None and now.date() > due:
        new = manifest.last_new_at
        since = f"since {new:%Y-%m-%d}" if new else "ever"
        text = f"nothing new {since}; something was due by {due}"
        yield Need(section=remedies.OVERDUE, text=text)


def _silence(manifest: Manifest, now: datetime) -> Iterator[Need]:
    last = manifest.last_runs.get(LOOKS)
    if last is None:
        yield Need(section=remedies.NO_RUN, text="no weekly run has ended yet")
    elif now - last.finished_at > SILENT_AFTER:
        text = f"the last run ended {(now - last.finished_at).days} days ago"
        yield Need(section=remedies.NO_RUN, text=f"{text}, on {last.finished_at:%Y-%m-%d}")
    parts = [key for key in manifest.facts if layout.kind(key) == "runs"]
    newest = max(parts, default=None)
    if newest is None:
        return
    ended = any(run.run in newest for run in manifest.last_runs.values())
    if not ended and now - layout.written_at(newest) > LONGEST_RUN:
        text = (
            f"a run was last heard of on {layout.written_at(newest):%Y-%m-%d %H:%M} and never ended"
        )
        yield Need(section=remedies.NO_RUN, text=text)
