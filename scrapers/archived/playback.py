"""A capture as the Archive plays it back: is it the one asked for, and what did the agency send."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from scrapers.archived.index import Row, excluded
from scrapers.errors import (
    ArchivedErrorPageError,
    CapturedStatusError,
    ExcludedError,
    FetchError,
    NotThatCaptureError,
    NotThereError,
    SoftNotFoundError,
    UnansweredError,
)
from scrapers.web import bodies, verdicts
from scrapers.web.disposition import filename
from scrapers.web.download import Download, handed_over
from scrapers.web.transfer import Transfer
from scrapers.web.wire import HIDDEN, Answer
from storage.http_dates import http_date

ORIGINAL = "x-archive-orig-"
"""Before the names of the headers that the agency sent."""
GZIP = b"\x1f\x8b"
PARTS = frozenset({verdicts.PARTIAL, verdicts.RANGE_REFUSED})
"""What only those are answered who ask for a part of a body. The Archive, or a cache before it, may
answer so all the same after a body that was cut."""
RUNTIME_ERROR = "x-archive-wayback-runtime-error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento(Download):
    """A document out of the Archive, complete on disk.

    Its `url` is the address as captured, `at` the time of the capture, `headers` are the agency's
    own, and `digest` is of the body without any coding.
    """

    row: Row
    """What the index said of it."""
    fetched_at: datetime
    """When it was fetched from the Archive, UTC."""
    playback: str
    """Where it was fetched."""
    confirmed: bool
    """Whether the index's digest is that of the body, as sent or decoded. Where it is not, the
    body may be right all the same: it was stored in another coding, or with its chunks."""
    gunzipped: bool
    """Whether it came gzipped without saying so, and was unpacked."""


@dataclass(slots=True)
class Unpacking:
    """How one body is decoded, and what is learned of it on the way."""

    sent: "hashlib._Hash" = field(default_factory=lambda: hashlib.sha1(usedforsecurity=False))
    plain: "hashlib._Hash" = field(default_factory=lambda: hashlib.sha1(usedforsecurity=False))
    gunzipped: bool = False

    def decoded(self, answer: Answer, limit: int) -> Iterator[bytes]:
        """Give a body without its coding: by its own first bytes, then by what is said of it.

        Stored bodies may be gzip that no header tells of, or of which an empty Content-Encoding
        beside the true one tells; and headers may tell of gzip that was already unpacked.

        Raises:
            TooLargeError: it is larger than `limit`, on the wire or decoded.
            CutError: its gzip is broken or ends early.
        """
        self.sent = hashlib.sha1(usedforsecurity=False)
        self.plain = hashlib.sha1(usedforsecurity=False)
        declared = _coding(answer)
        chunks = self._heard(answer)
        head = b""
        for chunk in chunks:
            head += chunk
            if len(head) >= len(GZIP):
                break
        coding = declared if declared not in {"gzip", "x-gzip"} else ""
        if head.startswith(GZIP):
            coding, self.gunzipped = "gzip", coding == declared
        for piece in bodies.decoded(answer.url, chain([head], chunks), coding, limit):
            self.plain.update(piece)
            yield piece

    def _heard(self, answer: Answer) -> Iterator[bytes]:
        for chunk in answer.chunks():
            self.sent.update(chunk)
            yield chunk

    @property
    def sha1(self) -> str:
        """Base32 SHA-1 of the body as sent."""
        return base64.b32encode(self.sent.digest()).decode()

    def has(self, *digests: str) -> bool:
        """Whether one of the index's digests is that of the body, as sent or decoded."""
        known = {self.sha1, base64.b32encode(self.plain.digest()).decode()}
        return not known.isdisjoint(digests)

    def refuse_other(self, answer: Answer, row: Row) -> None:
        """Raise NotThatCaptureError where the body is another one captured in the same second."""
        if not self.has(row.digest) and self.has(*row.beside):
            why = "is not played back: it is another capture of the same second"
            raise NotThatCaptureError(answer.url, why)


def check_worth_asking(row: Row) -> None:
    """Raise ArchivedErrorPageError where the index itself says that a capture is an error."""
    if row.status not in {None, verdicts.OK}:
        raise ArchivedErrorPageError(row.original, f"was captured with status {row.status}")


def address(origin: str, row: Row) -> str:
    """Give the address at which the bytes of a capture are played back, unaltered (`id_`)."""
    return f"{origin}/web/{row.timestamp}id_/{row.original.replace('#', '%23')}"


