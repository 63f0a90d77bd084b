"""A child that signals to all of a service's processes do not end: whoever started it does."""

import signal
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def sheltered() -> Generator[None]:
    """Let what is started in this block, by this thread, be reached by no SIGTERM nor SIGINT.

    Whoever stops a service, as systemd does, tells all of its processes. A document whose reader
    ended of that would be taken for one that crashes readers. What a thread blocks, its children
    block from their first moment on; SIGKILL ends them as ever.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
