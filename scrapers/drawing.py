"""A document's pages as pictures, drawn in a process of its own, bounded in memory and time.

As in `scrapers.sandbox`: the document is a stranger's program, and the child that runs it sees no
secrets, may use so much and no more, and is killed with all that it started. What it drew until
then is there.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scrapers.limits import Limits
from scrapers.sandbox import KEPT, PACKAGES
from scrapers.shelter import sheltered

MOST_PAGES = 500
"""Of a longer document the first pages are drawn."""
ALL = range(1, MOST_PAGES + 1)
"""Numbers of the pages that are drawn at most."""
PER_PAGE_S = 1.0
"""What each page may add to the deadline; one takes less than a tenth of it."""


BLANK = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef924"
    "0000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
)
"""A PNG of one dot, which tells no resolution: no page shows it. It stands for one that cannot be
drawn, so that this is not found out again and again."""
REFUSED = 65
"""What the child ends with where the document cannot be opened: EX_DATAERR."""


def draw_pages(
    path: Path, folder: Path, *, pages: Sequence[int], limits: Limits | None = None
) -> list[Path]:
    """Draw a document's pages into a folder, as `1.png`, `2.png` and so on.

    A page at which a child ends has another one begin with it, and is passed over if that ends,
    too. When the time is over, what was drawn until then is there.

    Args:
        path: the document.
        folder: where the pictures go; empty.
        pages: numbers of those to be drawn, in this order; the document may have fewer.
        limits: what drawing may use; the defaults where None.

    Returns:
        The pictures, in that order. The last one that was asked for is there, as `BLANK` if need
        be, if and only if nothing is gained by trying any of them again. Whatever the document
        is, that is all that happens.
    """
    limits = limits or Limits()
    time_s = min(limits.deadline_s + len(pages) * PER_PAGE_S, limits.longest_s)
    until, left = time.monotonic() + time_s, list(pages)
    while left:
        ended = _drawn(path, folder, left, limits, until)
        begun = [int(each.stem) for each in folder.glob("*.part")]
        at = begun[0] if begun else None
        if _is_to_blame(ended, had_all=len(left) == len(pages)) and at in {None, left[0]}:
            (folder / f"{at or pages[-1]}.png").write_bytes(BLANK)
        if ended in {None, 0, REFUSED, -signal.SIGKILL} or at is None:
            break
        (folder / f"{at}.part").unlink()
        left = left[left.index(at) + (at == left[0]) :]
    return [each for number in pages if (each := folder / f"{number}.png").exists()]


def _is_to_blame(ended: int | None, *, had_all: bool) -> bool:
    """Whether the document is the reason, and another day no better, that a child ended so.

    Not where it was killed by others, or wanted for memory or room on the disk.
    """
    if ended is None:
        return had_all
    return ended == REFUSED or (ended < 0 and ended != -signal.SIGKILL)


def _drawn(
    path: Path, folder: Path, pages: Sequence[int], limits: Limits, until: float
) -> int | None:
    """Have a child draw pages; give what it ended with, None where the time was over."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join([str(PACKAGES), *filter(None, sys.path)])
    task = {"path": str(path.absolute()), "folder": str(folder.absolute()), "pages": list(pages)}
    told = json.dumps({**task, "limits": limits.to_json()})
    with sheltered():
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "scrapers.drawer", told],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    try:
        return child.wait(timeout=max(0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
