"""What is installed is what was tested: the demonstration runs from the built wheel."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_demonstration_runs_from_the_wheel_and_leaves_nothing_running(tmp_path: Path) -> None:
    build = ["uv", "build", "--wheel", "--no-build-isolation", "--out-dir", str(tmp_path)]
    python = Path(sys.executable).parent
    environment = {"PATH": f"{python}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    subprocess.run([*build, "--python", sys.executable, str(ROOT)], check=True, env=environment)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = (
        "import flows, sys; from flows.cli import main; "
        "print(flows.__file__, file=sys.stderr); sys.argv[0] = 'recordkeep'; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "demo", "--dir", "archive"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert str(tmp_path / "installed") in done.stderr
    assert done.returncode == 0, done.stderr
    table = [line.split() for line in done.stdout.splitlines() if line.startswith("2017")]
    assert table == [
        ["2017-01-28", "new", "unchanged", "revision"],
        ["2017-02-04", "new", "unchanged"],
    ]
    commands = [line.split() for line in done.stdout.splitlines() if " --store " in line]
    assert [command[1] for command in commands] == ["get", "diff", "records"]
    for command in commands:
        again = [sys.executable, "-c", code, *command[1:]]
        environment["PYTHONPATH"] = str(tmp_path / "installed")
        subprocess.run(again, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert _running_in(tmp_path) == []


def _running_in(folder: Path) -> list[str]:
    """Command lines of processes whose home or folder is the test's."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes()
            line = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"HOME={folder}".encode() in environ.split(b"\0"):
            found.append(line)
    return found
