"""A document on its way in: streamed, hashed, and whole before it is handed over."""

import hashlib
import mmap
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from scrapers.errors import CutError, TooLargeError
from scrapers.web import bodies
from scrapers.web.buffers import SMALL_BYTES, Buffers
from scrapers.web.verdicts import OK, PARTIAL
from scrapers.web.wire import Answer

TAIL_BYTES = 2048
"""`%%EOF` stands within so many last bytes, with room for what servers append."""

RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
"""More digits than any file needs are no number: Python converts only so many."""

Decode = Callable[[Answer, int], Iterator[bytes]]
"""Gives a body's bytes without their coding, never more than a limit."""


def as_declared(answer: Answer, limit: int) -> Iterator[bytes]:
    """Give a body without the content coding that its headers tell of."""
    coding = answer.headers.get("content-encoding", "")
    return bodies.decoded(answer.url, answer.chunks(), coding, limit)


class Transfer:
    """One document, over as many attempts as it takes.

    Attributes:
        buffers: where the memory for a small document is from.
        answer: the answer that was read last.
        size_bytes: written so far.
        head: the first bytes.
    """

    def __init__(
        self,
        url: str,
        into: Path,
        limit: int,
        buffers: Buffers,
        decode: Decode = as_declared,
    ) -> None:
        """Hold nothing yet.

        Args:
            url: what is fetched.
            into: the folder for the temporary file of a large document; made where missing.
            limit: bytes that the document may have.
            buffers: where the memory for a small document is from.
            decode: how an answer's body becomes the document's bytes, never more than a limit.
        """
        self.url = url
        self._decode = decode
        self.limit = limit
        self.answer: Answer | None = None
        self._into = into
        self._path: Path | None = None
        self.buffers = buffers
        self._small = buffers.take()
        self._file: BinaryIO | mmap.mmap = self._small
        self._validator = ""
        self._endless: str | None = None
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""
        self._tail = b""

    def range_headers(self) -> dict[str, str]:
        """Ask only for the rest, where the first answer offered that and can be recognised."""
        if not self.size_bytes or not self._validator:
            return {}
        return {"range": f"bytes={self.size_bytes}-", "if-range": self._validator}

    def take(self, answer: Answer) -> None:
        """Write one answer's body, and check that it is whole.

        Raises:
            CutError: it is not; the next attempt goes on where this one ended, or starts again.
            TooLargeError: it is larger than the limit.
            FetchError: it came too slowly, or in an unknown coding.
        """
        if answer.status == PARTIAL:
            self._check_continues(answer)
        elif self.size_bytes:
            self._restart()
        self.answer = answer
        self._validator = _validator(answer)
        self._check_declared(answer)
        limit = self.limit - self.size_bytes
        for chunk in self._decode(answer, limit):
            self._write(chunk)
            self._hash.update(chunk)
            self.size_bytes += len(chunk)
            if (lacking := bodies.HEAD_BYTES - len(self.head)) > 0:
                self.head += chunk[:lacking]
            self._tail = (self._tail + chunk[-TAIL_BYTES:])[-TAIL_BYTES:]
        self._check_complete(answer)

    def start_again(self, why: str) -> CutError:
        """Forget what was written; give the error that leads to another attempt."""
        self._restart()
        return CutError(self.url, why)

    def finish(self) -> tuple[memoryview | Path, str]:
        """Give the body and its digest. To make it last is the store's part."""
        digest = self._hash.hexdigest()
        if self._path:
            self._file.close()
            return self._path, digest
        return memoryview(self._small)[: self.size_bytes].toreadonly(), digest

    def discard(self) -> None:
        """Leave nothing behind, in place of `finish`."""
        if self._path:
            self._file.close()
            self._path.unlink(missing_ok=True)
        else:
            self.buffers.give_back(self._small)

    @property
    def ext(self) -> bodies.Kind:
        """What the bytes are, by their magic."""
        media_type = self.answer.headers.get("content-type", "") if self.answer else ""
        return bodies.kind(self.head, media_type)

    @property
    def has_end(self) -> bool:
        """Whether the last bytes are those of a PDF's end."""
        return b"%%EOF" in self._tail

    def _write(self, chunk: bytes) -> None:
        """Write a piece; into a file from where the whole is no longer small."""
        if self._path is None and self.size_bytes + len(chunk) > SMALL_BYTES:
            self._into.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._into, prefix=".download-")
            self._path = Path(name)
            self._file = open(number, "wb")  # noqa: PTH123, SIM115 - a descriptor, closed in `finish` and `discard`
            self._file.write(memoryview(self._small)[: self.size_bytes])
            self.buffers.give_back(self._small)
        self._file.write(chunk)

    def _restart(self) -> None:
        """Be empty."""
        self._file.seek(0)
        if not isinstance(self._file, mmap.mmap):
            self._file.truncate()
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""
        self._tail = b""
        self._validator = ""

    def _check_continues(self, answer: Answer) -> None:
        """Raise unless a partial answer is the rest of the very document that was begun."""
        said = RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        if not said or int(said[1]) != self.size_bytes or int(said[2]) + 1 != int(said[3]):
            raise self.start_again("answered a range that was not asked for")
        if _validator(answer) != self._validator:
            raise self.start_again("changed while it was being fetched")

    def _check_declared(self, answer: Answer) -> None:
        """Raise at once where the answer declares too much."""
        length = answer.headers.get("content-length", "")
        if length.isdigit() and self.size_bytes + int(length) > self.limit:
            raise TooLargeError(self.url, f"says it has {length} bytes; {self.limit} are allowed")

    def _check_complete(self, answer: Answer) -> None:
        """Raise unless the body has its length, or, where nothing tells it, a PDF's end."""
        length = answer.headers.get("content-length", "")
        if length.isdigit() and answer.received != int(length):
            raise CutError(self.url, f"sent {answer.received} of {length} bytes")
        if bodies.kind(self.head) != "pdf" or self.has_end:
            return
        coded = answer.headers.get("content-encoding", "") not in {"", "identity"}
        if not (answer.is_framed or coded):
            raise self.start_again("has no length, and no end of a PDF: cut short")
        digest = self._hash.hexdigest()
        if digest != self._endless:
            # A cache may hold a cut file with its cut length; only the same bytes twice are taken
            # for what the agency really has (and then refused by the reader, as damaged).
            self._endless = digest
            raise self.start_again("has no end of a PDF (%%EOF)")


def _validator(answer: Answer) -> str:
    """Give what If-Range may send to go on with this very body; empty where nothing may."""
    if answer.headers.get("content-encoding", "") not in {"", "identity"}:
        return ""
    if answer.status == OK and answer.headers.get("accept-ranges", "").lower() != "bytes":
        return ""
    etag = answer.headers.get("etag", "")
    validator = etag if etag.startswith('"') else answer.headers.get("last-modified", "")
    return validator if validator.isascii() else ""
