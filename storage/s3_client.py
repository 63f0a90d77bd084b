"""The connection to an S3 store: boto3's own set-up, bounded, its errors as what to do."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import StoreUnreachableError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws")

_CREDENTIALS = (
    "does not know these credentials: check AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY (and that a session has not expired)"
)
_REGION = "stands in another region: set AWS_DEFAULT_REGION to the bucket's"
_FULL = "is full: free some space or raise its quota, then run again"
_BUSY = "is overloaded or broken: wait, then run again"
_NO_ANSWER = (
    "does not answer: check the network and the endpoint (AWS_ENDPOINT_URL_S3), then run again"
)
_SENTENCES = {
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredToken": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "TokenRefreshRequired": _CREDENTIALS,
    "NoSuchBucket": "has no such bucket: make it (with versioning), or name another",
    "RequestTimeTooSkewed": "says that this machine's clock is wrong: set it, then run again",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "301": _REGION,
    "QuotaExceeded": _FULL,
    "InsufficientStorage": _FULL,
    "507": _FULL,
    "SlowDown": _BUSY,
    "InvalidBucketState": "switches Object Lock on for new buckets only: make one with it, and "
    "`recordkeep mirror` into that",
}
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a store is given before we say that it does not answer."""

    attempts: int = 5
    """Tries of each request in all, with growing pauses of some seconds between them."""
    connect_s: float = 10
    read_s: float = 60
    """Silence in the middle of an answer."""


def connect(where: str, limits: Limits) -> "S3Client":
    """Make a client from boto3's usual environment and profiles.

    Raises:
        StoreUnreachableError: what is set up there cannot be used.
    """
    with reaching(where):
        session = boto3.Session()
        client = session.client("s3", config=_config(limits))
        endpoint = urlsplit(client.meta.endpoint_url)
        if endpoint.username or endpoint.password:
            why = "has credentials in its endpoint's address: take them out of AWS_ENDPOINT_URL_S3"
            raise StoreUnreachableError(where, why)
        is_amazon = (endpoint.hostname or "").endswith(_AMAZON)
        chosen = session._session.get_scoped_config().get("s3")  # noqa: SLF001 - boto3 shows it nowhere else
        if is_amazon or (isinstance(chosen, dict) and "addressing_style" in chosen):
            return client
        # Stores that one runs oneself seldom have a DNS name for each bucket.
        path_style = Config(s3={"addressing_style": "path"})
        return session.client("s3", config=_config(limits).merge(path_style))


def _config(limits: Limits) -> Config:
    return Config(
        signature_version="s3v4",  # boto3 would sign links the old way, which newer stores refuse
        retries={"mode": "standard", "total_max_attempts": limits.attempts},
        connect_timeout=limits.connect_s,
        read_timeout=limits.read_s,
        # Checksums are sent where we ask for them; boto3's default trailers break some stores.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


@contextmanager
def reaching(where: str) -> Generator[None]:
    """Say what to do about an error of the store `where`.

    Only the error's code goes into the sentence: a store's own text may show part of a credential.

    Raises:
        StoreUnreachableError: boto3 gave up.
    """
    try:
        yield
    except ClientError as error:
        raise StoreUnreachableError(where, _refusal(error)) from error
    except BotoCoreError as error:
        raise StoreUnreachableError(where, _failure(error)) from error
    except ValueError as error:
        if "endpoint" not in str(error):
            raise
        why = "has no usable endpoint: set AWS_ENDPOINT_URL_S3 to http(s)://HOST[:PORT]"
        raise StoreUnreachableError(where, why) from None


def code(error: ClientError) -> str:
    """Give S3's name of an error; the status as text where it gives none."""
    return str(error.response.get("Error", {}).get("Code", "")) or str(status(error))


def status(error: ClientError) -> int:
    """Give the HTTP status of an error."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _refusal(error: ClientError) -> str:
    name, operation = code(error), error.operation_name
    if name in _SENTENCES:
        return f"{_SENTENCES[name]} ({name})"
    if status(error) == 403:  # noqa: PLR2004 - HTTP's number is its name
        return f"refuses {operation} to this user: give it the right ({name})"
    if status(error) == 501:  # noqa: PLR2004 - HTTP's number is its name
        return f"does not know {operation}, which an archive needs: take another ({name})"
    if status(error) >= 500:  # noqa: PLR2004 - HTTP's number is its name
        return f"{_BUSY} ({operation}: {name})"
    return f"refuses {operation} ({name})"


def _failure(error: BotoCoreError) -> str:
    if isinstance(error, _NO_CREDENTIALS):
        return (
            "has no credentials to be asked with: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY"
        )
    return f"{_NO_ANSWER} ({type(error).__name__})"
