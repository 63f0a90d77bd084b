"""An operator at work, for tests: runs come by the plan, alerts arrive, commands are typed.

The command line is the real one, called in this process; so are the store, the agency's site over
HTTP and the webhook that takes alerts. Runs are the flows' plain functions, without Prefect around
them, at times that are told to them.
"""

import hashlib
import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import audit, backfill, opening, reparse, week, weekly
from flows.settings import settings
from scrapers import sandbox, source
from scrapers.errors import ExtractionBugError
from scrapers.fetch import Fetcher, Policy
from scrapers.limits import Limits
from scrapers.wayback import Wayback
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.fixity import Report
from storage.ledger import Manifest, RunSummary
from storage.model import Reading
from tests import histories
from tests.agency import AgencySite
from tests.histories import SOURCE
from tests.listeners import Hook
from tests.pasts import Inline
from tests.test_cli import Answer, call
from tests.wayback import WaybackSite
from tests.weeks import EDITIONS, FIRST, Watch, fast_read, publish, real_read

RUNBOOK = Path(__file__).parents[1] / "deploy" / "RUNBOOK.md"
WEEK = timedelta(days=7)
LEARNED = b"in a new layout"
"""What a newer parser reads, and today's does not."""


def steps(section: str) -> str:
    """Give a section of the RUNBOOK."""
    return RUNBOOK.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]


def commands(section: str) -> set[str]:
    """Give the commands that a section names."""
    return set(re.findall(r"`(recordkeep [^`]+)`", steps(section)))


@dataclass(kw_only=True)
class Operator:
    """One who keeps an archive of three reports."""

    site: AgencySite
    wayback: WaybackSite
    hook: Hook
    folder: Path
    patch: pytest.MonkeyPatch
    now: datetime = field(default_factory=lambda: datetime.now(UTC) - 4 * WEEK)
    """When the next run is. It begins some weeks ago: what is typed is typed today."""
    typed: set[str] = field(default_factory=set)
    """Commands of the RUNBOOK that were typed."""

    @property
    def store(self) -> Directory:
        return Directory(self.folder / "archive")

    @property
    def manifest(self) -> Manifest:
        return Catalogue(self.store).manifest(SOURCE)

    def set(self, **variables: str) -> None:
        """Set settings by their variables' names in lower case, without the prefix."""
        for name, value in variables.items():
            self.patch.setenv(f"RECORDKEEP_{name.upper()}", value)
        settings.cache_clear()

    def begin(self) -> None:
        """Keep what there is, and read of its news."""
        assert self.look().code == 0
        self.hook.messages.clear()

    def look(self, flow: str = "run") -> Answer:
        """Let the plan run a flow a week later."""
        self.now += WEEK
        try:
            return self.call(f"recordkeep {flow} {SOURCE}")
        except RuntimeError:  # a bug ends the process, by which its exit code is 1
            return Answer(1, b"", "")

    def type(self, section: str, command: str, **words: str) -> Answer:
        """Type a command of a section of the RUNBOOK, with its words in capitals filled in."""
        assert command in commands(section)
        self.typed.add(command)
        self.now = max(self.now, datetime.now(UTC))
        return self.call(command, **words)

    def call(self, command: str, **words: str) -> Answer:
        """Call the command line."""
        filled = [{"SOURCE": SOURCE, **words}.get(word, word) for word in shlex.split(command)[1:]]
        if filled[0] in {"run", "backfill"}:
            filled += ["--site", self.site.url, "--wayback", self.wayback.origin]
        return call(*filled, cwd=self.folder)

    def letters(self, section: str) -> list[str]:
        """Give the alerts that name a section."""
        return [each for each in self.hook.bodies if f'the section "{section}" in' in each]

    def edit(self, old: str, new: str) -> None:
        """Edit the source's file."""
        name = f"scrapers.sources.{SOURCE}"
        text = Path(str(sys.modules[name].__file__)).read_text(encoding="utf-8")
        assert old in text
        path = self.folder / f"{SOURCE}.py"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.patch.setitem(sys.modules, name, module)


def read(path: Path, name: str, *, limits: Limits | None = None) -> Reading:
    """Read made reports; with a newer parser also those that the reader had stumbled over."""
    if path.name.startswith("week"):  # a replica: `doctor` reads one
        return real_read(path, name, limits=limits)
    parser = source.load(name).parser
    try:
        reading = fast_read(path, name, limits=limits)
    except ExtractionBugError:
        if parser == histories.PARSER:
            raise
        reading = _learned(path)
    if LEARNED in path.read_bytes() and parser > histories.PARSER:
        reading = _learned(path)
    return replace(reading, parser=parser)


def _learned(path: Path) -> Reading:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return replace(histories.reading("learned", 3, edition=FIRST), digest=digest)


def plainly(operator: Operator) -> None:
    """Let the command line run flows without Prefect, at the operator's times, without waits."""
    patch, watch = operator.patch, Watch()
    weekly_, audit_, backfill_ = weekly.weekly.fn, audit.audit.fn, backfill.backfill.fn

    def policy(**chosen: Any) -> Policy:
        return Policy(**chosen, retry_wait_s=0, timeout_s=10.0, connect_s=10.0)

    def load(*known: Any, **asked: Any) -> RunSummary:
        return backfill_(*known, **asked | {"at": operator.now})

    def run(*known: Any, **asked: Any) -> RunSummary:
        return weekly_(*known, **asked | {"at": operator.now})

    def check(name: str, store: str) -> Report:
        return audit_(name, store, at=operator.now)

    patch.setattr(opening, "Policy", policy)
    patch.setattr(opening, "Fetcher", watch.brought_to(Fetcher))
    patch.setattr(weekly, "edition", week.look)
    patch.setattr(weekly, "weekly", run)
    patch.setattr(audit, "audit", check)
    patch.setattr(backfill, "Wayback", watch.brought_to(Wayback))
    patch.setattr(backfill, "Processes", lambda _number: nullcontext(Inline()))
    patch.setattr(backfill, "backfill", load)
    patch.setattr(reparse, "reparse", reparse.reparse.fn)
    patch.setattr(sandbox, "read", read)
    # Made documents cannot be drawn; the log is read by nobody.
    patch.setattr("flows.previews.draw", lambda *_, **__: [])
    patch.setattr("flows.cli.running.log_here", lambda: None)


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: Hook) -> Iterator[Operator]:
    """An agency with three reports, an archive that holds nothing yet, and one who is told."""
    with AgencySite() as site, WaybackSite() as wayback:
        publish(site, *EDITIONS)
        made = Operator(site=site, wayback=wayback, hook=hook, folder=tmp_path, patch=monkeypatch)
        made.set(store=str(tmp_path / "archive"), alerts=hook.address, pause_s="0", audit_weeks="1")
        plainly(made)
        yield made
    settings.cache_clear()
