"""What was typed wrongly is told in a sentence, before anything is made or asked."""

import os
import pty
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows import progress
from flows.bar import Bar
from flows.cli.output import failed
from flows.progress import Lines
from flows.settings import settings
from tests.agency import AgencySite
from tests.histories import SOURCE
from tests.test_cli import call
from tests.wayback import WaybackSite, faults


@pytest.mark.parametrize(
    ("command", "option", "says"),
    [
        *(("run", f"--pause={value}", "3600") for value in ("inf", "nan", "1e12", "3601")),
        ("backfill", "--pause=inf", "3600"),
        ("serve", "--pause=inf", "3600"),
        ("run", "--jitter=inf", "1440"),
        ("run", "--recheck=1000000000000", "520"),
        *(
            ("backfill", f"--dask={address}", "takes a scheduler's address, as tcp://10.0.0.1:8786")
            for address in (
                "",
                "tcp://",
                "tcp://host",
                "tcp://host:0",
                "tcp://nohost:99999",
                "http://host:8786",
                "tcp://host:8786/path",
            )
        ),
    ],
)
def test_what_no_option_can_be_is_wrong_usage(
    tmp_path: Path, command: str, option: str, says: str
) -> None:
    store = tmp_path / "archive"
    answer = call(command, SOURCE, "--store", str(store), option)
    assert (answer.code, answer.out) == (2, b"")
    assert says in answer.err
    assert "Traceback" not in answer.err
    assert not store.exists()


@pytest.fixture
def _settings_anew() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("_settings_anew")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAUSE_S", "inf"),
        ("PAUSE_S", "nan"),
        ("DEADLINE_S", "inf"),
        ("MEMORY_MIB", "99999999999999"),
        ("RECHECK_WEEKS", "99999999999999"),
        ("LOCK_DAYS", "99999999999999"),
    ],
)
def test_what_no_setting_can_be_is_wrong_usage_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"RECORDKEEP_{name}", value)
    answer = call("doctor", "--store", str(tmp_path))
    assert answer.code == 2
    assert answer.err.startswith(f"recordkeep: RECORDKEEP_{name}: ")
    assert len(answer.err.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("what", ["nobody", "another server"])
def test_where_no_dask_scheduler_answers_no_host_is_asked(tmp_path: Path, what: str) -> None:
    store = tmp_path / "archive"
    with AgencySite() as agency, WaybackSite() as archive, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        dask = f"tcp://127.0.0.1:{port}" if what == "nobody" else agency.url.replace("http", "tcp")
        options = ["--site", agency.url, "--wayback", archive.origin, "--dask", dask]
        began = time.monotonic()
        answer = call("backfill", SOURCE, "--store", str(store), *options)
        assert time.monotonic() - began < 60
        assert answer.code == 1
        said = f"no Dask scheduler answers at {dask}: start one with `dask scheduler`"
        assert [said in line for line in answer.err.splitlines()] == [True]
        assert archive.requests == []
        assert not [each for each in agency.requests if each.status == 200]
    assert not store.exists()


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Have a real one as standard error; gives the end at which what it shows is read."""
    there, here = pty.openpty()
    os.set_blocking(there, False)
    with os.fdopen(here, "w") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        yield there
    os.close(there)


@pytest.mark.parametrize(
    ("term", "kind"), [("xterm", Bar), ("dumb", Lines), ("DUMB", Lines), ("unknown", Lines)]
)
def test_a_terminal_that_cannot_draw_over_is_told_in_lines(
    monkeypatch: pytest.MonkeyPatch, term: str, kind: type
) -> None:
    monkeypatch.setenv("TERM", term)
    with terminal(monkeypatch), progress.shown(SOURCE) as told:
        assert isinstance(told, kind)


@pytest.mark.parametrize(
    ("variable", "value", "coloured"),
    [("NO_COLOR", "", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)],
)
def test_who_wants_no_colours_gets_none(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, *, coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    with terminal(monkeypatch) as there:
        with pytest.raises(SystemExit):
            failed("what went wrong", code=1)
        sys.stderr.flush()
        assert (b"\x1b[" in os.read(there, 1000)) == coloured


def test_a_dry_run_says_what_it_asks_and_what_it_waits_for(tmp_path: Path) -> None:
    with AgencySite() as agency, WaybackSite() as archive:
        archive.inflict(faults.overloaded(), on="index", times=1)
        options = ["--site", agency.url, "--wayback", archive.origin, "--pause", "0"]
        told = call("backfill", SOURCE, "--dry-run", "--store", str(tmp_path), *options)
    assert f"{SOURCE} asking the Archive's index for " in told.err
    assert "asking again: " in told.err
    assert "answered 503" in told.err


def test_a_dry_run_does_not_warn_that_prefect_is_told_nothing(tmp_path: Path) -> None:
    """In a process of its own: Prefect takes hold of the log once, when it is imported."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    recordkeep = str(Path(sys.executable).with_name("recordkeep"))
    with AgencySite() as agency, WaybackSite() as archive:
        options = ["--site", agency.url, "--wayback", archive.origin, "--pause", "0"]
        options += ["--store", str(tmp_path / "archive")]
        done = subprocess.run(
            [recordkeep, "backfill", SOURCE, "--dry-run", *options],
            env={**known, "PREFECT_HOME": str(tmp_path / "prefect")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert f"{SOURCE} asking the Archive's index for " in done.stderr
    assert "UserWarning" not in done.stderr
