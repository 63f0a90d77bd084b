"""What ends a run of `serve` that writes no record, so that a person is told of each such end once.

A run that ends by an error tells of it itself, and says so to `serve` through a pipe, of which no
disk that is full takes anything. One that is killed tells nobody: `serve` sees that nothing came.
"""

import os
import signal
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from flows.settings import settings

_LONGEST: Final = 1000
"""Bytes that are read of a name, which a pipe takes at once."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run's process ended."""

    by: str | None
    """The error's class, the signal or the exit code; None where it ended well."""
    is_told: bool = False
    """Whether it saw to it itself that a person knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What a run's process is begun with, so that it is heard."""

    environment: dict[str, str]
    writes: int
    """The end of the pipe that is the process's."""
    reads: int

    def ending(self, code: int) -> Ending:
        """Say how the process ended, once it did.

        Args:
            code: as `Popen.returncode`.
        """
        # What it began may live on, and hold the pipe open.
        os.set_blocking(self.reads, False)
        with suppress(BlockingIOError):
            if said := os.read(self.reads, _LONGEST):
                return Ending(" ".join(said.decode().split()), is_told=True)
        if code < 0:
            return Ending(signal.Signals(-code).name)
        return Ending(f"exit code {code}" if code else None)


@contextmanager
def listening(told: Iterable[str]) -> Generator[Listening]:
    """Listen to a process for as long as the block lasts.

    Args:
        told: what ended its earlier tries, of which a person was told.
    """
    reads, writes = os.pipe()
    begun = {"RECORDKEEP_TOLD": " ".join(sorted(told)), "RECORDKEEP_TELLS": str(writes)}
    try:
        yield Listening(environment=begun, writes=writes, reads=reads)
    finally:
        os.close(writes)
        os.close(reads)


def was_told(error: Exception) -> bool:
    """Whether a person was told that an earlier try of this run ended by such an error."""
    return type(error).__name__ in settings().told.split()


def is_told(error: Exception) -> None:
    """Let `serve`, if it listens, hear that a person knows by what this run ends."""
    if settings().tells is not None:
        with suppress(OSError):  # it is no more
            os.write(settings().tells or 0, f"{type(error).__name__}\n".encode())
