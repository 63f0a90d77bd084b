"""The bucket policies in `deploy/policies`, on the real server: who may do what, and no more."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from storage import s3_upload
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from storage.mirror import mirror
from storage.objects import read_verified
from storage.s3 import S3
from storage.s3_bucket import Retention
from tests.stores import Server
from tests.test_objects import put, sha256

POLICIES = Path(__file__).parents[1] / "deploy" / "policies"
LOCK = Retention(days=30)
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shared:
    """A locked bucket under both policies, with one original in it."""

    owner: Server
    writer: Server
    reader: Server
    bucket: str
    version_id: str


@pytest.fixture(scope="module")
def shared(ceph: Server) -> Shared:
    bucket = f"test-{uuid.uuid4().hex}"
    ceph.make_bucket(bucket, lock=True)
    users, statements = {}, []
    for name in ("writer", "reader"):
        access, secret = f"{name}-{uuid.uuid4().hex}", uuid.uuid4().hex
        user = ["--uid", access, "--display-name", name, "--access-key", access]
        ceph.administer("user", "create", *user, "--secret-key", secret)
        users[name] = replace(ceph, access=access, secret=secret)
        text = (POLICIES / f"{name}.json").read_text().replace("BUCKET", bucket)
        policy = json.loads(text.replace(name.upper(), f"arn:aws:iam:::user/{access}"))
        statements += policy["Statement"]
    joined = json.dumps({"Version": "2012-10-17", "Statement": statements})
    client = ceph.client()
    client.put_bucket_policy(Bucket=bucket, Policy=joined)
    retention: Any = LOCK.parameters("raw/a")
    held = client.put_object(
        Bucket=bucket, Key="raw/a", Body=b"body", ContentMD5="hBotaJrYa9FhFEdFPCLG/A==", **retention
    )
    return Shared(ceph, users["writer"], users["reader"], bucket, held["VersionId"])


DESTRUCTIVE: dict[str, Callable[[Any, Shared], object]] = {
    "delete": lambda client, s: client.delete_object(Bucket=s.bucket, Key="raw/a"),
    "delete a version": lambda client, s: client.delete_object(
        Bucket=s.bucket, Key="raw/a", VersionId=s.version_id
    ),
    "delete a locked version by force": lambda client, s: client.delete_object(
        Bucket=s.bucket, Key="raw/a", VersionId=s.version_id, BypassGovernanceRetention=True
    ),
    "shorten retention": lambda client, s: client.put_object_retention(
        Bucket=s.bucket, Key="raw/a", VersionId=s.version_id, Retention=_tomorrow()
    ),
    "shorten retention by force": lambda client, s: client.put_object_retention(
        Bucket=s.bucket,
        Key="raw/a",
        VersionId=s.version_id,
        Retention=_tomorrow(),
        BypassGovernanceRetention=True,
    ),
    "suspend versioning": lambda client, s: client.put_bucket_versioning(
        Bucket=s.bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
    "change the policy": lambda client, s: client.delete_bucket_policy(Bucket=s.bucket),
    "let objects expire": lambda client, s: client.put_bucket_lifecycle_configuration(
        Bucket=s.bucket,
        LifecycleConfiguration={
            "Rules": [
                {"ID": "x", "Prefix": "", "Status": "Enabled", "Expiration": {"Days": 1}},
            ]
        },
    ),
    "delete the bucket": lambda client, s: client.delete_bucket(Bucket=s.bucket),
}


def _tomorrow() -> dict[str, object]:
    return {"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=1)}


@pytest.mark.parametrize("who", ["writer", "reader"])
@pytest.mark.parametrize("what", DESTRUCTIVE)
def test_nobody_but_the_owner_may_destroy(who: str, what: str, shared: Shared) -> None:
    user: Server = getattr(shared, who)
    with pytest.raises(ClientError) as caught:
        DESTRUCTIVE[what](user.client(), shared)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    owner = shared.owner.client()
    held = owner.head_object(Bucket=shared.bucket, Key="raw/a", VersionId=shared.version_id)
    assert held["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=28)
    assert owner.get_bucket_versioning(Bucket=shared.bucket)["Status"] == "Enabled"


def test_the_writer_may_do_all_that_the_pipeline_does(
    shared: Shared, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared.writer.select(monkeypatch)
    monkeypatch.setattr(s3_upload, "_WHOLE_BYTES", 100)
    store = S3(shared.bucket, retention=LOCK)
    put(store, "raw/b", b"body")
    put(store, "manifests/a.json", b"1")
    put(store, "manifests/a.json", b"2")
    file = tmp_path / "large"
    file.write_bytes(b"x" * 1000)
    store.put("captures/c", file, sha256=sha256(file.read_bytes()))
    held = store.set_up.client.head_object(Bucket=shared.bucket, Key="captures/c")
    assert held["ObjectLockMode"] == "GOVERNANCE"
    assert len(list(store.versions("manifests/"))) == 2
    assert read_verified(store, "manifests/a.json", sha256(b"1"))[0] == b"1"
    with pytest.raises(StoreUnreachableError, match="refuses DeleteObject to this user"):
        store.delete("raw/b")


def test_the_writer_mirrors_on_past_what_was_deleted_elsewhere(
    shared: Shared, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared.writer.select(monkeypatch)
    source, target = Directory(tmp_path), S3(shared.bucket, "mirror")
    for key in ("raw/a", "site/a"):
        put(source, key, b"body")
    mirror(source, target, progress=lambda *_: None)
    source.delete("raw/a")
    put(source, "site/a", b"new")
    for copied in (1, 0):
        done = mirror(source, target, progress=lambda *_: None)
        assert done.copied == copied
        assert ["refuses DeleteObject to this user" in why for why in done.refused] == [True]
    assert (target.get("raw/a"), target.get("site/a")) == (b"body", b"new")


def test_the_reader_may_read_everything_and_write_nothing(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.reader.select(monkeypatch)
    store = S3(shared.bucket)
    assert store.get("raw/a", version_id=shared.version_id) == b"body"
    assert "raw/a" in {entry.key for entry in store.list("raw/")}
    assert list(store.versions("raw/a"))
    with pytest.raises(StoreUnreachableError, match="refuses PutObject to this user"):
        put(store, "raw/z", b"body")
    with pytest.raises(StoreUnreachableError, match="refuses PutBucketVersioning"):
        store.set_up.switch_versioning_on()
