"""From what the user named to a store: a folder, or `s3://bucket/prefix`."""

import re
from pathlib import Path

from storage.directory import Directory
from storage.objects import Objects

_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?P<prefix>.*?))?/*")


def open_store(
    name: str, *, create: bool = True, lock_days: int = 0, compliance: bool = False
) -> Objects:
    """Open the store that the user named.

    Args:
        name: a folder, or `s3://bucket/prefix` with boto3's usual environment.
        create: whether to make a missing folder; those who only read should not.
        lock_days: retention of originals and captures by Object Lock; 0 locks nothing.
        compliance: lock in the mode that nobody can undo.

    Raises:
        ValueError: `name` names no store, or a folder is to be locked.
        StoreUnreachableError: the folder is missing, or cannot be made. A bucket is asked at
            first use.
    """
    if not name.startswith("s3:"):
        if not name or "://" in name:
            raise ValueError("that is no store: give a folder, or s3://bucket/prefix")
        if lock_days:
            raise ValueError("a folder cannot be locked: Object Lock is for s3://bucket/prefix")
        return Directory(Path(name).expanduser(), create=create)
    named = _S3.fullmatch(name)
    if not named:
        raise ValueError("that is no bucket: give s3://bucket/prefix, credentials not in it")
    # boto3 takes a third of a second to import, which folders need not pay.
    from storage.s3 import S3  # noqa: PLC0415
    from storage.s3_bucket import Retention  # noqa: PLC0415

    retention = None
    if lock_days:
        retention = Retention(days=lock_days, mode="COMPLIANCE" if compliance else "GOVERNANCE")
    return S3(named["bucket"], named["prefix"] or "", retention=retention)


def is_within(name: str, other: str) -> bool:
    """Whether a store that the user named is another one, or lies in it."""
    if name.startswith("s3:") or other.startswith("s3:"):
        return f"{name.rstrip('/')}/".startswith(f"{other.rstrip('/')}/")
    return Path(name).expanduser().resolve().is_relative_to(Path(other).expanduser().resolve())
