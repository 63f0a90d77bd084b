"""A bucket as `deploy/make_bucket.py` makes it, and as its life cycle leaves it."""

import os
import runpy
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped] # it brings no types

from storage.checkup import examine
from storage.errors import StoreUnreachableError
from storage.s3 import S3
from storage.stores import open_store
from tests.stores import S3_KINDS, Server

SCRIPT = Path(__file__).parents[1] / "deploy" / "make_bucket.py"


def make(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments])
    runpy.run_path(str(SCRIPT), run_name="__main__")


@pytest.mark.parametrize("server", S3_KINDS, indirect=True)
def test_a_made_bucket_is_fit_for_an_archive_also_when_made_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = f"test-{uuid.uuid4().hex}"
    make(monkeypatch, bucket, "--lock")
    make(monkeypatch, bucket, "--lock")
    points = list(examine(open_store(f"s3://{bucket}/archive", lock_days=30)))
    assert [point for point in points if not point.passed] == []

    client = server.client()
    (rule,) = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert not [name for name in rule if "Expiration" in name or "Transition" in name]


@pytest.mark.parametrize("server", ["moto"], indirect=True)
def test_a_bucket_elsewhere_is_made_there(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    bucket = f"test-{uuid.uuid4().hex}"
    make(monkeypatch, bucket)
    where = server.client().get_bucket_location(Bucket=bucket)
    assert where["LocationConstraint"] == os.environ["AWS_DEFAULT_REGION"]


# moto and AWS switch it on for a bucket that stands, Ceph does not.
@pytest.mark.parametrize(
    ("server", "is_switched_on"),
    [("moto", True), pytest.param("ceph", False, marks=pytest.mark.slow)],
    indirect=["server"],
)
@pytest.mark.usefixtures("server")
def test_a_bucket_that_stands_is_locked_or_said_to_be_without(
    monkeypatch: pytest.MonkeyPatch, *, is_switched_on: bool
) -> None:
    bucket = f"test-{uuid.uuid4().hex}"
    make(monkeypatch, bucket)
    assert S3(bucket).set_up.has_lock() is False
    if not is_switched_on:
        with pytest.raises(StoreUnreachableError, match="for new buckets only: make one with it"):
            S3(bucket).set_up.switch_lock_on()
        with pytest.raises(SystemExit, match=f"{bucket}: it stands without Object Lock"):
            make(monkeypatch, bucket, "--lock")
        return
    make(monkeypatch, bucket, "--lock")
    assert S3(bucket).set_up.has_lock()


@pytest.mark.parametrize(
    ("server", "bucket", "said"),
    [
        ("moto", "anywhere", "Could not connect"),
        pytest.param("ceph", "No_Name", "InvalidBucketName", marks=pytest.mark.slow),
    ],
    indirect=["server"],
)
def test_what_the_store_refuses_is_a_sentence(
    server: Server, bucket: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said == "Could not connect":
        server.select(monkeypatch, "http://127.0.0.1:1")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(SystemExit, match=f"{bucket}: .*{said}"):
        make(monkeypatch, bucket)


@pytest.mark.parametrize("server", S3_KINDS, indirect=True)
@pytest.mark.parametrize(("days", "has_lock"), [("", False), ("0", False), ("30", True)])
def test_what_compose_makes_can_lock_where_that_is_asked_for(
    server: Server, days: str, *, has_lock: bool
) -> None:
    """The lines of `set-up` before Prefect's, by its own shell."""
    bucket = f"test-{uuid.uuid4().hex}"
    compose = yaml.safe_load((SCRIPT.parent / "compose.yaml").read_text())
    set_up = compose["services"]["set-up"]
    typed = set_up["command"][0].replace("$$", "$").partition("prefect ")[0]
    typed = typed.replace("/opt/recordkeep", str(SCRIPT.parents[1]))
    typed = typed.replace("=owner ", f"={server.access} ")
    typed = typed.replace("make_bucket.py recordkeep", f"make_bucket.py {bucket}")
    told = {"S3_OWNER_SECRET": server.secret, "RECORDKEEP_LOCK_DAYS": days}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [*set_up["entrypoint"], typed]
    subprocess.run(command, check=True, env={**os.environ, **told, "PATH": path})
    store = open_store(f"s3://{bucket}/archive", lock_days=int(days or 0))
    assert [point for point in examine(store) if not point.passed] == []
    assert S3(bucket).set_up.has_lock() is has_lock
