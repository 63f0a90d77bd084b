"""The schedule in the foreground: what is due runs, one after the other, in a process of its own.

What is due says the archive, not this process: what was missed while it was off is caught up, and
two of them at one archive do nothing twice. A run's memory goes with its process, a run that dies
takes nothing with it, and a new version of this program is taken up by the next run.
"""

import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flows import alerts, appointments, jitter
from flows.endings import Ending, listening
from flows.errors import EndedError
from flows.schedule import Planned
from flows.stopping import StoppedError, heeded
from storage import facts
from storage.errors import StorageError
from storage.ledger import RunSummary
from storage.objects import Objects

AGAIN_AFTER: Final = timedelta(hours=1)
"""What ended without a record is tried again after this, then after twice as long …"""
AGAIN_AT_MOST: Final = timedelta(days=1)
"""… and at last daily."""
LONGEST_S: Final = 12 * 3600.0
"""So long a run may take, as the units grant it; it goes on where it was stopped."""
PATIENCE_S: Final = 900.0
"""So long it may then take to finish the edition in hand."""
LOOK_S: Final = 60.0
"""The clock is looked at so often: a machine that slept wakes late by no more than this."""

logger = logging.getLogger("recordkeep")


@dataclass(slots=True, kw_only=True)
class Service:
    """A schedule that is being kept."""

    sources: Sequence[str]
    objects: Objects
    run: Callable[[Planned, frozenset[str]], Ending]
    """Runs one flow to its end; told of which ends of its earlier tries a person was told."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[float], object]
    """Waits so many seconds, or until asked to stop."""
    is_asked_to_stop: Callable[[], bool]
    tries: dict[str, int] = field(default_factory=dict)
    """Name in the plan -> how often it ended without a record, one after the other."""
    held: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """Name in the plan -> from when until when it is not run again, unless the clock is set back:
    what a clock says that is years ahead would else be waited for."""
    told: dict[str, set[str]] = field(default_factory=dict)
    """Name in the plan, "" for the store -> what ended its tries, of which a person was told."""
    all_well: bool = True
    """Whether all that ran is done, and none of it needs a person."""

    def keep(self, *, once: bool = False) -> None:
        """Run what is due, now and whenever it is, until asked to stop.

        Args:
            once: end when nothing is due any more, or all that is was tried.
        """
        while not self.is_asked_to_stop():
            due = self._due()
            if due:
                self._run(*due)
            elif once:
                return
            else:
                self._rest()

    def _due(self) -> tuple[Planned, RunSummary | None] | None:
        """Give what is to run now, and the last run of that flow until now; None for nothing."""
        now = self.clock()
        try:
            manifests = {source: facts.load(self.objects, source) for source in self.sources}
        except StorageError as error:
            self._without_store(error)
            return None
        self._is_over("")
        for each in appointments.due(manifests, now):
            if not self._is_held(each.name, now):
                return each, manifests[each.source].last_runs.get(each.flow)
        return None

    def _without_store(self, error: StorageError) -> None:
        self._cry("", ", ".join(self.sources), "scheduled", error, by=type(error).__name__)
        self.tries[""] = self.tries.get("", 0) + 1
        self.all_well = False
        logger.warning("the schedule waits for the store: %s", error)

    def _cry(self, name: str, source: str, flow: str, error: Exception, *, by: str) -> None:
        """Tell of an end that a person was not told of yet."""
        known = self.told.setdefault(name, set())
        if by not in known and alerts.cry(source, flow, error, self.clock()):
            known.add(by)

    def _is_over(self, name: str) -> None:
        self.tries.pop(name, None)
        self.told.pop(name, None)

    def _run(self, planned: Planned, before: RunSummary | None) -> None:
        end = self.run(planned, frozenset(self.told.get(planned.name, ())))
        self.all_well = self.all_well and end.by is None
        last = self._last(planned)
        is_recorded = last is not None and last != before
        now = self.clock()
        if self.is_asked_to_stop() or (last and is_recorded and not last.stopped):
            self._is_over(planned.name)
            if last and appointments.is_ahead(last, now):
                self.held[planned.name] = (now, appointments.next_after(planned, now))
            return
        if not is_recorded:
            self._tell(planned, end)
        times = self.tries[planned.name] = self.tries.get(planned.name, 0) + 1
        later = min(AGAIN_AFTER * 2 ** (times - 1), AGAIN_AT_MOST)
        self.held[planned.name] = (now, now + later)
        logger.warning("%s did not come to its end; again in %s", planned.name, later)

    def _is_held(self, name: str, now: datetime) -> bool:
        since, until = self.held.get(name, (now, now))
        return since <= now < until

    def _last(self, planned: Planned) -> RunSummary | None:
        try:
            return facts.load(self.objects, planned.source).last_runs.get(planned.flow)
        except StorageError:
            return None

    def _tell(self, planned: Planned, end: Ending) -> None:
        """Tell how a run ended that wrote no record, unless it did so itself."""
        self.all_well = False
        by = end.by or "exit code 0"
        if end.is_told:
            self.told.setdefault(planned.name, set()).add(by)
        else:
            self._cry(planned.name, planned.source, planned.flow, EndedError(by), by=by)

    def _rest(self) -> None:
        """Wait for the next appointment, or a while where something is to be tried again."""
        now = self.clock()
        until = appointments.wake(self.sources, now) + jitter.drawn()
        held = [to for name, (_, to) in self.held.items() if self._is_held(name, now)]
        until = min([until, *held])
        if "" in self.tries:
            until = min(until, now + min(AGAIN_AFTER * 2 ** (self.tries[""] - 1), AGAIN_AT_MOST))
        logger.info("nothing is due until %s UTC", f"{until.astimezone(UTC):%Y-%m-%d %H:%M}")
        while now <= self.clock() < until and not self.is_asked_to_stop():
            self.wait(min(LOOK_S, max(0.0, (until - self.clock()).total_seconds())))


def command(planned: Planned, store: str, more: Sequence[str] = ()) -> list[str]:
    """Give the command that runs a flow once, in this very installation."""
    program = [sys.executable, "-P", "-c", "from flows.cli import main; main()"]
    word = "run" if planned.flow == "weekly" else "audit"
    command = [*program, word, planned.source, "--store", store]
    if planned.flow == "weekly":
        weeks = planned.recheck_weeks
        command += [*more, *(["--recheck", str(weeks)] if weeks else [])]
    return command


def serve(
    sources: Sequence[str],
    store: str,
    objects: Objects,
    *,
    more: Sequence[str] = (),
    once: bool = False,
) -> bool:
    """Keep the schedule until SIGTERM or SIGINT, which also ends a run after its edition in hand.

    Gives whether all that ran is done, and needs nobody.

    Args:
        sources: whose schedule.
        store: a folder, or `s3://bucket/prefix`.
        objects: the same, opened.
        more: options for `recordkeep run`.
        once: catch up what was missed, and end.
    """
    running: list[subprocess.Popen[bytes]] = []

    def pass_on() -> None:
        for child in running:
            child.terminate()

    with heeded(also=pass_on) as stop:

        def run(planned: Planned, told: frozenset[str]) -> Ending:
            logger.info("%s is due", planned.name)
            with listening(told) as heard, _room() as folder:
                # In a session of its own, a Ctrl-C at the terminal reaches it once, from us.
                child = subprocess.Popen(  # noqa: S603 - our own program
                    command(planned, store, more),
                    env=os.environ | heard.environment | {"TMPDIR": folder},
                    pass_fds=[heard.writes],
                    start_new_session=True,
                )
                running.append(child)
                if stop.asked:
                    child.terminate()
                with _bounded(child):
                    code = child.wait()
                running.clear()
                return heard.ending(code)

        def wait(seconds: float) -> None:
            with suppress(StoppedError):
                stop.rest(seconds)

        service = Service(
            sources=sources,
            objects=objects,
            run=run,
            wait=wait,
            is_asked_to_stop=lambda: stop.asked,
        )
        service.keep(once=once)
    return service.all_well


def _room() -> "tempfile.TemporaryDirectory[str]":
    """Give a run a folder for what it downloads: one that is killed would clear nothing away."""
    return tempfile.TemporaryDirectory(prefix="recordkeep-", ignore_cleanup_errors=True)


@contextmanager
def _bounded(child: "subprocess.Popen[bytes]") -> Generator[None]:
    """Ask a run that hangs to stop, and then kill it: no other would ever be made."""
    ends = [
        threading.Timer(LONGEST_S, child.terminate),
        threading.Timer(LONGEST_S + PATIENCE_S, child.kill),
    ]
    for end in ends:
        end.daemon = True
        end.start()
    try:
        yield
    finally:
        for end in ends:
            end.cancel()
