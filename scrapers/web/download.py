"""What came of asking for a document: its bytes, with what is wrong with them, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from scrapers.errors import FetchError, SoftNotFoundError
from scrapers.web import bodies
from scrapers.web.buffers import Buffers
from scrapers.web.disposition import filename
from scrapers.web.transfer import Transfer
from scrapers.web.verdicts import OK

if TYPE_CHECKING:
    import mmap


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The agency says that the document is still the one whose validator was sent.

    It does not prove that the bytes are the same: validators lie.
    """

    url: str
    redirects: tuple[str, ...]
    at: datetime
    headers: Mapping[str, str]
    status: int = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A document, complete. Where its body lies is the caller's until it is discarded."""

    body: memoryview | Path
    """Its bytes, or the temporary file that holds them where they are many (`SMALL_BYTES`)."""
    buffers: Buffers = field(repr=False)
    """Where the memory of its bytes is from."""
    digest: str
    """SHA-256 of the body: the document without transfer and content codings."""
    size_bytes: int
    ext: bodies.Kind
    """What the bytes are, by their magic."""
    url: str
    """Where they came from in the end."""
    redirects: tuple[str, ...]
    """The addresses asked before `url`, first to last."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case, cookies left out."""
    at: datetime
    """When the answer came, UTC."""
    filename: str | None
    """The name that Content-Disposition claims, made safe; None where it claims none."""
    problem: str | None
    """Why these bytes cannot be the report, in a sentence; None where nothing speaks against it.
    They are evidence all the same."""

    def discard(self) -> None:
        """Remove the temporary file, or give the memory back: once, and the body is gone."""
        if isinstance(self.body, Path):
            self.body.unlink()
            return
        buffer = cast("mmap.mmap", self.body.obj)
        self.body.release()
        self.buffers.give_back(buffer)


def handed_over(transfer: Transfer, trail: list[str], at: datetime) -> Download:
    """Turn a complete transfer into a download.

    Raises:
        SoftNotFoundError: the body says "not found" in words.
    """
    answer = transfer.answer
    if answer is None:
        raise FetchError(trail[0], "gave no document")
    ext, words = transfer.ext, None
    if ext == "html":
        words = bodies.not_found_document(transfer.head, trail[0], trail[-1])
    if words:
        raise SoftNotFoundError(trail[0], f"says “{words}” with status {OK}, where a PDF is due")
    name, problem = filename(answer.headers.get("content-disposition", "")), _problem(transfer, ext)
    body, digest = transfer.finish()
    return Download(
        body=body,
        buffers=transfer.buffers,
        digest=digest,
        size_bytes=transfer.size_bytes,
        ext=ext,
        url=trail[-1],
        redirects=tuple(trail[:-1]),
        status=OK,
        headers=answer.headers,
        at=at,
        filename=name,
        problem=problem,
    )


def _problem(transfer: Transfer, ext: bodies.Kind) -> str | None:
    """Say what is wrong with a complete body, if anything is."""
    if transfer.size_bytes == 0:
        return "empty where a PDF is due"
    if ext == "html":
        return "HTML where a PDF is due"
    if ext == "bin":
        return f"no PDF: it begins with {transfer.head[:8]!r}"
    return None if transfer.has_end else "a PDF without its end (%%EOF), the same twice"
