"""The schedule in the foreground: what was missed is caught up, once, and it stops well."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prefect._vendor import croniter

from flows import alerts, appointments, jitter, serving
from flows.demo.site import HISTORY, ReplicaSite
from flows.endings import Ending
from flows.schedule import PLAN, TIME_ZONE, Planned
from scrapers import source
from storage import facts
from storage.archive import Archive
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from storage.fixity import verify
from storage.ledger import Manifest
from storage.objects import Objects
from tests import histories
from tests.histories import SOURCE
from tests.listeners import Hook, hook, told

__all__ = ["hook"]

NEW_YORK = ZoneInfo(TIME_ZONE)
WEDNESDAY = datetime(2026, 11, 18, 17, 17, tzinfo=UTC)
"""When ICE's page is looked at: 12:17 in New York."""
SUNDAY = datetime(2026, 11, 22, 9, 7, tzinfo=UTC)


def test_every_source_is_looked_at_and_audited() -> None:
    for name in source.names():
        flows = {each.flow for each in appointments.of(name) if not each.recheck_weeks}
        assert flows == {"weekly", "audit"}


@pytest.mark.parametrize("planned", PLAN, ids=lambda each: each.name)
def test_appointments_are_those_that_cron_would_make(planned: Planned) -> None:
    begin = datetime(2026, 1, 1, 0, 1)  # noqa: DTZ001 - croniter stumbles over summer time
    for day in range(0, 370, 7):
        local = begin + timedelta(days=day, minutes=day * 13)
        moment = local.replace(tzinfo=NEW_YORK)
        cron = croniter.croniter(planned.cron, local).get_next(datetime)  # type: ignore[attr-defined,no-untyped-call] # it has no types
        found = appointments.next_after(planned, moment.astimezone(UTC))
        assert found == cron.replace(tzinfo=NEW_YORK).astimezone(UTC)
        assert appointments.last_before(planned, found) == found
        assert appointments.last_before(planned, found - timedelta(minutes=1)) <= moment


def test_the_next_look_is_told_in_utc_whatever_the_season() -> None:
    assert appointments.next_run(SOURCE, datetime(2026, 11, 1, tzinfo=UTC)) == datetime(
        2026, 11, 4, 17, 17, tzinfo=UTC
    )
    assert appointments.next_run(SOURCE, datetime(2026, 7, 2, tzinfo=UTC)) == datetime(
        2026, 7, 8, 16, 17, tzinfo=UTC
    )
    assert appointments.next_run("nosuch", WEDNESDAY) is None


def test_the_next_look_is_one_that_every_schedule_makes() -> None:
    before_a_recheck = datetime(2026, 12, 31, 12, tzinfo=UTC)
    weekly = datetime(2027, 1, 6, 17, 17, tzinfo=UTC)
    assert appointments.next_run(SOURCE, before_a_recheck) == weekly


@dataclass
class Played:
    """A schedule whose clock and runs are made: each run writes a record, or does not."""

    objects: Objects
    now: datetime
    until: datetime
    ran: list[tuple[str, datetime]] = field(default_factory=list)
    ends: list[Ending] = field(default_factory=list)
    """How the next runs end without a record, one after the other."""
    stops: bool = False

    def run(self, planned: Planned, _told: frozenset[str] = frozenset()) -> Ending:
        self.ran.append((planned.name, self.now))
        if self.ends:
            return self.ends.pop(0)
        archive = Archive(self.objects, planned.source, clock=lambda: self.now)
        part = histories.part(len(self.ran), archive.now())
        assert part.summary
        summary = replace(part.summary, flow=planned.flow, stopped=self.stops)
        archive.record(replace(part, flow=planned.flow, summary=summary))
        archive.publish()
        return Ending(None)

    def wait(self, seconds: float) -> None:
        assert 0 <= seconds <= serving.LOOK_S
        # Hours pass in one step; the loop looks again whatever the clock says.
        self.now += timedelta(hours=1)

    def keep(self, *, once: bool = False) -> list[str]:
        """Keep the schedule; give the names of what ran."""
        service = serving.Service(
            sources=[SOURCE],
            objects=self.objects,
            run=self.run,
            clock=lambda: self.now,
            wait=self.wait,
            is_asked_to_stop=lambda: self.now >= self.until,
        )
        self.ran.clear()
        service.keep(once=once)
        return [name for name, _ in self.ran]


@pytest.fixture
def played(tmp_path: Path) -> Played:
    begin = WEDNESDAY - timedelta(days=1)
    return Played(Directory(tmp_path / "archive"), begin, begin + timedelta(days=14))


