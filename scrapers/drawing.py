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


def draw_pages(
    path: Path, folder: Path, *, pages: range = ALL, limits: Limits | None = None
) -> list[Path]:
    """Draw a document's pages into a folder, as `1.png`, `2.png` and so on.

    Args:
        path: the document.
        folder: where the pictures go; empty.
        pages: numbers of those to be drawn, without gaps; the document may have fewer.
        limits: what drawing may use; the defaults where None.

    Returns:
        The pictures, in the order of the pages: fewer than were asked for, or none,
        where it cannot be drawn wholly. Whatever the document is, that is all that happens.
    """
    limits = limits or Limits()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join([str(PACKAGES), *filter(None, sys.path)])
    task = {"path": str(path.absolute()), "folder": str(folder.absolute())}
    numbers = {"first": pages.start, "last": pages.stop - 1}
    told = json.dumps({**task, **numbers, "limits": limits.to_json()})
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
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=min(limits.deadline_s + len(pages) * PER_PAGE_S, limits.longest_s))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    drawn = {int(each.stem): each for each in folder.glob("*.png") if each.stem.isdecimal()}
    return [drawn[number] for number in sorted(drawn)]
