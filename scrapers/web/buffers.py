"""Memory for bodies on their way in: outside the heap, and used again.

Bodies that grow in the heap, among small things that stay, leave holes there: over hundreds of
documents it grew by as much as the index did. Mapped anew for each, they cost a tenth of the rate.
"""

import mmap
from contextlib import suppress
from typing import Final

SMALL_BYTES: Final = 1 << 20
"""A buffer's size. What is larger lies in a file, so that memory stays flat; making one costs more
than fetching most reports does, which have some 200 KB."""
_PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


class Buffers:
    """As many as were ever in use at a time. Safe to use from several threads."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._spare: list[mmap.mmap] = []

    def take(self) -> mmap.mmap:
        """Give one that nobody uses, to be written from its beginning."""
        try:
            return self._spare.pop()
        except IndexError:
            return mmap.mmap(-1, SMALL_BYTES, _PRIVATE)

    def give_back(self, buffer: mmap.mmap) -> None:
        """Have one used again; nobody may look at what it holds from then on."""
        buffer.seek(0)
        self._spare.append(buffer)

    def release(self) -> None:
        """Give the memory of those that nobody uses back to the system."""
        spare, self._spare = self._spare, []
        for buffer in spare:
            # An error on its way up holds on to what it met; that must not raise another.
            with suppress(BufferError):
                buffer.close()
