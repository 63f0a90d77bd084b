"""A Dask worker that is killed while it reads its second document: `dask worker --preload` this."""

import os
import signal
from pathlib import Path

from scrapers import sandbox
from scrapers.limits import Limits
from storage.model import Reading

_real = sandbox.read
_read: list[Path] = []


def _dies(path: Path, source: str, *, limits: Limits | None = None) -> Reading:
    reading = _real(path, source, limits=limits)
    _read.append(path)
    if len(_read) > 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return reading


sandbox.read = _dies
