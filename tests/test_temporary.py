"""A temporary Prefect server that cannot start is told in a sentence, and soon."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.histories import SOURCE

RECORDKEEP = str(Path(sys.executable).with_name("recordkeep"))
RUN = ("audit", SOURCE)


def ended(home: Path, store: Path, **settings: str) -> list[str]:
    """Run a flow with that home of Prefect's; give what its command says, and see that it ends."""
    environment = {**os.environ, "PREFECT_HOME": str(home), **settings}
    environment.pop("PREFECT_API_URL", None)
    done = subprocess.run(
        [RECORDKEEP, *RUN, "--store", str(store)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()


@pytest.mark.slow
def test_a_server_that_ends_at_once_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "prefect.db").write_text("This is no database.")
    # An hour: who waits for a server that has ended is ended by the test.
    longest = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "3600"}
    said = ended(tmp_path, tmp_path / "store", **longest)
    assert said[-1].startswith("recordkeep: the temporary Prefect server does not start (it ended")
    assert f"see that {tmp_path} can be written" in said[-1]


@pytest.mark.slow
def test_a_server_that_takes_too_long_is_told_with_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    said = ended(tmp_path, tmp_path / "store", PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="1")
    assert said[-1].startswith("recordkeep: the temporary Prefect server does not start (it did")
    assert said[-1].endswith("by PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS")
