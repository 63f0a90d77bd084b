"""Stopping when asked: after the edition in hand, with the run's record written."""

import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

TOLD: Final = "asked to stop: ending after what is in hand; a second Ctrl-C ends at once\n"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StoppedError(Exception):
    """The run was asked to stop before this was begun. Nobody failed: the next run goes on."""


class Stop:
    """Whether this process was asked to stop. Waits end when it is."""

    def __init__(self) -> None:
        """Begin unasked."""
        self._asked = False
        # Held until asked. A signal finds its handler's thread anywhere, also within the lock of
        # an Event that it waits for, and would wait for itself; this one is only let go of.
        self._gate = threading.Lock()
        self._gate.acquire()

    @property
    def asked(self) -> bool:
        """Whether it was; stays so."""
        return self._asked

    @asked.setter
    def asked(self, asked: bool) -> None:
        if asked and not self._asked:
            self._asked = True
            self._gate.release()

    def heed(self) -> None:
        """Go on, unless asked to stop.

        Raises:
            StoppedError: it was.
        """
        if self._asked:
            raise StoppedError

    def rest(self, seconds: float) -> None:
        """Wait, in whatever thread, in place of `time.sleep`.

        Raises:
            StoppedError: it was asked to stop, before or meanwhile.
        """
        if self._gate.acquire(timeout=min(max(seconds, 0.0), threading.TIMEOUT_MAX)):
            self._gate.release()
        self.heed()


@contextmanager
def heeded(also: Callable[[], None] | None = None) -> Generator[Stop]:
    """Take the first SIGTERM or SIGINT as a wish, for as long as the block lasts.

    A second one ends the process at once, as the system does it: what Python does at a SIGINT
    unwinds, and would wait for documents that are being read. Nothing is changed outside the main
    thread, where Python takes no signals.

    Args:
        also: called when the wish comes, in the main thread, between any two of its steps.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def heed(_number: int, _frame: FrameType | None) -> None:
        stop.asked = True
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        # Past Python's own buffers, in the midst of which the signal may have come.
        with suppress(OSError):
            os.write(2, TOLD.encode())
        if also:
            also()

    for number in _SIGNALS:
        signal.signal(number, heed)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
