"""Make a bucket as Recordkeep wants it: versions kept, uploads that broke off dropped.

`make_bucket.py BUCKET [--lock]`, with boto3's usual environment and the credentials of the
bucket's owner. May be run again: what is there stays. `--lock` allows Object Lock, which only some
providers can switch on later; ends with 1 where it is not on. Nothing here ever expires an object
or a version.
"""  # noqa: INP001 - a script for the one who sets up, not part of the package

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

LIFECYCLE = Path(__file__).with_name("policies") / "lifecycle.json"
_OURS = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
_UNLOCKED = (
    "it stands without Object Lock, and this store switches that on for new buckets only: make "
    "another with --lock, and `recordkeep mirror` the archive into it, if it has one"
)


def make(bucket: str, *, lock: bool) -> None:
    """Make the bucket where it is missing, and set what must be set.

    Raises:
        ClientError, BotoCoreError: the store refuses, or the name is somebody else's.
        SystemExit: it was made without Object Lock, which is wanted.
    """
    client = boto3.client("s3")
    wanted: dict[str, Any] = {"Bucket": bucket, "ObjectLockEnabledForBucket": lock}
    if client.meta.region_name != "us-east-1":  # which S3 does not let one name
        wanted["CreateBucketConfiguration"] = {"LocationConstraint": client.meta.region_name}
    try:
        client.create_bucket(**wanted)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _OURS:
            raise
        client.head_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rules = json.loads(LIFECYCLE.read_text(encoding="utf-8"))
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)
    if lock and not _has_lock(client, bucket):
        try:
            enabled: Any = {"ObjectLockEnabled": "Enabled"}
            client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=enabled)
        except ClientError as error:
            sys.exit(f"{bucket}: {_UNLOCKED} ({error.response['Error']['Code']})")


def _has_lock(client: Any, bucket: str) -> bool:  # noqa: ANN401 - boto3 makes its clients' types
    try:
        found = client.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
            raise
        return False
    return bool(found["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bucket")
    parser.add_argument("--lock", action="store_true")
    asked = parser.parse_args()
    try:
        make(asked.bucket, lock=asked.lock)
    except (ClientError, BotoCoreError) as refused:
        sys.exit(f"{asked.bucket}: {refused}")
