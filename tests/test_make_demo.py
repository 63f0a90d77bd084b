"""What a newcomer does first: `make demo`, what it says to try, the reading room it ends with."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from flows.demo.site import PAGE
from tests.visiting import visit, walk

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
BIN = Path(sys.prefix) / "bin"
WAIT_S = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("newcomer")


@pytest.fixture(scope="module")
def said(folder: Path) -> str:
    """What `make demo` prints; it takes this environment for the one that it would set up."""
    given = ["-f", str(ROOT / "Makefile"), "-o", ".venv/ready", f"BIN={BIN}"]
    done = subprocess.run(
        ["make", *given, "demo"],
        cwd=folder,
        env={**os.environ, "PREFECT_HOME": str(folder / "prefect")},
        check=False,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_ends_with_a_reading_room_that_can_be_opened(
    said: str, folder: Path, browser: Browser
) -> None:
    (front,) = re.findall(r"^  (file://\S+)$", said, re.MULTILINE)
    assert front.endswith("/site/index.html")
    assert Path(unquote(urlsplit(front).path)).is_relative_to(folder / "demo-archive")
    with visit(browser, front.removesuffix("/site/index.html")) as page:
        walk(page)


def test_what_it_says_to_try_can_be_done(said: str, folder: Path) -> None:
    lines = [line.strip() for line in re.findall(r"^  .*recordkeep .*$", said, re.MULTILINE)]
    assert len(lines) == 3
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
            check=False,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_a_copy_to_hand_on_is_whole(said: str, folder: Path, browser: Browser) -> None:
    command = [str(BIN / "recordkeep"), "site", "--store", "demo-archive", "-o", "handed on"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=WAIT_S)
    assert "demo-archive" in said
    with visit(browser, (folder / "handed on").as_uri()) as page:
        walk(page)


def test_the_replica_to_try_an_installation_on_is_served() -> None:
    command = [sys.executable, "-m", "flows.demo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout
        address = serving.stdout.readline().strip()
        with urlopen(f"{address}{PAGE}", timeout=WAIT_S) as answer:
            assert b"2017" in answer.read()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(WAIT_S) == 0