def accept(answer: Answer, row: Row) -> None:
    """Make sure that an answer is the very capture of a row.

    Raises:
        NotThatCaptureError: it is another, or none.
        CapturedStatusError: it is, and what was captured is no document.
        ExcludedError: the Archive keeps it from view.
        BlockedError: the Archive refuses us.
        UnansweredError: it is a part of a body, which is never asked for.
        FetchError: the Archive is not well.
    """
    said = answer.headers.get("memento-datetime", "")
    is_it = bool(said) and http_date(said) == row.at
    if answer.status in verdicts.REDIRECTS and not (is_it and row.status is None):
        to = answer.headers.get("location", "nowhere")[:200]
        raise NotThatCaptureError(answer.url, f"is not played back: it leads to {to}")
    if answer.status in PARTS:
        # Whatever time it bears: no range was asked for, so nothing of this was captured.
        raise UnansweredError(answer.url, f"answered {answer.status}, as if to a range")
    if not said:
        raise refused(answer)
    if not is_it:
        raise NotThatCaptureError(answer.url, f"is not played back: it is the capture of {said}")
    if answer.status != verdicts.OK and row.status is not None:
        why = f"is not played back: answered {answer.status}, where the index says {row.status}"
        raise NotThatCaptureError(answer.url, why)
    if answer.status != verdicts.OK:
        raise CapturedStatusError(answer.url, answer.status)


def refuse_challenge(answer: Answer, head: bytes, *, confirmed: bool) -> None:
    """Raise ArchivedErrorPageError where a bot wall's page was captured."""
    if words := bodies.challenge(head, headers(answer)):
        why = f"was captured as a challenge ({words})"
        raise ArchivedErrorPageError(answer.url, why, confirmed=confirmed)


def headers(answer: Answer) -> Mapping[str, str]:
    """Give the headers that the agency sent, names in lower case, cookies left out."""
    named = (
        (name.removeprefix(ORIGINAL), value)
        for name, value in answer.headers.items()
        if name.startswith(ORIGINAL)
    )
    return {name: value for name, value in named if name not in HIDDEN}


def memento(
    transfer: Transfer, answer: Answer, fetched_at: datetime, row: Row, unpacking: Unpacking
) -> Memento:
    """Turn a complete transfer into a document of the past.

    Raises:
        ArchivedErrorPageError: its body says "not found" in words.
        NotThatCaptureError: it is another capture of the same second.
    """
    unpacking.refuse_other(answer, row)
    sent = headers(answer)
    name = filename(sent.get("content-disposition", ""))
    try:
        download = handed_over(transfer, [row.original], row.at)
    except SoftNotFoundError as error:
        why = f"was captured as an error page: {error}"
        confirmed = unpacking.has(row.digest)
        raise ArchivedErrorPageError(answer.url, why, confirmed=confirmed) from error
    return Memento(
        body=download.body,
        buffers=download.buffers,
        digest=download.digest,
        size_bytes=download.size_bytes,
        ext=download.ext,
        url=row.original,
        redirects=(),
        status=verdicts.OK,
        headers=sent,
        at=row.at,
        filename=name,
        problem=download.problem,
        row=row,
        fetched_at=fetched_at,
        playback=answer.url,
        confirmed=unpacking.has(row.digest),
        gunzipped=unpacking.gunzipped,
    )


def _head(answer: Answer) -> bytes:
    """Read the first bytes of a body that is not the one hoped for; enough to know it by."""
    body = b""
    try:
        for chunk in Unpacking().decoded(answer, bodies.HEAD_BYTES):
            body += chunk
    except FetchError:
        return body  # cut, too long or garbled: what came is enough to know it by
    return body


def refused(answer: Answer) -> FetchError:
    """Give the error that an answer of the Archive itself amounts to."""
    head = _head(answer)
    told = answer.headers.get(RUNTIME_ERROR, "") + head.decode("utf-8", errors="replace")
    if word := excluded(told):
        return ExcludedError(answer.url, f"is kept from view by the Internet Archive ({word})")
    if answer.status == verdicts.OK:
        return NotThatCaptureError(answer.url, "is not played back: no Memento-Datetime came")
    error = verdicts.refusal(answer.url, answer.status, answer.headers, head)
    if isinstance(error, NotThereError):
        return NotThatCaptureError(answer.url, f"is not played back: answered {answer.status}")
    return error


def _coding(answer: Answer) -> str:
    """Give the one content coding that an answer tells of, past empty headers."""
    told = answer.headers.get("content-encoding", "").split(",")
    return next((name.strip().lower() for name in told if name.strip()), "")
