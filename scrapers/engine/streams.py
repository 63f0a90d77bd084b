"""Whether the compressed streams of a PDF are whole, and how large they are when expanded.

PDF libraries read what they can of a damaged stream and say nothing, which would give half a
table that looks whole. Each stream carries a checksum, so this looks before anything is read; and
counts pages on the way, since they also believe what the file says about how many there are.
"""

import base64
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from scrapers.errors import RefusedError
from scrapers.limits import Limits

_STREAM = re.compile(rb">>\s*stream\r?\n")
_END = b"endstream"
_FILTERS = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[^\s/<>\[\]]+)")
_NAME = re.compile(rb"/([^\s/\[\]]+)")
_FLATE = frozenset({b"FlateDecode", b"Fl"})
_HEX, _ASCII85 = frozenset({b"ASCIIHexDecode", b"AHx"}), frozenset({b"ASCII85Decode", b"A85"})
_BLANKS = b"\0\t\n\f\r "
_XREF = re.compile(rb"/Type\s*/XRef\b")
_LENGTH = re.compile(rb"/Length\s+(\d+)\b(?!\s+\d+\s+R)")
_LONGEST_DICTIONARY = 4096
"""Bytes that are looked through, before a stream, for its dictionary."""
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_LONGEST_PAGE = 16
"""Bytes at most of what `_PAGE` finds."""
_HEADER = 2
"""Bytes before the deflated data (RFC 1950)."""
_CHUNK = 1024 * 1024
"""Bytes that are expanded at a time."""


class _Stream:
    """One deflated stream, expanded piece by piece and thrown away."""

    def __init__(self, packed: bytes | memoryview) -> None:
        self._left = packed[_HEADER:]
        # Raw deflate: some producers leave the checksum out, which zlib would call truncated.
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._sum = 1

    def pieces(self) -> Iterator[bytes]:
        """Yield what the stream expands to.

        Raises:
            zlib.error: it is cut, or its checksum is wrong.
        """
        while not self._inflate.eof:
            piece = self._inflate.decompress(self._left, _CHUNK)
            self._left = self._inflate.unconsumed_tail
            self._sum = zlib.adler32(piece, self._sum)
            if not piece and not self._left and not self._inflate.eof:
                raise zlib.error("the stream is cut short")
            yield piece
        trailer = self._inflate.unused_data[:4]
        if len(trailer) == 4 and int.from_bytes(trailer, "big") != self._sum:  # noqa: PLR2004 - bytes of an Adler-32
            raise zlib.error("the checksum is wrong")


class _Packed(NamedTuple):
    """A stream as it stands in the file."""

    first: int
    """The byte at which it begins."""
    data: memoryview
    dictionary: bytes
    filters: tuple[bytes, ...]
    """By name, the outermost first."""


def _streams(body: bytes) -> Iterator[_Packed]:
    """Yield every stream, by its words alone: the file's table of objects may be broken."""
    view = memoryview(body)
    position = 0
    while match := _STREAM.search(body, position):
        first = match.end()
        dictionary = body[max(0, match.start() - _LONGEST_DICTIONARY) : match.start() + 2]
        dictionary = dictionary[dictionary.rfind(b" obj") + 1 :]
        length = _LENGTH.search(dictionary)
        searched_from = first
        if length and _after(body, first + int(length[1])).startswith(_END):
            searched_from = first + int(length[1])
        end = body.find(_END, searched_from)
        if end < 0:
            raise RefusedError("damaged", f"the stream at byte {first} has no end: the file is cut")
        filters = _FILTERS.search(dictionary)
        names = _NAME.findall(filters[1]) if filters else ()
        yield _Packed(first, view[first:end], dictionary, tuple(names))
        position = end


def _bared(packed: _Packed) -> tuple[bytes | memoryview, tuple[bytes, ...]]:
    """Take off what writes a stream as letters; give its bytes, and the filters that are left.

    Raises:
        ValueError: it has letters that stand for nothing.
    """
    data: bytes | memoryview = packed.data
    filters = packed.filters
    while filters and filters[0] in _HEX | _ASCII85:
        text = bytes(data).translate(None, _BLANKS)
        if filters[0] in _HEX:
            digits = text.partition(b">")[0].decode("ascii")
            data = bytes.fromhex(digits + "0" * (len(digits) % 2))
        else:
            data = base64.a85decode(text.removeprefix(b"<~").partition(b"~")[0])
        filters = filters[1:]
    return data, filters


def _after(body: bytes, position: int) -> bytes:
    return body[position : position + 20].lstrip()


class _Counter:
    """Counts page objects in what comes in pieces."""

    def __init__(self) -> None:
        self.pages = 0
        self._tail = b""

    def add(self, piece: bytes) -> None:
        whole = self._tail + piece
        self.pages += len(_PAGE.findall(whole)) - len(_PAGE.findall(self._tail))
        self._tail = whole[-_LONGEST_PAGE:]


def check_streams(body: bytes, limits: Limits, *, is_unlocked: bool = False) -> int:
    """Expand every deflated stream of a file that is not encrypted, and keep nothing of it.

    Args:
        body: the file.
        limits: how large streams may be.
        is_unlocked: whether it is `pdfium.unlocked`'s, in which the tables of objects, which are
            never encrypted, make no sense any more.

    Returns:
        How many page objects stand in the file, those of earlier revisions included.

    Raises:
        RefusedError: a stream is damaged, or they are larger than the limits allow.
    """
    total, pages = 0, len(_PAGE.findall(body))
    for packed in _streams(body):
        if is_unlocked and _XREF.search(packed.dictionary):
            continue
        size = 0
        counter = _Counter() if b"/ObjStm" in packed.dictionary else None
        try:
            data, filters = _bared(packed)
            if not _FLATE.intersection(filters[:1]) or len(data) <= _HEADER:
                continue
            inner = zlib.decompressobj() if _FLATE.intersection(filters[1:2]) else None
            for piece in _Stream(data).pieces():
                size += len(piece) if inner is None else _inner_size(inner, piece, limits)
                if size > limits.stream_bytes or total + size > limits.streams_bytes:
                    raise RefusedError("too-large", _too_large(packed.first, limits))
                if counter:
                    counter.add(piece)
        except (zlib.error, ValueError) as error:
            detail = f"the stream at byte {packed.first} is damaged: {error}"
            raise RefusedError("damaged", detail) from error
        total += size
        pages += counter.pages if counter else 0
    return pages


def _inner_size(inner: "zlib._Decompress", piece: bytes, limits: Limits) -> int:
    """Say how much a piece of a twice deflated stream expands to, as far as the limit."""
    size, left = 0, piece
    while left and size <= limits.stream_bytes:
        expanded = inner.decompress(left, _CHUNK)
        left = inner.unconsumed_tail
        size += len(expanded)
        if not expanded:
            break
    return size


def _too_large(first: int, limits: Limits) -> str:
    return (
        f"the stream at byte {first} expands beyond the limit of"
        f" {limits.stream_bytes // 2**20} MiB ({limits.streams_bytes // 2**20} MiB for all)"
    )
