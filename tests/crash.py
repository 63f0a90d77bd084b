"""One week in a process of its own, killed at one of its writes: `python -m tests.crash …`.

Before a write, during it (its file is written and has no name yet; its request is half sent), or
after it (the store has it, and the run does not know).
"""

import os
import signal
import sys
from datetime import datetime
from typing import Any

from flows import opening, weekly
from storage.objects import Body, Objects
from storage.stores import open_store

MODES = ("before", "during", "after")
_MIDDLE_OF_A_WRITE = {"os.rename": 1, "http.client.send": 2}
"""Audit events and which of them in a write is the middle: the only rename; after the head of the
request comes its body."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Killing:
    """A store whose `number`th write (from 1) is the last thing that the process does."""

    def __init__(self, objects: Objects, number: int, mode: str) -> None:
        self._objects = objects
        self._left = number
        self._mode = mode
        self._events = 0
        sys.addaudithook(self._hook)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def put(self, key: str, body: Body, *, sha256: str) -> str | None:
        self._left -= 1
        if self._left == 0 and self._mode == "before":
            die()
        version = self._objects.put(key, body, sha256=sha256)
        if self._left == 0:
            die()
        return version

    def _hook(self, event: str, _arguments: object) -> None:
        if self._left == 0 and self._mode == "during" and event in _MIDDLE_OF_A_WRITE:
            self._events += 1
            if self._events == _MIDDLE_OF_A_WRITE[event]:
                die()


def main(store: str, site: str, at: str, number: str, mode: str, *, prefect: str = "") -> None:
    def dying(name: str, **options: Any) -> Killing:
        return Killing(open_store(name, **options), int(number), mode)

    vars(opening)["open_store"] = dying
    when = datetime.fromisoformat(at)
    if prefect:
        weekly.weekly("ice_ddor", store, site=site, pause_s=0, at=when)
        return
    with opening.opened("ice_ddor", store, site=site, pause_s=0, at=when) as work:
        weekly.look_at_all(work)


if __name__ == "__main__":
    main(*sys.argv[1:6], prefect="".join(sys.argv[6:]))
