"""Asked to stop, a command ends soon, writes down that it did, and blames nobody for it."""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it brings no types
import pytest

from flows import backfill, opening, remedies, stopping, weekly
from flows.past import Span
from flows.stopping import Stop, StoppedError
from scrapers import sandbox
from storage import facts
from storage.directory import Directory
from storage.ledger import RunSummary
from tests.agency import AgencySite, Reply
from tests.histories import SOURCE, on
from tests.pasts import HOST
from tests.wayback import WaybackSite, faults
from tests.weeks import EDITIONS, FIRST, THIRD, fast_read, path, publish, report

RECORDKEEP = str(Path(sys.executable).with_name("recordkeep"))
SERVER = "flows.temporary"
UNITS = Path(__file__).parents[1] / "deploy/systemd"


@pytest.fixture
def agency() -> Iterator[AgencySite]:
    with AgencySite() as site:
        publish(site, *EDITIONS)
        yield site


@pytest.fixture
def archive() -> Iterator[WaybackSite]:
    with WaybackSite() as site:
        site.capture(f"{HOST}{path(FIRST)}", on(1), report(FIRST))
        yield site


def load(folder: Path, agency: AgencySite, archive: WaybackSite, stop: Stop) -> RunSummary:
    """Load the past, and keep bytes only."""
    with backfill.opened_past(
        SOURCE,
        str(folder),
        Span(),
        readers=None,
        site=agency.url,
        wayback=archive.origin,
        pause_s=0,
        at=on(30),
        stop=stop,
    ) as past:
        return backfill.load(past)


def then(act: Callable[[], object], fault: faults.Fault = lambda reply: reply) -> faults.Fault:
    """Do something when asked, and answer then."""

    def apply(reply: Reply) -> Reply:
        act()
        return fault(reply)

    return apply


def asks(stop: Stop) -> Callable[[], None]:
    return lambda: setattr(stop, "asked", True)


def held_up(asked: threading.Event, answer: threading.Event) -> Callable[[], None]:
    """Tell that something was asked for, and hold it until it is to be answered."""

    def hold() -> None:
        asked.set()
        answer.wait(60)

    return hold


def test_a_wait_ends_when_asked_to_stop_in_any_thread() -> None:
    stop, ended = Stop(), []

    def wait() -> None:
        with pytest.raises(StoppedError):
            stop.rest(600)
        ended.append(True)

    waiting = [threading.Thread(target=wait, daemon=True) for _ in range(3)]
    for thread in waiting:
        thread.start()
    stop.asked = True
    for thread in waiting:
        thread.join(30)
    assert len(ended) == 3
    with pytest.raises(StoppedError):
        stop.rest(600)


def test_a_wait_that_nobody_ends_takes_its_time() -> None:
    stop = Stop()
    for seconds in (0.01, 0.0, -1.0):
        stop.rest(seconds)
    assert not stop.asked


def test_a_signal_ends_a_wait_of_the_thread_that_takes_it() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stopping.heeded() as stop:
        sender = threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGTERM))
        sender.start()
        with pytest.raises(StoppedError):
            stop.rest(600)
        sender.join()
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, "a second one ends at once"
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_backfill_that_was_stopped_asks_the_archive_nothing(
    tmp_path: Path, agency: AgencySite, archive: WaybackSite
) -> None:
    stop = Stop()
    agency.inflict(then(asks(stop)), on=path(FIRST))
    run = load(tmp_path, agency, archive, stop)
    assert (run.stopped, run.needs) == (True, ())
    assert archive.requests == []


def test_a_stop_ends_the_wait_that_the_archive_asks_for_and_blames_it_for_nothing(
    tmp_path: Path, agency: AgencySite, archive: WaybackSite
) -> None:
    stop = Stop()
    archive.inflict(then(asks(stop), faults.too_many()))
    run = load(tmp_path, agency, archive, stop)
    assert (run.stopped, run.status, run.needs) == (True, "incomplete", ())
    assert len(archive.requests) == 1
    assert set(run.outcomes) == set(EDITIONS), "what was taken in until then stands"
    archive.heal()
    again = load(tmp_path, agency, archive, Stop())
    assert (again.stopped, again.status) == (False, "complete")


@pytest.mark.parametrize("edition", [THIRD, FIRST], ids=["the first one", "the last one"])
def test_a_stop_ends_the_wait_that_an_agency_asks_for_and_blames_it_for_nothing(
    tmp_path: Path, agency: AgencySite, monkeypatch: pytest.MonkeyPatch, edition: str
) -> None:
    monkeypatch.setattr(sandbox, "read", fast_read)
    stop = Stop()
    agency.inflict(then(asks(stop), faults.throttle("200")), on=path(edition))
    with opening.opened(
        SOURCE, str(tmp_path), site=agency.url, pause_s=0, at=on(30), stop=stop
    ) as work:
        run = weekly.look_at_all(work)
    assert (run.stopped, run.status, run.needs) == (True, "incomplete", ())
    assert len(agency.asked(path(edition))) == 1
    left = 3 if edition == THIRD else 1
    assert edition not in run.outcomes
    assert f"stopped when asked to: {left} of 3 editions" in run.messages[0]


def test_a_stop_ends_the_wait_before_an_agencys_page(tmp_path: Path, agency: AgencySite) -> None:
    stop = Stop()
    agency.inflict(then(asks(stop), faults.throttle("200")), on=agency.listing.path)
    with opening.opened(
        SOURCE, str(tmp_path), site=agency.url, pause_s=0, at=on(30), stop=stop
    ) as work:
        run = weekly.look_at_all(work)
    assert (run.stopped, run.needs, dict(run.outcomes)) == (True, (), {})
    assert "the agency's page was not looked at" in run.messages[0]


