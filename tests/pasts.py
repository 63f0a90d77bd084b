"""Backfills as plain functions, from the simulated agency and a replica of the Wayback Machine."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows import backfill, extraction, opening, weekly
from flows.desk import Desk
from flows.extraction import Extracted, Task
from flows.past import Span
from flows.plan import Plan
from scrapers.wayback import Wayback
from storage.ledger import Manifest, RunSummary
from tests import weeks
from tests.agency import AgencySite
from tests.histories import SOURCE, on
from tests.wayback import WaybackSite
from tests.weeks import Watch, Weeks

HOST = "https://www.ice.gov"
PAGE = f"{HOST}/declined-detainer-outcome-report"


class _There:
    """Readers of whom none is missing."""

    def missing(self) -> str | None:
        return None


class Inline(_There):
    """Readers that are done at once, in the flow's own process."""

    def submit(self, task: Task, done: Callable[[Extracted | None], None]) -> None:
        done(extraction.extract(task))


class Slow(_There):
    """Readers that are done when everything was handed over, and not before."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._waited_for = threading.Event()

    def submit(self, task: Task, done: Callable[[Extracted | None], None]) -> None:
        self._thread.submit(self._read, task, done)

    def _read(self, task: Task, done: Callable[[Extracted | None], None]) -> None:
        assert self._waited_for.wait(30)
        done(extraction.extract(task))

    def close(self, desk: Desk) -> None:
        """Let a desk wait for all that was handed over."""
        self._waited_for.set()
        real_close(desk)


real_close = Desk.close


class Lost(_There):
    """Readers that die."""

    def submit(self, task: Task, done: Callable[[Extracted | None], None]) -> None:
        assert task.digest
        done(None)


@dataclass(kw_only=True)
class Pasts(Weeks):
    """An archive, the agency and the Wayback Machine that it looks at."""

    wayback: WaybackSite

    def week(self, day: float) -> RunSummary:
        """Look at the agency, and load the past of what it links to anew, as the flow does."""
        with opening.opened(SOURCE, self.store, site=self.site.url, pause_s=0, at=on(day)) as work:
            summary = weekly.look_at_all(work)
            past = weekly.past_owed(work)
        if past:
            self.load(day, *past.origins, since=past.since, until=past.until)
        return summary

    def load(
        self,
        day: float,
        *origins: Any,
        readers: Any = None,
        polite: bool = False,
        **span: Any,
    ) -> RunSummary:
        """Load the past so many days after the agency's first report; waits cost nothing."""
        chosen = Span(origins=origins or ("agency", "wayback"), **span)
        with backfill.opened_past(
            SOURCE,
            self.store,
            chosen,
            readers=readers or Inline(),
            site=self.site.url,
            wayback=self.wayback.origin,
            pause_s=None if polite else 0,
            at=on(day),
        ) as past:
            return backfill.load(past)

    def keep_only(self, day: float) -> RunSummary:
        """Load the past and read nothing."""
        with backfill.opened_past(
            SOURCE,
            self.store,
            Span(),
            readers=None,
            site=self.site.url,
            wayback=self.wayback.origin,
            pause_s=0,
            at=on(day),
        ) as past:
            return backfill.load(past)

    def plan(self, **span: Any) -> Plan:
        return backfill.planned(
            SOURCE,
            self.store,
            Span(**span),
            site=self.site.url,
            wayback=self.wayback.origin,
            pause_s=0,
        )

    def captured(self, name: str, day: float, body: bytes, **how: Any) -> None:
        """Let the Archive have captured an address of the agency."""
        self.wayback.capture(f"{HOST}{name}", on(day), body, **how)


def listing(*links: tuple[str, str], notices: tuple[str, ...] = ()) -> bytes:
    """The listing page as it once stood: addresses and texts of links, newest first."""
    said = "".join(f"<p>{notice}</p>" for notice in notices)
    items = "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in links)
    return f"<html><body><main><h1>Reports</h1>{said}<ul>{items}</ul></main></body></html>".encode()


def history(manifest: Manifest) -> dict[str, object]:
    """What must not depend on the order of work; times to the hour."""

    def hour(at: object) -> str:
        return str(at)[:13]

    return {
        "versions": [
            (e, v.number, v.kind, v.document.status, v.document.digest, hour(v.first_seen))
            for e in manifest.by_edition
            for v in manifest.versions(e)
        ],
        "timelines": {
            e: [(s.state, s.digest, hour(s.first), hour(s.last), s.count) for s in spans]
            for e, spans in manifest.timelines.items()
        },
        "as of": {
            (e, number): (
                (s.digest, hour(s.seen_at), hour(s.next_seen_at), hour(s.removed_at)),
                [(each.digest, hour(each.first), hour(each.last)) for each in s.aside],
            )
            for e in manifest.timelines
            for number in range(60)
            if (s := manifest.as_of(e, on(number)))
        },
        "pages": sorted((p.content, hour(p.first), p.count) for p in manifest.pages.values()),
        "notices": sorted((n.text, hour(n.first)) for n in manifest.notices.values()),
    }


def day(number: float) -> date:
    return on(number).date()


def quicker(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Let backfills wait for nothing and read made reports, as weeks do."""
    # A busy machine is no slow agency: what is compared must not depend on it.
    watch = weeks.quicker(monkeypatch, timeout_s=30.0, connect_s=30.0)
    monkeypatch.setattr(backfill, "Wayback", watch.brought_to(Wayback))
    return watch


def made(folder: Path, watch: Watch, site: AgencySite, archive: WaybackSite) -> Pasts:
    return Pasts(site=site, store=str(folder), watch=watch, wayback=archive)


@pytest.fixture
def pasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pasts]:
    """An agency with three reports, an Archive and a store that hold nothing yet."""
    watch = quicker(monkeypatch)
    with AgencySite() as site, WaybackSite(revisits=True) as archive:
        weeks.publish(site, *weeks.EDITIONS)
        yield made(tmp_path / "archive", watch, site, archive)
