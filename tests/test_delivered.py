"""What a command prints arrives, or the command says that it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.directory import Directory
from tests import histories
from tests.histories import SOURCE

ASKED = (
    ["records", SOURCE, "--table", "issued", "--format", "csv"],
    ["records", SOURCE, "--table", "issued", "--format", "json"],
    ["records", SOURCE, "--table", "issued", "--format", "parquet"],
    ["get", SOURCE, "2017-01-28", "-o", "-"],
    ["editions", SOURCE],
    ["sources", "--json"],
    ["--help"],
    ["sources", "--help"],
)
OTHER_PIPE = """
import os, socket, sys
from flows.cli.output import delivered
with delivered():
    one, other = socket.socketpair()
    other.close()
    one.send(b"lost")
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("store")
    histories.fill(Directory(folder))
    return str(folder)


def run(store: str, asked: list[str], out: int) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from flows.cli import main; main()", *asked]
    return subprocess.run(
        command, env=environment(store), stdout=out, stderr=subprocess.PIPE, check=False
    )


def environment(store: str) -> dict[str, str]:
    return {**os.environ, "RECORDKEEP_STORE": store}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(asked[:1] + asked[-1:]))
def test_a_full_disk_is_said_in_a_sentence(store: str, asked: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(store, asked, full.fileno())
    assert done.returncode == 1
    says = b"recordkeep: what was asked for cannot be written: No space left on device\n"
    assert done.stderr == says


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(asked[:1] + asked[-1:]))
def test_a_reader_that_has_enough_is_nothing_wrong(store: str, asked: list[str]) -> None:
    command = [sys.executable, "-c", "from flows.cli import main; main()", *asked]
    with subprocess.Popen(
        command, env=environment(store), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout
        child.stdout.close()
        assert child.stderr
        assert child.stderr.read() == b""
    assert child.returncode == 0


def test_another_pipe_that_breaks_is_no_reader_that_has_enough() -> None:
    done = subprocess.run([sys.executable, "-c", OTHER_PIPE], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"BrokenPipeError" in done.stderr
