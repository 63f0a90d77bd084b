"""One object into a bucket: whole or not at all, and held against its MD5 and SHA-256.

Files beyond a size go in parts, so that memory stays flat.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import FixityError
from storage.media import media_type
from storage.objects import Body, opened, pieces, size_bytes
from storage.s3_client import code

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_PART_BYTES = 16 << 20
_WHOLE_BYTES = 64 << 20
"""What is larger goes in parts."""
_MOST_PARTS = 9_000
"""S3 takes 10,000."""
_MD5 = re.compile(r"[0-9a-f]{32}")
_REFUSED = {
    "BadDigest",
    "InvalidDigest",
    "XAmzContentChecksumMismatch",
    "XAmzContentSHA256Mismatch",
}
"""What stores call bytes that are not what their checksum says."""

CLAIM = "sha256"
"""Under this name the digest stands in the object's metadata, for comparing without reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One object on its way."""

    client: "S3Client"
    bucket: str
    key: str
    """In the bucket, prefix included."""
    sha256: str
    """What it must be, in hex."""
    lock: dict[str, Any] = field(default_factory=dict)
    """Object Lock's parameters, if it is to be locked."""
    read_back: Callable[[str | None], str]
    """Gives the SHA-256 of a version as the store gives it back."""

    def put(self, body: Body) -> str | None:
        """Send it; give the version id.

        Raises:
            FixityError: `body` is not `sha256`, or what the store took is not.
            ClientError, BotoCoreError: the store did not take it.
        """
        size = size_bytes(body)
        try:
            if isinstance(body, Path) and size > _WHOLE_BYTES:
                return self._put_parts(body, size)
            return self._put_whole(body)
        except ClientError as error:
            if code(error) in _REFUSED:
                raise FixityError(self.key, expected=self.sha256, found=code(error)) from error
            raise

    def _put_whole(self, body: Body) -> str | None:
        md5, sha256 = _digests(body)
        self._check(sha256.hex())
        with opened(body) as file:
            answer = self.client.put_object(
                Bucket=self.bucket,
                Key=self.key,
                Body=file,
                ContentMD5=_base64(md5),
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=_base64(sha256),
                **self._described(),
            )
        version_id = answer.get("VersionId")
        if not _is_confirmed(answer, md5, sha256):
            self._check(self.read_back(version_id))
        return version_id

    def _put_parts(self, path: Path, size_bytes: int) -> str | None:
        begun = self.client.create_multipart_upload(
            Bucket=self.bucket, Key=self.key, ChecksumAlgorithm="SHA256", **self._described()
        )
        upload_id = begun["UploadId"]
        try:
            parts, are_confirmed = self._send_parts(path, size_bytes, upload_id)
            version_id = self._complete(upload_id, parts)
        except BaseException:  # whatever it was, stopping included: parts left behind cost money
            with suppress(ClientError, BotoCoreError):
                self.client.abort_multipart_upload(
                    Bucket=self.bucket, Key=self.key, UploadId=upload_id
                )
            raise
        if self._confirm_held(version_id) != size_bytes or not are_confirmed:
            self._check(self.read_back(version_id))
        return version_id

    def _send_parts(
        self, path: Path, size_bytes: int, upload_id: str
    ) -> "tuple[list[CompletedPartTypeDef], bool]":
        """Send a file in parts; give them, and whether the store confirmed every one."""
        part_bytes = max(_PART_BYTES, -(-size_bytes // _MOST_PARTS))
        whole = hashlib.sha256()
        parts: list[CompletedPartTypeDef] = []
        are_confirmed = True
        with path.open("rb") as file:
            while part := file.read(part_bytes):
                whole.update(part)
                md5, sha256 = _digests(part)
                answer = self.client.upload_part(
                    Bucket=self.bucket,
                    Key=self.key,
                    UploadId=upload_id,
                    PartNumber=len(parts) + 1,
                    Body=part,
                    ContentMD5=_base64(md5),
                    ChecksumAlgorithm="SHA256",
                    ChecksumSHA256=_base64(sha256),
                )
                are_confirmed = are_confirmed and _is_confirmed(answer, md5, sha256)
                sent: CompletedPartTypeDef = {
                    "PartNumber": len(parts) + 1,
                    "ETag": answer["ETag"],
                    "ChecksumSHA256": _base64(sha256),
                }
                parts.append(sent)
        self._check(whole.hexdigest())
        return parts, are_confirmed

    def _complete(self, upload_id: str, parts: "list[CompletedPartTypeDef]") -> str | None:
        try:
            answer = self.client.complete_multipart_upload(
                Bucket=self.bucket,
                Key=self.key,
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
            )
        except ClientError as error:
            # Asked again after an answer that got lost, a store no longer knows the upload.
            if code(error) != "NoSuchUpload":
                raise
            held = self.client.head_object(Bucket=self.bucket, Key=self.key)
            if held["Metadata"].get(CLAIM) != self.sha256:
                raise
            return held.get("VersionId")
        return answer.get("VersionId")

    def _confirm_held(self, version_id: str | None) -> int:
        """Give the size of what was put together; lock it where the store did not."""
        which: Any = {"Bucket": self.bucket, "Key": self.key}
        which |= {} if version_id is None else {"VersionId": version_id}
        held = self.client.head_object(**which)
        # Ceph (16) takes the lock's parameters with the first request, and forgets them.
        if self.lock and not held.get("ObjectLockMode"):
            until = self.lock["ObjectLockRetainUntilDate"]
            retention: Any = {"Mode": self.lock["ObjectLockMode"], "RetainUntilDate": until}
            self.client.put_object_retention(**which, Retention=retention)
        return held["ContentLength"]

    def _described(self) -> dict[str, Any]:
        described = {"ContentType": media_type(self.key)}
        return described | {"Metadata": {CLAIM: self.sha256}} | self.lock

    def _check(self, found: str) -> None:
        if found != self.sha256:
            raise FixityError(self.key, expected=self.sha256, found=found)


def _is_confirmed(answer: Any, md5: bytes, sha256: bytes) -> bool:  # noqa: ANN401 - put_object's and upload_part's answers share no type
    """Say whether the store's answer shows that it holds what we sent.

    An ETag is the MD5 unless the store encrypts with a key of its own; then it proves nothing.
    """
    checksum = answer.get("ChecksumSHA256")
    etag = answer.get("ETag", "").strip('"')
    if checksum:
        return bool(checksum == _base64(sha256))
    return bool(_MD5.fullmatch(etag)) and etag == md5.hex()


def _digests(body: Body) -> tuple[bytes, bytes]:
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with pieces(body) as read:
        for piece in read:
            md5.update(piece)
            sha256.update(piece)
    return md5.digest(), sha256.digest()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
