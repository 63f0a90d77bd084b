"""A run's record, written while it runs: observations, pages seen, and how it ended."""

import hashlib
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from flows import alerts, heartbeat, metrics
from flows.events import PUBLISHES, TOLD, News, Seen
from flows.messages import Messages
from scrapers.page import Page
from storage.archive import Archive
from storage.archived import MementoRef
from storage.digests import digest_of
from storage.ledger import RunSummary
from storage.model import NEEDS_A_PERSON, Outcome
from storage.needs import Need
from storage.redirects import Redirect
from storage.runs import NoticeSeen, Observation, PageSeen, RunPart
from storage.searches import Searched

PART_OBSERVATIONS = 100
"""A part is written after so many observations that say or cost something: of what is not
"unchanged", of the Archive's captures, or of a document whose whole bytes were fetched …"""
PART_AGE = timedelta(minutes=5)
"""… or after this time, if there is any, so that a run that dies loses little of what it has seen
and fetches little again, and a week of 304s is written down in one part however long it takes."""
_GRAVEST_FIRST: tuple[Outcome, ...] = (
    "failed",
    "blocked",
    "quarantined",
    "revision",
    "amendment",
    "reissue",
    "new",
    "returned",
    "gone",
    "delisted",
    "unchanged",
)

_TOLD: frozenset[Outcome] = frozenset(
    {"revision", "amendment", "reissue", "returned", "gone", "delisted"}
)
"""Outcomes that are worth a message though they need nobody."""

logger = logging.getLogger("recordkeep")