def test_a_new_archive_is_looked_into_at_once_and_then_by_the_plan(played: Played) -> None:
    names = played.keep()
    assert (
        names
        == [
            *("weekly-ice_ddor", "audit-ice_ddor"),
            *("weekly-ice_ddor", "audit-ice_ddor") * 2,
        ][: len(names)]
    )
    assert len(names) == 6
    late = [at - WEDNESDAY for name, at in played.ran if name.startswith("weekly")][1]
    assert timedelta() <= late <= timedelta(hours=2)


def test_the_plan_is_kept_a_while_late(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jitter, "drawn", lambda: timedelta(hours=5))
    played.keep()
    late = [at - WEDNESDAY for name, at in played.ran if name.startswith("weekly")][1]
    assert timedelta(hours=5) <= late <= timedelta(hours=6)


def test_what_was_missed_is_caught_up_once(played: Played) -> None:
    played.keep(once=True)
    played.now += timedelta(days=40)
    played.until = played.now + timedelta(hours=1)
    assert played.keep(once=True) == ["weekly-ice_ddor", "audit-ice_ddor"]
    assert played.keep(once=True) == []


def test_whoever_ran_it_it_is_not_due_again(played: Played) -> None:
    played.keep(once=True)
    played.now = WEDNESDAY + timedelta(hours=1)
    by_hand = Played(played.objects, played.now, played.until)
    by_hand.run(appointments.of(SOURCE)[0])
    assert played.keep(once=True) == []


def test_a_run_that_was_stopped_goes_on_at_the_next_start(played: Played) -> None:
    played.stops = True
    played.until = played.now
    played.run(appointments.of(SOURCE)[0])
    played.stops, played.until = False, played.now + timedelta(days=1)
    assert played.keep(once=True) == ["weekly-ice_ddor", "audit-ice_ddor"]


def test_what_ends_without_a_record_is_tried_again_later_and_later(played: Played) -> None:
    played.ends = [Ending("StoreUnreachableError", is_told=True)] * 100
    played.until = played.now + timedelta(days=3)
    played.keep()
    tries = [at for name, at in played.ran if name == "weekly-ice_ddor"]
    waits = [after - before for before, after in itertools.pairwise(tries)]
    assert waits[:4] == [timedelta(hours=hours) for hours in (1, 2, 4, 8)]
    assert len(tries) <= 8


