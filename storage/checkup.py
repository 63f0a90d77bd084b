"""Is a store fit to be trusted with an archive? What `recordkeep doctor` asks of it.

boto3 is not imported here: a bucket brings its own set-up.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

from storage import layout
from storage.errors import StorageError
from storage.objects import Objects, read_verified

_MOST_SKEW = timedelta(minutes=5)
"""S3 refuses requests whose time is 15 minutes off; keys bear our time long before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that was looked at."""

    name: str
    passed: bool
    says: str
    """What was found; where it failed, what to do."""


class Settable(Protocol):
    """What can be said of, and changed in, the set-up of a bucket: `storage.s3_bucket.Bucket`."""

    def is_versioned(self) -> bool:
        """Say whether replaced bytes are kept."""
        ...

    def has_lock(self) -> bool:
        """Say whether Object Lock is on."""
        ...

    def expiring(self) -> list[str] | None:
        """Name the rules by which it deletes by itself what is held; None where it does not say."""
        ...

    def asked_at(self) -> datetime:
        """Give the time by the store's clock."""
        ...

    def switch_versioning_on(self) -> None:
        """Keep replaced bytes from now on."""
        ...

    def switch_lock_on(self) -> None:
        """Let objects be locked."""
        ...


@runtime_checkable
class _InBucket(Protocol):
    @property
    def set_up(self) -> Settable: ...
    @property
    def retention(self) -> object | None: ...


def examine(objects: Objects, *, fix: bool = False) -> Iterator[Point]:
    """Look at a store, point by point; what follows from a failed point is not asked.

    Args:
        objects: the store, not yet asked anything.
        fix: whether to switch on versioning, and Object Lock where retention is set.
    """
    try:
        if isinstance(objects, _InBucket):
            wants_lock = objects.retention is not None
            yield from _set_up(objects.set_up, wants_lock=wants_lock, fix=fix)
        yield _round_trip(objects)
    except StorageError as error:
        yield Point(name="store", passed=False, says=str(error))


def _set_up(bucket: Settable, *, wants_lock: bool, fix: bool) -> Iterator[Point]:
    if fix and not bucket.is_versioned():
        bucket.switch_versioning_on()
    if fix and wants_lock and not bucket.has_lock():
        bucket.switch_lock_on()
    is_versioned = bucket.is_versioned()
    says = "on" if is_versioned else "off: run `recordkeep doctor --fix`"
    yield Point(name="versioning", passed=is_versioned, says=says)
    if bucket.has_lock():
        says = "on" if wants_lock else "on, and unused: no retention is set"
        yield Point(name="object lock", passed=True, says=says)
    else:
        says = "off: run `recordkeep doctor --fix`" if wants_lock else "off, and not asked for"
        yield Point(name="object lock", passed=not wants_lock, says=says)
    yield _lifecycle(bucket.expiring())
    skew = abs(bucket.asked_at() - datetime.now(UTC))
    seconds = f"{skew.total_seconds():.0f} s from the store's"
    says = seconds if skew < _MOST_SKEW else f"{seconds}: set this machine's clock (NTP)"
    yield Point(name="clock", passed=skew < _MOST_SKEW, says=says)


def _lifecycle(expiring: list[str] | None) -> Point:
    says = "nothing is deleted by itself"
    if expiring is None:
        says = "not known: the store does not tell this user (s3:GetLifecycleConfiguration)"
    elif expiring:
        says = f"{', '.join(expiring)}: would delete what is held, take it off the bucket's rules"
    return Point(name="lifecycle", passed=not expiring, says=says)


def _round_trip(objects: Objects) -> Point:
    """Write, read back and compare; what was written stays, since we delete nothing."""
    key = layout.round_trip()
    body = f"written by recordkeep doctor at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode()
    sha256 = hashlib.sha256(body).hexdigest()
    objects.put(key, body, sha256=sha256)
    _, warning = read_verified(objects, key, sha256)
    says = warning or f"{len(body)} bytes written to {objects.name}, read and verified"
    return Point(name="store", passed=warning is None, says=says)
