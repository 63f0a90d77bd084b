"""The bucket that `deploy/README.md` makes with the `aws` command, on the real server."""

import json
import os
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from storage.checkup import examine
from storage.errors import StoreUnreachableError
from storage.stores import open_store
from tests.documented import ROOT, under
from tests.stores import Server
from tests.test_objects import put

pytestmark = pytest.mark.slow

AWS = "awscli==1.46.3"
"""In an environment of its own: it asks for another botocore than ours."""
BIN = Path(sys.prefix) / "bin"
EXCEPT = "Under that access block Ceph's gateway (16.2, of Debian 12) refuses"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the `aws` command."""
    made = tmp_path_factory.mktemp("aws") / "venv"
    subprocess.run([BIN / "uv", "venv", "--quiet", "--python", sys.executable, made], check=True)
    install: list[str | Path] = [
        BIN / "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        made / "bin" / "python",
        AWS,
    ]
    subprocess.run(install, check=True)
    return made / "bin"


def writer(ceph: Server) -> Server:
    """A user of the server who may do nothing yet."""
    access, secret = f"writer-{uuid.uuid4().hex}", uuid.uuid4().hex
    user = ["--uid", access, "--display-name", "writer", "--access-key", access]
    ceph.administer("user", "create", *user, "--secret-key", secret)
    return replace(ceph, access=access, secret=secret)


def type_(line: str, aws: Path) -> None:
    """Type a command in the sources' folder, by the owner of the bucket."""
    path = os.pathsep.join([str(BIN), str(aws), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-ec", line],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def test_a_bucket_made_as_told_is_fit_for_the_writer_who_cannot_delete(
    ceph: Server, aws: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script, *by_hand = under("deploy/README.md", "A bucket")
    assert script.startswith("python deploy/make_bucket.py")
    assert all(line.startswith(("aws s3api", "sed ")) for line in by_hand)
    (block,) = [line for line in by_hand if "put-public-access-block" in line]
    assert EXCEPT in (ROOT / "deploy" / "README.md").read_text()
    by_hand.remove(block)
    ceph.select(monkeypatch)
    user, policy = writer(ceph), tmp_path / "policy.json"
    for commands in ([script], by_hand):
        bucket = f"test-{uuid.uuid4().hex}"
        for command in commands:
            filled = command.replace("s/BUCKET/…/", f"s/BUCK[E]T/{bucket}/")
            filled = filled.replace("BUCKET", bucket).replace("policy.json", str(policy))
            filled = filled.replace("arn:aws:iam::…:user/…", f"arn:aws:iam:::user/{user.access}")
            type_(filled, aws)
        points = list(examine(open_store(f"s3://{bucket}/archive")))
        assert [point for point in points if not point.passed] == []
        (rule,) = ceph.client().get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    stands = json.loads(ceph.client().get_bucket_policy(Bucket=bucket)["Policy"])
    assert stands == json.loads(policy.read_text())
    user.select(monkeypatch)
    store = open_store(f"s3://{bucket}/archive")
    put(store, "raw/a", b"body")
    with pytest.raises(StoreUnreachableError, match="refuses DeleteObject to this user"):
        store.delete("raw/a")
    ceph.select(monkeypatch)
    type_(block.replace("BUCKET", bucket), aws)
    found = ceph.client().get_public_access_block(Bucket=bucket)
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    points = list(examine(open_store(f"s3://{bucket}/archive")))
    assert [point for point in points if not point.passed], "if it no longer does: say so there"
