"""Captures and listing pages as a WARC file, for web archives' tools (the only warcio)."""

import io
import json
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage import layout
from storage.capture import Capture
from storage.export import Exported, Holding, Progress, check_free
from storage.files import placed
from storage.ledger import Manifest, PageEntry
from storage.model import canonical, iso
from storage.objects import Objects, read_verified

_URL = "!#$%&'()*+,/:;=?@[]~-._"
"""What stands in an address as it is; all else is percent-encoded."""
_CODINGS = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers of the bytes as sent. We keep documents without those codings, so that these headers
would lie: they go under the name by which the Wayback Machine gives original headers."""
_ORIGINAL = "x-archive-orig-"
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PAGE_TYPES = {"html": "text/html", "txt": "text/plain"}


def write(
    objects: Objects,
    manifests: Sequence[Manifest],
    path: Path,
    *,
    progress: Progress = lambda _done, _of: None,
) -> Exported:
    """Write every capture, with its headers and bytes, and the listing pages that are held.

    A capture is a `response` record with a `metadata` record, which holds all that we wrote down
    of it: redirects, claim, and whether the bytes came by way of the Wayback Machine; it has an
    address of its own, `urn:recordkeep:` and the capture's key. A listing
    page, of which no headers are kept, is a `resource`. The payload's digest is the document's
    SHA-256. The same archive gives the same bytes.

    Args:
        objects: the store.
        manifests: the indexes of the sources to export.
        path: the file; compressed where it ends in `.gz`; nothing may be there.
        progress: told after each capture or page.

    Raises:
        FileExistsError: something stands at `path`.
        FileNotFoundError: the folder above it is not there.
        FixityError, MissingError: an object is not as recorded; nothing is left behind.
        OSError: the disk does not take it; nothing is left behind.
    """
    check_free(path)
    with placed(path) as file:
        warc = _Warc(objects, WARCWriter(file, gzip=path.suffix == ".gz", warc_version="1.1"))
        warc.begin(manifests)
        parts = [(manifest, each) for manifest in manifests for each in _parts(manifest)]
        for number, (manifest, part) in enumerate(parts, start=1):
            if isinstance(part, PageEntry):
                warc.page(manifest, part)
            else:
                warc.capture(manifest, part)
            progress(number, len(parts))
        size_bytes = file.tell()
    return Exported(objects=len(parts), size_bytes=size_bytes, warnings=tuple(warc.warnings))


def _parts(manifest: Manifest) -> Iterator[str | PageEntry]:
    """Name the captures by key, and then the pages, each in the order of time."""
    yield from sorted(key for key in manifest.facts if layout.kind(key) == "captures")
    yield from sorted(manifest.pages.values(), key=lambda page: (page.first, page.digest))


class _Warc:
    """A file being written."""

    def __init__(self, objects: Objects, writer: WARCWriter) -> None:
        self.objects = objects
        self.writer = writer
        self.warnings: list[str] = []

    def begin(self, manifests: Sequence[Manifest]) -> None:
        sources = [manifest.source for manifest in manifests]
        written = [manifest.newest for manifest in manifests if manifest.newest]
        told = {"software": "recordkeep", "format": "WARC File Format 1.1"}
        told["description"] = f"Captures of {', '.join(sources)}"
        body = "".join(f"{name}: {value}\r\n" for name, value in told.items()).encode()
        headers = _dated(f"warcinfo {' '.join(sources)}", max(written))
        self._write("", "warcinfo", io.BytesIO(body), headers, "application/warc-fields")

    def capture(self, manifest: Manifest, key: str) -> None:
        body, warning = read_verified(self.objects, key, manifest.facts[key])
        self.warnings += [warning] if warning else []
        capture = Capture.from_json(json.loads(body))
        original = layout.raw(manifest.source, capture.digest, capture.ext)
        headers = _dated(f"{key} response", capture.at)
        with tempfile.TemporaryFile() as payload:
            self._fetch(Holding(key=original, sha256=capture.digest), payload)
            told = {**headers, "WARC-Payload-Digest": f"sha256:{capture.digest}"}
            self._write(capture.url, "response", payload, told, http=_http(capture))
        about = _dated(f"{key} metadata", capture.at)
        about["WARC-Concurrent-To"] = headers["WARC-Record-ID"]
        fact = io.BytesIO(canonical(capture.to_json()))
        # Under the document's own address, players would give this in the document's place.
        self._write(f"urn:recordkeep:{key}", "metadata", fact, about, "application/json")

    def page(self, manifest: Manifest, page: PageEntry) -> None:
        key = layout.page(manifest.source, page.digest, page.ext)
        headers = _dated(f"{key} resource", page.first)
        with tempfile.TemporaryFile() as payload:
            self._fetch(Holding(key=key, sha256=page.digest), payload)
            told = {**headers, "WARC-Payload-Digest": f"sha256:{page.digest}"}
            media = _PAGE_TYPES.get(page.ext, "application/octet-stream")
            self._write(page.url, "resource", payload, told, media)

    def _fetch(self, holding: Holding, into: BinaryIO) -> None:
        warning = holding.copy(self.objects, into)
        self.warnings += [warning] if warning else []
        into.seek(0)

    def _write(  # noqa: PLR0913, PLR0917 - what a record is made of
        self,
        url: str,
        kind: str,
        payload: BinaryIO,
        headers: dict[str, str],
        media: str = "",
        http: StatusAndHeaders | None = None,
    ) -> None:
        length = payload.seek(0, io.SEEK_END)
        payload.seek(0)
        record = self.writer.create_warc_record(
            quote(url, safe=_URL),
            kind,
            payload=payload,
            length=length,
            warc_content_type=media,
            warc_headers_dict=headers,
            http_headers=http,
        )
        self.writer.write_record(record)


def _http(capture: Capture) -> StatusAndHeaders:
    headers = [
        (f"{_ORIGINAL}{name}" if name.lower() in _CODINGS else name, _line(value))
        for name, value in ((_line(n), v) for n, v in capture.headers.items())
    ]
    headers.append(("content-length", str(capture.size_bytes)))
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    return StatusAndHeaders(f"{capture.status} {phrase}".strip(), headers, protocol="HTTP/1.1")


def _line(text: str) -> str:
    """Keep a header in its line."""
    return _BREAKS.sub(" ", text)


def _dated(name: str, at: datetime) -> dict[str, str]:
    return {"WARC-Record-ID": _identity(name), "WARC-Date": iso(at)}


def _identity(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'recordkeep:{name}')}>"
