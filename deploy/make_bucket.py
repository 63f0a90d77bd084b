"""Make a bucket as Recordkeep wants it: versions kept, uploads that broke off dropped.

`make_bucket.py BUCKET [--lock]`, with boto3's usual environment and the credentials of the
bucket's owner. May be run again: what is there stays. `--lock` allows Object Lock, which only some
providers can switch on later. Nothing here ever expires an object or a version.
"""  # noqa: INP001 - a script for the one who sets up, not part of the package

import argparse
import json
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

LIFECYCLE = Path(__file__).with_name("policies") / "lifecycle.json"
_OURS = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def make(bucket: str, *, lock: bool) -> None:
    """Make the bucket where it is missing, and set what must be set.

    Raises:
        ClientError: the store refuses, or the name is somebody else's.
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bucket")
    parser.add_argument("--lock", action="store_true")
    asked = parser.parse_args()
    make(asked.bucket, lock=asked.lock)