class RunRecord:
    """What one run has observed so far."""

    def __init__(self, archive: Archive, flow: str) -> None:
        """Begin the record of a run of `flow` on the archive's source."""
        self.archive = archive
        self.run = uuid.uuid4().hex[:12]
        self.flow = flow
        self.started_at = archive.now()
        self.outcomes: dict[str, Outcome] = {}
        self.met: set[str] = set()
        """Editions that were looked for at an address, other than those that were only read."""
        self.messages = Messages()
        self.needs: list[Need] = []
        self.pages_were_read = False
        """Whether the site was seen properly: else the run is incomplete, with no removal."""
        self.has_new = False
        """Whether something `new` was found."""
        self.stopped = False
        """Whether the run was asked to stop before its end."""
        self.reread: Callable[[str], bool] | None = None
        """Of an audit: whether it re-read the object of that key."""
        self.pages_before = archive.manifest.pages
        """The listing pages as they were known when the run began."""
        self.looked_at: set[str] = set()
        """Addresses of the listing pages that the agency itself showed."""
        self.addresses: set[str] = set()
        """Where documents were asked for."""
        self.linked: tuple[str, ...] = ()
        """What the agency's pages linked to, see `RunPart.linked`; in each part from then on."""
        self._searched: Searched | None = None
        self._redirects: list[Redirect] = []
        self._news: list[News] = []
        self._notices: list[NoticeSeen] = []
        self._observations: list[Observation] = []
        self._digests: set[str] = set()
        self._pages: list[PageSeen] = []
        self._parts = 0
        self._part_began_at = self.started_at
        self._told = 0

    def observe(self, observation: Observation, section: str | None = None) -> None:
        """Take down what was found of an edition; the gravest outcome of an edition stands.

        Args:
            observation: what was found.
            section: of the RUNBOOK, where a person must see to it.
        """
        self._observations.append(observation)
        self._digests |= {observation.digest} if observation.digest else set()
        name, outcome = observation.edition, observation.outcome
        self._ends(name, outcome)
        if observation.url:
            self.met.add(name)
            self.addresses.add(observation.url)
        detail = f": {observation.detail}" if observation.detail else ""
        logger.info("%s %s %s%s", self.archive.source, name, outcome, detail)
        if section:
            about = observation.digest if outcome == "quarantined" else None
            self.need(section, observation.detail or outcome, edition=name, about=about)
        elif outcome in _TOLD:
            self.messages.tell(f"{name}: {outcome}{detail}", outcome)
        if outcome in TOLD:
            self._news.append(News(name, outcome, observation.digest))
        is_costly = observation.evidence == "body" or observation.memento is not None
        self._told += outcome != "unchanged" or is_costly
        self.has_new = self.has_new or outcome == "new"
        old = observation.at - self._part_began_at >= PART_AGE
        if self._told >= PART_OBSERVATIONS or (self._told and old):
            self._write(summary=None)

    def note(self, observation: Observation) -> None:
        """Take down what says nothing of how an edition stands in this run."""
        self._observations.append(observation)
        self._count_archived()

    def _count_archived(self) -> None:
        """Write a part now and then: what is lost of the Archive's captures is fetched again."""
        self._told += 1
        if self._told >= PART_OBSERVATIONS:
            self._write(summary=None)

    def write_down(self) -> None:
        """Write what was observed so far as a part, if anything was, so that the index has it."""
        if self._observations or self._pages or self._redirects:
            self._write(summary=None)

    def _ends(self, edition: str, outcome: Outcome) -> None:
        known = self.outcomes.get(edition, outcome)
        self.outcomes[edition] = min(outcome, known, key=_GRAVEST_FIRST.index)

    def overlook(self, editions: Iterable[str], outcome: Outcome) -> None:
        """Say of editions that this run could not look at them, where nothing else is said."""
        for edition in editions:
            self.outcomes.setdefault(edition, outcome)

    def has_seen(self, digest: str) -> bool:
        """Whether this run has taken down something of that document."""
        return digest in self._digests

    def saw(self, page: Page, memento: MementoRef | None = None) -> None:
        """Take down a listing page, and keep it where its links or notices are new.

        Args:
            page: as it was served.
            memento: the Archive's captures of it; None for a page that we saw ourselves.
        """
        notices = tuple(
            NoticeSeen(
                kind=notice.kind,
                text=notice.text,
                said_on=notice.said_on.isoformat() if notice.said_on else None,
            )
            for notice in page.notices()
        )
        known = self.archive.manifest.notices
        if memento is None:
            self.looked_at.add(page.url)
            self._notices += [notice for notice in notices if notice.text not in known]
        told = [[link.url, link.text] for link in page.links()]
        content = digest_of([told, [n.text for n in notices]])
        seen = PageSeen(
            at=page.at,
            url=page.url,
            digest=page.digest,
            ext="html",
            content=content,
            notices=notices,
            memento=memento,
        )
        self._saw(seen, page.body)
        if memento is not None:
            self._count_archived()

    def saw_robots(self, url: str, at: datetime, body: bytes) -> None:
        """Take down robots.txt, and keep it where it is new."""
        digest = hashlib.sha256(body).hexdigest()
        self._saw(PageSeen(at=at, url=url, digest=digest, ext="txt", content=digest), body)

    def _saw(self, seen: PageSeen, body: bytes) -> None:
        told = (seen.url, seen.content)
        pages = self.archive.manifest.pages
        same = [each.digest for each in pages.values() if (each.url, each.content) == told]
        same += [each.digest for each in self._pages if (each.url, each.content) == told]
        taken = self.archive.manifest.mementos.get(seen.memento.digest) if seen.memento else None
        # A document, served where a page stood or the other way, may have the very bytes.
        same = [taken.digest] if taken and taken.digest and taken.digest in pages else same
        if not same:
            self.archive.page(seen, body)
        self._pages.append(replace(seen, digest=min(same, default=seen.digest)))

    def followed(self, redirect: Redirect) -> None:
        """Take down where a captured redirect led, so that it is not asked for again."""
        self._redirects.append(redirect)
        self._count_archived()

    def took_in(self, searched: Searched) -> None:
        """Take down what the Archive was asked for, once all that it has of that is taken in."""
        self._searched = searched

    def say(self, message: str, kind: str | None = None) -> None:
        """Take down a sentence for the operator.

        Args:
            message: the sentence.
            kind: what it has in common with others, where a run may have very many of them.
        """
        level = logging.WARNING if self.messages.tell(message, kind) else logging.INFO
        logger.log(level, "%s: %s", self.archive.source, message)

    def need(
        self,
        section: str,
        text: str,
        *,
        edition: str | None = None,
        grave: int = 0,
        about: str | None = None,
    ) -> None:
        """Take down that a person must see to something; the arguments are those of `Need`."""
        need = Need(section=section, text=text, edition=edition, grave=grave, about=about)
        self.needs.append(need)
        self.messages.tell(f"{edition}: {text}" if edition else text, section)

    def finish(self, *, requests: int, bytes_received: int, overdue: bool) -> RunSummary:
        """Tell who is to be told, write the last part, publish the manifest and the figures."""
        clean = NEEDS_A_PERSON.isdisjoint(self.outcomes.values())
        summary = RunSummary(
            run=self.run,
            flow=self.flow,
            source=self.archive.source,
            started_at=self.started_at,
            finished_at=self.archive.now(),
            status="complete" if clean and self.pages_were_read else "incomplete",
            outcomes=dict(sorted(self.outcomes.items())),
            requests=requests,
            bytes_received=bytes_received,
            overdue=overdue,
            messages=(*self.archive.warnings, *self.messages.all),
            needs=tuple(self.needs),
            stopped=self.stopped,
        )
        summary = alerts.tell(summary, self._seen(), self.archive.manifest)
        self._write(summary=summary)
        alerts.Watch.has_record = True
        self.archive.publish()
        metrics.report(self.archive)
        if self.flow != PUBLISHES:  # it is part of a run that has asked already
            heartbeat.ping(summary)
        counted = Counter(summary.outcomes.values())
        told = ", ".join(f"{n} {outcome}" for outcome, n in sorted(counted.items()))
        logger.info("%s run %s: %s", self.archive.source, summary.status, told or "no editions")
        return summary

    def _seen(self) -> Seen:
        return Seen(
            news=tuple(self._news),
            notices=tuple(self._notices),
            pages_were_read=self.pages_were_read,
            reread=self.reread,
        )

    def _write(self, summary: RunSummary | None) -> None:
        self._parts += 1
        self._told = 0
        part = RunPart(
            source=self.archive.source,
            run=self.run,
            part=self._parts,
            flow=self.flow,
            started_at=self.started_at,
            observations=tuple(self._observations),
            pages=tuple(self._pages),
            linked=self.linked,
            redirects=tuple(self._redirects),
            searched=self._searched,
            summary=summary,
        )
        self.archive.record(part)
        self._observations, self._pages, self._redirects, self._searched = [], [], [], None
        self._part_began_at = self.archive.now()
