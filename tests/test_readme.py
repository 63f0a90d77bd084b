"""The README's examples, and the library's, do what they say."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import storage.catalogue
from flows import weekly
from flows.demo.site import HISTORY, ReplicaSite
from flows.describing import about
from scrapers import source
from storage.catalogue import Catalogue
from storage.datasets import publish

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "ice_ddor"


def blocks(language: str) -> list[str]:
    found = [m["body"] for m in BLOCK.finditer(README) if m["language"] == language]
    return [body for body in found if "demo-archive" in body and "make demo" not in body]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `demo-archive`, and this environment as `.venv`."""
    folder = tmp_path_factory.mktemp("readme")
    store = folder / "demo-archive"
    with ReplicaSite() as site:
        for state in HISTORY:
            site.state = state
            with weekly.opened(NAME, str(store), site=site.url, pause_s=0, at=state.at) as work:
                weekly.look_at_all(work)
    catalogue = Catalogue(store)
    publish(catalogue.objects, catalogue.manifest(NAME), about(source.load(NAME)))
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


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


def test_there_are_examples_to_try() -> None:
    assert len(blocks("python")) >= 2
    assert len(blocks("sh")) >= 2
