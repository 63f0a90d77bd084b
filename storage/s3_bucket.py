"""What a bucket must be before we trust it: versioned, and with Object Lock if that is wanted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from storage.errors import StoreUnreachableError
from storage.http_dates import http_date
from storage.s3_client import code, reaching

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

LOCKED = ("raw/", "captures/")
"""What retention protects: the originals, and where they came from."""

_UNVERSIONED = (
    "keeps no older versions, so what is overwritten would be lost: switch the bucket's "
    "versioning on with `recordkeep doctor --fix`"
)
_UNLOCKED = (
    "has no Object Lock, which the retention setting asks for: `recordkeep doctor --fix` "
    "switches it on where the store allows that, otherwise make a new bucket with it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long originals and captures may not be deleted, by anybody."""

    days: int
    mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    """COMPLIANCE can be undone by nobody, not even by the account's owner."""

    def parameters(self, key: str) -> dict[str, Any]:
        """Give what a put of `key` (without the store's prefix) sends; nothing for most keys."""
        if not key.startswith(LOCKED):
            return {}
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=self.days)
        return {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": until}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket as it is set up."""

    where: str
    """The store, as the user named it."""
    client: "S3Client"
    name: str
    prefix: str
    """Of the store's keys in it."""

    def check(self, retention: Retention | None) -> None:
        """Make sure that nothing written there can be lost.

        Raises:
            StoreUnreachableError: it keeps no versions; retention is asked for and it has no
                Object Lock; or it did not answer.
        """
        if not self.is_versioned():
            raise StoreUnreachableError(self.where, _UNVERSIONED)
        if retention and not self.has_lock():
            raise StoreUnreachableError(self.where, _UNLOCKED)

    def is_versioned(self) -> bool:
        """Say whether versioning is on."""
        with reaching(self.where):
            answer = self.client.get_bucket_versioning(Bucket=self.name)
        return answer.get("Status") == "Enabled"

    def has_lock(self) -> bool:
        """Say whether Object Lock is on."""
        with reaching(self.where):
            try:
                answer = self.client.get_object_lock_configuration(Bucket=self.name)
            except ClientError as error:
                if code(error) in {"ObjectLockConfigurationNotFoundError", "NotImplemented"}:
                    return False
                raise
        return answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"

    def expiring(self) -> list[str] | None:
        """Name the rules by which it deletes by itself what the store holds, or older versions.

        None where it has no such rules for anybody, or does not tell this user.
        """
        with reaching(self.where):
            try:
                answer = self.client.get_bucket_lifecycle_configuration(Bucket=self.name)
            except ClientError as error:
                if code(error) == "NoSuchLifecycleConfiguration":
                    return []
                if code(error) in {"AccessDenied", "NotImplemented"}:
                    return None
                raise
        rules: list[Any] = list(answer.get("Rules", ()))
        return [
            rule.get("ID") or "without a name"
            for rule in rules
            if rule["Status"] == "Enabled" and _deletes(rule) and self._is_met_by(rule)
        ]

    def _is_met_by(self, rule: dict[str, Any]) -> bool:
        """Whether a rule may concern the store; what it says of tags and sizes does not count."""
        told = rule.get("Filter", {})
        begins = rule.get("Prefix") or told.get("Prefix") or told.get("And", {}).get("Prefix") or ""
        return bool(begins.startswith(self.prefix) or self.prefix.startswith(begins))

    def asked_at(self) -> datetime:
        """Give the time by the store's clock, to the second."""
        with reaching(self.where):
            answer = self.client.get_bucket_versioning(Bucket=self.name)
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return http_date(told) or datetime.now(UTC)

    def switch_versioning_on(self) -> None:
        """Let the bucket keep what is replaced. It can be suspended later, but not switched off.

        Raises:
            StoreUnreachableError: the store refused.
        """
        with reaching(self.where):
            self.client.put_bucket_versioning(
                Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
            )

    def switch_lock_on(self) -> None:
        """Let the bucket lock objects; locks nothing by itself. Cannot be undone.

        Raises:
            StoreUnreachableError: the store refused; many take it only for a new bucket.
        """
        with reaching(self.where):
            self.client.put_object_lock_configuration(
                Bucket=self.name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
            )


def _deletes(rule: dict[str, Any]) -> bool:
    """Whether a rule deletes more than uploads that broke off, and marks of what was deleted."""
    told = rule.get("Expiration", {})
    return "NoncurrentVersionExpiration" in rule or "Days" in told or "Date" in told
