"""Stopping when asked: after the edition in hand, with the run's record written."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(slots=True)
class Stop:
    """Whether this process was asked to stop."""

    asked: bool = False


@contextmanager
def heeded(also: Callable[[], None] | None = None) -> Generator[Stop]:
    """Take the first SIGTERM or SIGINT as a wish, for as long as the block lasts.

    A second one does what it did before: end at once. Nothing is changed outside the main
    thread, where Python takes no signals.

    Args:
        also: called when the wish comes, in the main thread, between any two of its steps.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def heed(_number: int, _frame: FrameType | None) -> None:
        stop.asked = True
        restore()
        if also:
            also()

    for number in _SIGNALS:
        signal.signal(number, heed)
    try:
        yield stop
    finally:
        restore()
