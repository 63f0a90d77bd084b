"""What is wrong with a set-up is said, point by point, with what to do about it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flows import doctor, hearing
from flows.settings import Settings
from storage.checkup import Point
from tests.listeners import told
from tests.stores import Server


def points(store: str | None, *, fix: bool = False) -> dict[str, Point]:
    return {point.name: point for point in doctor.examined(store, fix=fix)}


def test_a_folder_that_can_be_written_is_well(tmp_path: Path) -> None:
    assert [p for p in points(str(tmp_path / "archive")).values() if not p.passed] == []


def test_no_store_is_said() -> None:
    assert "RECORDKEEP_STORE" in points(None)["store"].says


def test_a_folder_in_whose_way_a_file_stands_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    point = points(str(tmp_path / "file"))["store"]
    assert not point.passed
    assert "name another folder" in point.says


@pytest.mark.parametrize(
    "server", ["moto", pytest.param("ceph", marks=pytest.mark.slow)], indirect=True
)
def test_a_bucket_without_versions_is_said_and_can_be_fixed(server: Server) -> None:
    server.make_bucket("unversioned", versioned=False)
    before = points("s3://unversioned/archive")
    assert not all(point.passed for point in before.values())
    assert any("doctor --fix" in point.says for point in before.values())
    assert all(point.passed for point in points("s3://unversioned/archive", fix=True).values())


@pytest.mark.slow
def test_a_prefect_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    code = "from flows.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "doctor", "--store", str(tmp_path), "--json"],
        env={"PREFECT_API_URL": "http://127.0.0.1:9/api", "HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    (point,) = [each for each in json.loads(done.stdout) if each["name"] == "prefect"]
    assert not point["passed"]
    assert "start it" in point["says"]
    assert done.returncode == 1


def test_too_little_memory_for_reading_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "settings", lambda: Settings(memory_mib=16))
    assert not points(str(tmp_path))["reading"].passed


@pytest.mark.slow
def test_where_alerts_go_is_said_without_their_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = "json://user:hushhush@127.0.0.1:9/hook"
    with told(monkeypatch, alerts=good, ping="https://ping.example.org/hushhush"):
        found = [*hearing.examined(send=True)]
    assert [point.passed for point in found] == [True, False, True, True]
    assert "address 1 (json)" in found[0].says
    assert "did not take the test message" in found[1].says
    assert "ping.example.org" in found[2].says
    assert "hushhush" not in str(found)
    wrong = {"alerts": f"{good} nosuch://hushhush", "ping": "hushhush"}
    with told(monkeypatch, **wrong, metrics_dir=str(tmp_path / "none")):
        found = [*hearing.examined(send=False)]
    assert [point.passed for point in found] == [False, False, False]
    assert "apprise cannot read address 2 (nosuch)" in found[0].says
    assert "hushhush" not in str(found)
