"""A store in an S3 bucket that has versioning: AWS, or anything that speaks its language.

Needs no conditional writes. Keys that end in `/`, which consoles make to show folders, are no
objects of ours, and not listed. Set up by boto3's own environment and profiles
(`AWS_ENDPOINT_URL_S3`, `AWS_PROFILE` …). boto3 is imported in the `s3…` modules only.
"""

import hashlib
import io
import re
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import MissingError, UnreadableError
from storage.objects import Body, Entry, Put, check_key, check_prefix
from storage.s3_bucket import Bucket, Retention
from storage.s3_client import Limits, code, connect, reaching
from storage.s3_upload import CLAIM, Upload

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3.client import S3Client

_PIECE_BYTES = 1 << 20
_AT_ONCE = 8
"""Requests; botocore keeps ten connections open."""
_GONE = {"NoSuchKey", "NoSuchVersion", "404"}
_NO_VERSION = {"InvalidArgument", "NoSuchVersion", "MethodNotAllowed", "405", "400"}
"""What stores call a version id that is not theirs, or a delete marker's."""
_KINDS = re.compile(rb"<(Version|DeleteMarker)>")


class S3:
    """Objects in a bucket, below a prefix."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        retention: Retention | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Name a bucket; it is asked at first use.

        Args:
            bucket: its name.
            prefix: what all our keys begin with there, without a slash at the end.
            retention: how long originals and captures are locked; None locks nothing.
            limits: how long the store is given to answer.
        """
        self.bucket = bucket
        self.prefix = f"{check_key(prefix)}/" if prefix else ""
        self.name = f"s3://{bucket}/{prefix}".rstrip("/")
        self.retention = retention
        self.limits = limits or Limits()

    @cached_property
    def set_up(self) -> Bucket:
        """The bucket as it is set up, unchecked: for looking at it and for mending it."""
        client = connect(self.name, self.limits)
        client.meta.events.register("before-parse.s3.ListObjectVersions", _keep_order)
        return Bucket(where=self.name, client=client, name=self.bucket, prefix=self.prefix)

    @cached_property
    def _client(self) -> "S3Client":
        self.set_up.check(self.retention)
        return self.set_up.client

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        """Store `body` under `key`. Raises as `Objects.put`."""
        full = self.prefix + check_key(key)
        with reaching(self.name):
            upload = Upload(
                client=self._client,
                bucket=self.bucket,
                key=full,
                sha256=sha256,
                lock=self.retention.parameters(key) if self.retention else {},
                read_back=lambda version_id: self._digest(key, version_id),
            )
            return upload.put(body)

    def put_all(self, *groups: Sequence[Put]) -> None:
        """Store several objects, see `Batching`: the store is asked for many at once."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for group in groups:
                sent = [threads.submit(self.put, p.key, p.body, sha256=p.sha256) for p in group]
                for each in sent:
                    each.result()

    def delete(self, key: str) -> None:
        """Put a delete marker on `key`, see `Objects.delete`."""
        if self.find(key):
            with reaching(self.name):
                self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def get(self, key: str, *, version_id: str | None = None) -> bytes:
        """Give the bytes of the current version, or of another. Raises as `Objects.get`."""
        with self.open(key, version_id=version_id) as file:
            return file.read()

    @contextmanager
    def open(self, key: str, *, version_id: str | None = None) -> Generator[BinaryIO]:
        """Open the current version, or another, for reading in pieces. Raises as `get`."""
        with _Reader(self, check_key(key), version_id) as raw:
            yield cast("BinaryIO", io.BufferedReader(raw, _PIECE_BYTES))

    def find(self, key: str, *, version_id: str | None = None) -> Entry | None:
        """Say what is held under `key` now, or in one version; None if nothing is."""
        try:
            answer = self._ask("head_object", key, version_id)
        except MissingError:
            return None
        return Entry(
            key=key,
            size_bytes=answer["ContentLength"],
            version_id=answer.get("VersionId"),
            etag=answer["ETag"].strip('"'),
            sha256=answer["Metadata"].get(CLAIM),
        )

    def list(self, prefix: str, *, after: str = "") -> Iterator[Entry]:
        """List current objects in the order of their keys, without `version_id`."""
        begin: Any = {"StartAfter": self.prefix + after} if after else {}
        full = self.prefix + check_prefix(prefix)
        with reaching(self.name):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=full, **begin):
                for found in page.get("Contents", ()):
                    if found["Key"].endswith("/"):
                        continue
                    yield Entry(
                        key=found["Key"][len(self.prefix) :],
                        size_bytes=found["Size"],
                        version_id=None,
                        etag=found["ETag"].strip('"'),
                    )

    def versions(self, prefix: str) -> Iterator[Entry]:
        """List all versions of all keys below `prefix`: keys in order, newest version first."""
        full = self.prefix + check_prefix(prefix)
        with reaching(self.name):
            pages = self._client.get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self.bucket, Prefix=full):
                found = {
                    b"Version": iter(page.get("Versions", ())),
                    b"DeleteMarker": iter(page.get("DeleteMarkers", ())),
                }
                order = cast("dict[str, Any]", page).get("InOrder", ())
                told: list[Any] = [next(found[kind]) for kind in order]
                # moto tells all versions before any marker; real stores tell them in order.
                told.sort(key=lambda version: (version["Key"], not version["IsLatest"]))
                yield from (self._version(each) for each in told if not each["Key"].endswith("/"))

    def link(self, key: str, *, seconds: int, version_id: str | None = None) -> str:
        """Give an address at which anybody can read `key` for so many seconds.

        Raises:
            MissingError: nothing is held there.
            StoreUnreachableError: the store did not answer.
        """
        self._ask("head_object", key, version_id)
        which = {} if version_id is None else {"VersionId": version_id}
        with reaching(self.name):
            return self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self.bucket, "Key": self.prefix + key, **which},
                ExpiresIn=seconds,
            )

    def _version(self, found: Any) -> Entry:  # noqa: ANN401 - a version or a delete marker, which share no type
        return Entry(
            key=found["Key"][len(self.prefix) :],
            size_bytes=found.get("Size", 0),
            version_id=found["VersionId"],
            is_current=found["IsLatest"] and "Size" in found,
            is_deleted="Size" not in found,
            etag=found.get("ETag", "").strip('"') or None,
        )

    def _ask(self, operation: str, key: str, version_id: str | None, **more: str) -> Any:  # noqa: ANN401 - head_object's and get_object's answers share no type
        which = {} if version_id is None else {"VersionId": version_id}
        full = self.prefix + check_key(key)
        with reaching(self.name):
            try:
                asked = getattr(self._client, operation)
                return asked(Bucket=self.bucket, Key=full, **which, **more)
            except ClientError as error:
                is_gone = code(error) in _GONE or (version_id and code(error) in _NO_VERSION)
                if is_gone:
                    raise MissingError(key) from error
                raise

    def _digest(self, key: str, version_id: str | None) -> str:
        found = hashlib.sha256()
        with self.open(key, version_id=version_id) as file:
            while piece := file.read(_PIECE_BYTES):
                found.update(piece)
        return found.hexdigest()


class _Reader(io.RawIOBase):
    """An object's bytes; where an answer is cut, the rest of the same version is asked for."""

    def __init__(self, store: S3, key: str, version_id: str | None) -> None:
        self._store, self._key, self._version_id = store, key, version_id
        self._at = self._tries = self._broke_at = 0
        answer = store._ask("get_object", key, version_id)  # noqa: SLF001 - two classes of one module
        self._version_id = answer.get("VersionId", version_id)
        self._etag: str = answer["ETag"]
        self._body: StreamingBody = answer["Body"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - WriteableBuffer exists for type checkers only
        wanted = len(buffer)
        with reaching(self._store.name):
            while True:
                try:
                    piece = self._body.read(wanted)
                    break
                except BotoCoreError as error:
                    self._broke_at = self._broke_at if self._tries else self._at
                    self._tries += 1
                    if self._tries >= self._store.limits.attempts:
                        self._tell_from_rot(error)
                        raise
                self._resume()
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()

    def _tell_from_rot(self, error: BotoCoreError) -> None:
        """Servers that find bytes rotten break off there each time, and answer all else."""
        if self._at == self._broke_at and self._store.find(self._key, version_id=self._version_id):
            raise UnreadableError(self._key) from error

    def _resume(self) -> None:
        self._body.close()
        rest = {"Range": f"bytes={self._at}-", "IfMatch": self._etag}
        answer = self._store._ask("get_object", self._key, self._version_id, **rest)  # noqa: SLF001 - two classes of one module
        self._body = answer["Body"]


def _keep_order(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """Note in which order versions and delete markers were told; boto3 sorts them apart."""
    customized_response_dict["InOrder"] = _KINDS.findall(response_dict["body"])
