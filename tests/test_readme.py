"""The README's examples, and the library's, do what they say."""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import storage.catalogue
from flows import opening, weekly
from flows.demo.site import HISTORY, ReplicaSite
from flows.describing import about
from scrapers import source
from storage.catalogue import Catalogue
from storage.datasets import publish
from tests.listeners import Hook
from tests.wayback import WaybackSite

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "ice_ddor"


def all_blocks(language: str) -> list[str]:
    return [m["body"] for m in BLOCK.finditer(README) if m["language"] == language]


def blocks(language: str) -> list[str]:
    """Those on the demonstration's archive."""
    return [
        each for each in all_blocks(language) if "demo-archive" in each and "make demo" not in each
    ]


def outer_blocks() -> list[str]:
    """Those that ask sites, or tell somebody."""
    return [each for each in all_blocks("sh") if "demo-archive" not in each and "make " not in each]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `demo-archive`, and this environment as `.venv`."""
    folder = tmp_path_factory.mktemp("readme")
    store = folder / "demo-archive"
    with ReplicaSite() as site:
        for state in HISTORY:
            site.state = state
            with opening.opened(NAME, str(store), site=site.url, pause_s=0, at=state.at) as work:
                weekly.look_at_all(work)
    catalogue = Catalogue(store)
    publish(catalogue.objects, catalogue.manifest(NAME), about(source.load(NAME)))
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


STAND_IN = """#!/bin/bash
# What stands in for the agency, the Archive and whoever is told.
export RECORDKEEP_ALERTS={hook} RECORDKEEP_PING={ping}
case "$1" in
  run) set -- "$@" --site {site} --pause 0 ;;
  backfill) set -- "$@" --site {site} --wayback {wayback} --pause 0 ;;
esac
exec {real} "$@"
"""
NEEDS_A_PERSON = 1
"""How `run` and `status` end, since on a replica of 2017 nothing new came for years."""


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose `bin/recordkeep` asks replicas, with a mail hook that must be told."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "bin").mkdir()
    real = Path(sys.prefix) / "bin" / "recordkeep"
    with ReplicaSite(HISTORY[1]) as site, WaybackSite() as archive, Hook() as hook:
        path, report = next(iter(HISTORY[0].reports.items()))
        body = (ROOT / "flows" / "demo" / report.file).read_bytes()
        archive.capture(f"https://www.ice.gov{path}", datetime(2017, 3, 21, tzinfo=UTC), body)
        asked = {"site": site.url, "wayback": archive.origin, "real": real}
        shim = folder / "bin" / "recordkeep"
        told = {"hook": hook.address, "ping": f"http://{hook.host}/ping"}
        shim.write_text(STAND_IN.format(**told, **asked))
        shim.chmod(0o755)
        yield folder
        assert hook.messages


def run_examples(text: str, name: str) -> doctest.TestResults:
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    return doctest.DocTestRunner().run(test)


@pytest.mark.slow
def test_python_examples_give_what_they_show(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    told = run_examples("\n".join(blocks("python")), "README")
    assert told.failed == 0
    assert told.attempted > 10


@pytest.mark.slow
def test_the_librarys_own_examples_give_what_they_show(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    told = run_examples(storage.catalogue.__doc__ or "", "storage.catalogue")
    assert told.failed == 0
    assert told.attempted > 8


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("sh"))
def test_commands_on_the_demonstration_succeed(folder: Path, block: str) -> None:
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.slow
def test_commands_that_ask_and_tell_end_as_they_should(outside: Path) -> None:
    path = os.pathsep.join([str(outside / "bin"), os.environ["PATH"]])
    exported: list[str] = []
    for line in [line for block in outer_blocks() for line in block.splitlines()]:
        if line.startswith("export "):
            exported.append(line)
            continue
        done = subprocess.run(
            ["bash", "-c", "\n".join([*exported, line])],
            cwd=outside,
            env={**os.environ, "PATH": path},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 or (
            done.returncode == NEEDS_A_PERSON and "overdue" in done.stdout + done.stderr
        ), f"{line}\n{done.stderr}"
    assert (outside / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_there_are_examples_to_try() -> None:
    assert len(blocks("python")) >= 2
    assert len(blocks("sh")) >= 2
    assert len(outer_blocks()) >= 3