@pytest.mark.parametrize("ends", [[], [Ending("SIGKILL")] * 2], ids=["recorded", "not recorded"])
def test_a_clock_that_is_set_right_from_far_ahead_stops_no_schedule(
    played: Played, ends: list[Ending], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(monkeypatch)
    right, ahead = played.now, played.now + timedelta(days=1100)
    played.now, played.ends, played.until = ahead, ends, datetime.max.replace(tzinfo=UTC)
    waits = iter(range(14 * 24))

    def wait(_seconds: float) -> None:
        number = next(waits, None)
        played.now = right if number == 1 else played.now + timedelta(hours=1)
        played.until = played.now if number is None else played.until

    monkeypatch.setattr(played, "wait", wait)
    played.keep()
    looks = [at for name, at in played.ran if name == "weekly-ice_ddor" and at < ahead]
    assert looks[0] < right + timedelta(hours=2)
    due = [at for at in looks[1:] if at >= WEDNESDAY]
    assert [at - WEDNESDAY < timedelta(days=7, hours=2) for at in due] == [True] * 2
    assert len(looks) <= 4


def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the errors that are told, as they are."""
    found: list[str] = []

    def cry(_source: str, _flow: str, error: Exception, _at: datetime) -> bool:
        found.append(str(error))
        return True

    monkeypatch.setattr(alerts, "cry", cry)
    return found


def test_a_store_that_is_gone_for_a_while_is_told_once_and_waited_for(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = played.now + timedelta(hours=5)
    cries = heard(monkeypatch)
    real = facts.load

    def load(objects: Objects, name: str, warn: facts.Warn = print) -> Manifest:
        if played.now < back:
            raise StoreUnreachableError("s3://bucket", "no connection")
        return real(objects, name, warn)

    monkeypatch.setattr(facts, "load", load)
    played.until = played.now + timedelta(hours=12)
    assert played.keep() == ["weekly-ice_ddor", "audit-ice_ddor"]
    assert len(cries) == 1


def test_each_end_without_a_record_is_told_once_and_a_later_one_of_another_kind_too(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    cries = heard(monkeypatch)
    said = Ending("StoreUnreachableError", is_told=True)
    killed, wrong = Ending("SIGKILL"), Ending("exit code 2")
    played.ends = [killed, killed, said, wrong, said, killed]
    played.until = played.now + timedelta(days=4)
    assert played.keep()[:7] == ["weekly-ice_ddor"] * 7
    assert cries == [f"its process ended by {by}" for by in ("SIGKILL", "exit code 2")]


_ENDS = {
    "SIGKILL": "import os; os.kill(os.getpid(), 9)",
    "exit code 2": "raise SystemExit(2)",
    "StoreUnreachableError": """
from flows.alerts import Watch
from storage.errors import StoreUnreachableError
with Watch("ice_ddor", "weekly"), Watch("ice_ddor", "weekly"):
    raise StoreUnreachableError("s3://bucket", "is full")
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("by", _ENDS)
def test_however_a_run_ends_that_writes_no_record_a_person_is_told_once(
    by: str, hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = [sys.executable, "-c", _ENDS[by]]
    monkeypatch.setattr(serving, "command", lambda *_: run)
    with told(monkeypatch, alerts=hook.address):
        assert not serving.serve([SOURCE], str(tmp_path), Directory(tmp_path), once=True)
        (body,) = hook.bodies
        assert "the weekly run ended without a record: " in body
        assert by in body
        if by == "StoreUnreachableError":
            monkeypatch.setenv("RECORDKEEP_TOLD", f"SIGKILL {by}")
            subprocess.run(run, check=False, capture_output=True)
            monkeypatch.setenv("RECORDKEEP_TOLD", "SIGKILL")
            assert len(hook.bodies) == 1
            subprocess.run(run, check=False, capture_output=True)
            assert len(hook.bodies) == 2


@pytest.mark.slow
def test_a_run_that_hangs_holds_up_no_other(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LONGEST_S", 1.0)
    monkeypatch.setattr(serving, "PATIENCE_S", 1.0)
    hangs = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    monkeypatch.setattr(serving, "command", lambda *_: [sys.executable, "-c", hangs])
    with told(monkeypatch, alerts=hook.address):
        assert not serving.serve(
            ["fbi_nics", SOURCE], str(tmp_path), Directory(tmp_path), once=True
        )
    assert ["SIGKILL" in body for body in hook.bodies] == [True, True]


def test_a_run_that_is_killed_leaves_none_of_its_downloads_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(monkeypatch)
    left = tmp_path / "left"
    run = """
import os, sys, tempfile
from pathlib import Path
folder = Path(tempfile.mkdtemp(prefix="recordkeep-"))
(folder / "report.pdf").write_bytes(b"%PDF")
Path(sys.argv[1]).write_text(str(folder))
os.kill(os.getpid(), 9)
"""
    monkeypatch.setattr(serving, "command", lambda *_: [sys.executable, "-c", run, str(left)])
    store = tmp_path / "archive"
    serving.serve([SOURCE], str(store), Directory(store), once=True)
    assert not Path(left.read_text()).exists()


def test_what_lies_in_the_working_folder_is_not_taken_for_the_program(tmp_path: Path) -> None:
    (tmp_path / "storage.py").touch()
    command = serving.command(appointments.of(SOURCE)[0], str(tmp_path / "archive"), ["--help"])
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


_CHILD = """
import datetime, sys
from dataclasses import replace
from flows import stopping, opening, weekly
name, store, site = sys.argv[1:]
with stopping.heeded() as stop, opening.opened(
    name, store, site=site, pause_s=1, at=None
) as work:
    print("begun", flush=True)
    weekly.look_at_all(replace(work, stop=stop))
"""
_SERVE = """
import sys
from flows import serving
from flows.cli.running import log_here
from storage.stores import open_store
child, store, site = sys.argv[1:]
serving.command = lambda planned, store, more: [
    sys.executable, "-c", child, planned.source, store, site
]
log_here()
serving.serve(["ice_ddor"], store, open_store(store), once=True)
"""


@pytest.fixture
def site() -> Iterator[ReplicaSite]:
    with ReplicaSite(HISTORY[1]) as site:
        yield site


@pytest.mark.slow
def test_a_signal_ends_it_after_the_edition_in_hand_and_the_next_start_goes_on(
    site: ReplicaSite, tmp_path: Path
) -> None:
    store = str(tmp_path / "archive")
    command = [sys.executable, "-c", _SERVE, _CHILD, store, site.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0
    stopped = facts.load(Directory(Path(store)), SOURCE).last_runs["weekly"]
    assert (stopped.stopped, stopped.status) == (True, "incomplete")
    assert len(stopped.outcomes) < 2
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    manifest = facts.load(Directory(Path(store)), SOURCE)
    assert manifest.last_runs["weekly"].status == "complete"
    assert [len(manifest.versions(edition)) for edition in manifest.by_edition] == [1, 1]
    assert not any(map(manifest.is_removed, manifest.by_edition))
    assert verify(Directory(Path(store)), SOURCE).findings == []
