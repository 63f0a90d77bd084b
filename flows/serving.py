"""The schedule in the foreground: what is due runs, one after the other, in a process of its own.

What is due says the archive, not this process: what was missed while it was off is caught up, and
two of them at one archive do nothing twice. A run's memory goes with its process, a run that dies
takes nothing with it, and a new version of this program is taken up by the next run.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flows import alerts, appointments, jitter
from flows.schedule import Planned
from flows.stopping import heeded
from storage import facts
from storage.errors import StorageError
from storage.ledger import Manifest
from storage.objects import Objects

AGAIN_AFTER: Final = timedelta(hours=1)
"""What ended without a record is tried again after this, then after twice as long …"""
AGAIN_AT_MOST: Final = timedelta(days=1)
"""… and at last daily."""
LEEWAY: Final = timedelta(seconds=5)
"""A child's clock and ours are the same one; reading it takes a moment."""
LOOK_S: Final = 60.0
"""The clock is looked at so often: a machine that slept wakes late by no more than this."""

logger = logging.getLogger("recordkeep")


@dataclass(slots=True, kw_only=True)
class Service:
    """A schedule that is being kept."""

    sources: Sequence[str]
    objects: Objects
    run: Callable[[Planned, bool], None]
    """Runs one flow to its end; told whether it is a further try after one without a record."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[float], object]
    """Waits so many seconds, or until asked to stop."""
    is_asked_to_stop: Callable[[], bool]
    tries: dict[str, int] = field(default_factory=dict)
    """Name in the plan -> how often it ended without a record, one after the other."""
    not_before: dict[str, datetime] = field(default_factory=dict)

    def keep(self, *, once: bool = False) -> None:
        """Run what is due, now and whenever it is, until asked to stop.

        Args:
            once: end when nothing is due any more, or all that is was tried.
        """
        while not self.is_asked_to_stop():
            planned = next(iter(self._due()), None)
            if planned:
                self._run(planned)
            elif once:
                return
            else:
                self._rest()

    def _due(self) -> list[Planned]:
        now = self.clock()
        try:
            found = appointments.due(self._manifests(), now)
        except StorageError as error:
            self._without_store(error)
            return []
        self.tries.pop("", None)
        return [each for each in found if self.not_before.get(each.name, now) <= now]

    def _manifests(self) -> dict[str, Manifest]:
        return {source: facts.load(self.objects, source) for source in self.sources}

    def _without_store(self, error: StorageError) -> None:
        if "" not in self.tries:
            alerts.cry(", ".join(self.sources), "scheduled", error, self.clock())
        self.tries[""] = self.tries.get("", 0) + 1
        logger.warning("the schedule waits for the store: %s", error)

    def _run(self, planned: Planned) -> None:
        began = self.clock()
        self.run(planned, planned.name in self.tries)
        if self.is_asked_to_stop() or self._has_record(planned, began):
            self.tries.pop(planned.name, None)
            return
        times = self.tries[planned.name] = self.tries.get(planned.name, 0) + 1
        later = min(AGAIN_AFTER * 2 ** (times - 1), AGAIN_AT_MOST)
        self.not_before[planned.name] = self.clock() + later
        logger.warning("%s ended without a record; again in %s", planned.name, later)

    def _has_record(self, planned: Planned, began: datetime) -> bool:
        try:
            last = facts.load(self.objects, planned.source).last_runs.get(planned.flow)
        except StorageError:
            return False
        # An archive's time may run ahead of the clock, see `Archive.now`.
        return last is not None and not last.stopped and last.started_at >= began - LEEWAY

    def _rest(self) -> None:
        """Wait for the next appointment, or a while where something is to be tried again."""
        now = self.clock()
        until = appointments.wake(self.sources, now) + jitter.drawn()
        until = min([until, *(at for at in self.not_before.values() if at > now)])
        if "" in self.tries:
            until = min(until, now + min(AGAIN_AFTER * 2 ** (self.tries[""] - 1), AGAIN_AT_MOST))
        logger.info("nothing is due until %s UTC", f"{until.astimezone(UTC):%Y-%m-%d %H:%M}")
        while self.clock() < until and not self.is_asked_to_stop():
            self.wait(min(LOOK_S, max(0.0, (until - self.clock()).total_seconds())))


def command(planned: Planned, store: str, more: Sequence[str] = ()) -> list[str]:
    """Give the command that runs a flow once, in this very installation."""
    program = [sys.executable, "-c", "from flows.cli import main; main()"]
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
) -> None:
    """Keep the schedule until SIGTERM or SIGINT, which also ends a run after its edition in hand.

    Args:
        sources: whose schedule.
        store: a folder, or `s3://bucket/prefix`.
        objects: the same, opened.
        more: options for `recordkeep run`.
        once: catch up what was missed, and end.
    """
    asked = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def stop() -> None:
        asked.set()
        for child in running:
            child.terminate()

    def run(planned: Planned, is_retry: bool) -> None:  # noqa: FBT001 - as `Service.run` says
        logger.info("%s is due", planned.name)
        environment = os.environ | ({"RECORDKEEP_RETRYING": "1"} if is_retry else {})
        # In a session of its own, a Ctrl-C at the terminal reaches it once, from us.
        child = subprocess.Popen(  # noqa: S603 - our own program
            command(planned, store, more), env=environment, start_new_session=True
        )
        running.append(child)
        if asked.is_set():
            child.terminate()
        child.wait()
        running.clear()

    with heeded(also=stop):
        service = Service(
            sources=sources,
            objects=objects,
            run=run,
            wait=asked.wait,
            is_asked_to_stop=asked.is_set,
        )
        service.keep(once=once)
