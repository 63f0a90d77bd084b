"""What `doctor` says of a store, and mends."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import layout
from storage.checkup import examine
from storage.directory import Directory
from storage.objects import Objects
from storage.s3 import S3
from storage.s3_bucket import Bucket, Retention
from storage.s3_client import Limits
from tests.stores import S3_KINDS, Server


def points(store: Objects, *, fix: bool = False) -> dict[str, bool]:
    return {point.name: point.passed for point in examine(store, fix=fix)}


def test_finds_nothing_wrong_with_a_good_store(objects: Objects) -> None:
    found = points(objects)
    assert found["store"]
    assert all(found.values())
    assert objects.get(layout.round_trip()).startswith(b"written by recordkeep doctor")


def test_says_what_is_wrong_with_a_folder_that_is_gone(tmp_path: Path) -> None:
    store = Directory(tmp_path / "store")
    (tmp_path / "store").rmdir()
    (point,) = examine(store)
    assert not point.passed
    assert "mount or make the folder" in point.says


@pytest.mark.parametrize("server", S3_KINDS, indirect=True)
def test_switches_versioning_on_when_told_to_and_only_then(server: Server) -> None:
    name = f"test-{uuid.uuid4().hex}"
    server.make_bucket(name, versioned=False)
    found = points(S3(name))
    assert not found["versioning"]
    assert not found["store"]
    assert not S3(name).set_up.is_versioned()
    assert all(points(S3(name), fix=True).values())
    assert S3(name).set_up.is_versioned()


@pytest.mark.parametrize("server", S3_KINDS, indirect=True)
def test_tells_whether_a_bucket_can_lock(server: Server) -> None:
    plain, locking = (f"test-{uuid.uuid4().hex}" for _ in range(2))
    server.make_bucket(plain)
    server.make_bucket(locking, lock=True)
    assert not points(S3(plain, retention=Retention(days=1)))["object lock"]
    assert points(S3(plain))["object lock"]
    assert all(points(S3(locking, retention=Retention(days=1))).values())


EXPIRING: dict[str, dict[str, object]] = {
    "objects": {"Filter": {"Prefix": ""}, "Expiration": {"Days": 400}},
    "originals": {"Filter": {"Prefix": "archive/raw/"}, "Expiration": {"Days": 400}},
    "versions": {
        "Filter": {"Prefix": "arch"},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
    },
}
HARMLESS: dict[str, dict[str, object]] = {
    "elsewhere": {"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}},
    "uploads": {
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
    "off": {"Filter": {"Prefix": ""}, "Expiration": {"Days": 1}, "Status": "Disabled"},
}


@pytest.mark.parametrize("server", ["moto", "ceph"], indirect=True)
@pytest.mark.parametrize("rule", [*EXPIRING, *HARMLESS])
def test_tells_rules_by_which_what_is_held_would_expire(server: Server, rule: str) -> None:
    name = f"test-{uuid.uuid4().hex}"
    server.make_bucket(name)
    asked = {"ID": rule, "Status": "Enabled", **(EXPIRING | HARMLESS)[rule]}
    server.client().put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": [asked]}
    )
    found = {point.name: point for point in examine(S3(name, "archive"))}
    assert found["lifecycle"].passed == (rule in HARMLESS)
    assert (rule in found["lifecycle"].says) == (rule in EXPIRING)


@pytest.mark.parametrize("server", ["moto"], indirect=True)
def test_tells_a_clock_that_is_wrong(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"test-{uuid.uuid4().hex}"
    server.make_bucket(name)
    monkeypatch.setattr(Bucket, "asked_at", lambda _: datetime.now(UTC) - timedelta(hours=1))
    found = {point.name: point for point in examine(S3(name))}
    assert not found["clock"].passed
    assert "set this machine's clock" in found["clock"].says


@pytest.mark.parametrize("server", ["moto"], indirect=True)
def test_says_so_when_the_bucket_does_not_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    (point,) = examine(S3("bucket", limits=Limits(attempts=1, connect_s=1)))
    assert not point.passed
    assert "does not answer" in point.says