def test_a_stop_between_two_leaves_of_an_agencys_page_asks_for_no_further_one(
    tmp_path: Path, agency: AgencySite
) -> None:
    stop = Stop()
    agency.listing.per_page = 1
    agency.inflict(then(asks(stop)), on=agency.listing.path)
    with opening.opened(
        SOURCE, str(tmp_path), site=agency.url, pause_s=0, at=on(30), stop=stop
    ) as work:
        run = weekly.look_at_all(work)
    assert (run.stopped, run.needs, dict(run.outcomes)) == (True, (), {})
    leaves = [each.path for each in agency.requests if each.path.startswith(agency.listing.path)]
    assert leaves == [agency.listing.path]


@dataclass(slots=True)
class Command:
    """A command at work, in a process group of its own as at a terminal."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    def signal(self, number: int) -> None:
        """Send a signal as a terminal does, to all of its group, or as systemd does, to all."""
        everyone = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, number)
        for process in everyone if number == signal.SIGTERM else ():
            if process.is_running() and os.getpgid(process.pid) != self.process.pid:
                process.send_signal(number)

    def wait_for(self, told: str) -> None:
        """Read what it says, until it says this."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(line)
            if told in line:
                return
        raise AssertionError("".join(self.lines))

    def server(self) -> psutil.Process:
        """Give the temporary server that it started."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(child for child in children if SERVER in child.cmdline())

    def ended(self, within_s: float) -> int:
        """Give its exit code."""
        _, rest = self.process.communicate(timeout=within_s)
        self.lines.append(rest)
        return self.process.returncode


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prefect's own folder; an empty one takes long to start with."""
    return tmp_path_factory.mktemp("prefect")


@contextmanager
def begun(home: Path, *command: str, **settings: str) -> Iterator[Command]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**known, "PREFECT_HOME": str(home), **settings},
    )
    try:
        yield Command(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
@pytest.mark.parametrize("word", ["run", "backfill"])
def test_a_signal_to_the_whole_group_ends_a_command_with_its_record_written(
    home: Path, tmp_path: Path, agency: AgencySite, archive: WaybackSite, word: str, number: int
) -> None:
    asked, answer = threading.Event(), threading.Event()
    agency.inflict(then(held_up(asked, answer)), on=path(THIRD))
    store, options = tmp_path / "archive", ["--site", agency.url, "--pause", "1"]
    options += ["--wayback", archive.origin] if word == "backfill" else []
    with begun(home, RECORDKEEP, word, SOURCE, "--store", str(store), *options) as command:
        assert asked.wait(180), "the document was not asked for"
        server = command.server()
        command.signal(number)
        command.wait_for(stopping.TOLD.strip())
        answer.set()
        assert command.ended(within_s=30) == 1, "".join(command.lines)
        assert psutil.wait_procs([server], timeout=10)[1] == []
    told = "".join(command.lines)
    assert "Traceback" not in told
    (run,) = facts.load(Directory(store), SOURCE).last_runs.values()
    assert (run.stopped, run.status) == (True, "incomplete")
    assert dict(run.outcomes) == {THIRD: "quarantined"}, "the one in hand was finished"
    blamed = {need.section for need in run.needs} - {remedies.QUARANTINE, remedies.OVERDUE}
    assert blamed == set()
    assert archive.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGINT), (signal.SIGKILL,)], ids=str)
def test_a_command_that_is_ended_at_once_leaves_no_server_behind(
    home: Path, tmp_path: Path, agency: AgencySite, numbers: tuple[int, ...]
) -> None:
    asked, answer = threading.Event(), threading.Event()
    agency.inflict(then(held_up(asked, answer)), on=path(THIRD))
    options = ["--site", agency.url, "--pause", "0"]
    store = str(tmp_path / "archive")
    with begun(home, RECORDKEEP, "run", SOURCE, "--store", store, *options) as command:
        try:
            assert asked.wait(180), "the document was not asked for"
            server = command.server()
            for number in numbers[:-1]:
                command.signal(number)
                command.wait_for(stopping.TOLD.strip())
            command.signal(numbers[-1])
            assert command.ended(within_s=5) == -numbers[-1]
        finally:
            answer.set()
        assert psutil.wait_procs([server], timeout=15)[1] == []


@pytest.mark.slow
def test_a_service_that_is_stopped_finishes_what_is_in_hand_and_begins_no_other_source(
    home: Path, tmp_path: Path, agency: AgencySite
) -> None:
    asked, answer = threading.Event(), threading.Event()
    agency.inflict(then(held_up(asked, answer)), on=path(THIRD))
    (line,) = re.findall("ExecStart=(.*)", (UNITS / "recordkeep.service").read_text())
    line = line.replace("/opt/recordkeep/.venv/bin/recordkeep", RECORDKEEP).replace("$$", "$")
    line = line.replace('"$source"', f'"$source" --site {agency.url} --pause 1')
    store = tmp_path / "archive"
    settings = {"RECORDKEEP_SOURCES": f"{SOURCE} fbi_nics", "RECORDKEEP_STORE": str(store)}
    with begun(home, *shlex.split(line), **settings) as service:
        assert asked.wait(180), "the document was not asked for"
        service.signal(signal.SIGTERM)
        service.wait_for(stopping.TOLD.strip())
        answer.set()
        assert service.ended(within_s=30) == 0, "".join(service.lines)
    assert facts.sources(Directory(store)) == [SOURCE]
    (run,) = facts.load(Directory(store), SOURCE).last_runs.values()
    assert run.stopped
