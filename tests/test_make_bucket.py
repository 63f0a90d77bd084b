"""A bucket as `deploy/make_bucket.py` makes it, and as its life cycle leaves it."""

import os
import runpy
import sys
import uuid
from pathlib import Path

import pytest

from storage.checkup import examine
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
