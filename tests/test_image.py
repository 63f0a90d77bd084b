"""The image of deploy/Dockerfile, built and run in earnest: minutes, a package index, and root."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stores import skip

SCRIPT = Path(__file__).with_name("container_image")
PROGRAMS = ("buildah", "debootstrap")


@pytest.mark.soak
def test_the_image_is_built_and_its_doctor_finds_nothing_wrong(tmp_path: Path) -> None:
    if os.getuid() or not all(map(shutil.which, PROGRAMS)):
        skip("no root, or no buildah and debootstrap here: apt-get install buildah debootstrap")
    subprocess.run([SCRIPT, "build", tmp_path], check=True)

    def run(*command: str) -> str:
        whole = [str(SCRIPT), "run", str(tmp_path), *command]
        return subprocess.run(whole, check=True, stdout=subprocess.PIPE, text=True).stdout

    assert run("id", "-u").strip() == "10001"
    told = run("recordkeep", "doctor", "--store", "/var/lib/recordkeep/archive")
    assert "FAIL" not in told
    assert "reading" in told
    assert "2017-02-04" in run("recordkeep", "demo", "--dir", "/var/lib/recordkeep/demo")
