"""Where documents that were kept wait to be read, while further ones are fetched."""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Protocol

from flows import extraction
from flows.extraction import Extracted, Task
from flows.keeping import Arrival, filed_since
from flows.outcomes import is_due
from flows.remedies import FIXITY, Trouble
from flows.work import Work

LOOK_S = 1.0
"""Seconds from one look, while nothing comes back, at whether the run was asked to stop."""
STOPS_AFTER_S = 10.0
"""Asked to stop, a run that got nothing back for so many seconds leaves the rest unread: a reader
that has a document in hand is done with it in a few, a cluster without workers never is."""
TELLS_EACH_S = 60.0
"""After so many seconds in which nothing came back, the log says what is waited for."""

Tell = Callable[[Trouble | None, tuple[str, ...]], None]
"""Takes down what came of a document: given what kept it from being read, and new tables' keys."""

Done = Callable[[Extracted | None], None]
"""Is given what came of a document's reading; None where its reader was lost on the way."""

logger = logging.getLogger("recordkeep")


class Readers(Protocol):
    """Those who read: processes of this machine, or of others."""

    def submit(self, task: Task, done: Done) -> None:
        """Read a document some time; then call `done`, in whatever thread, with what came of it.

        It is called whatever happens, once, unless the readers stay away for good.
        """
        ...

    def missing(self) -> str | None:
        """Say why nobody may read what was handed over; None where somebody may."""
        ...


class Desk:
    """The documents in hand. Their bytes lie in the store: what waits takes no room."""

    def __init__(self, work: Work, store: str, readers: Readers | None, *, most: int) -> None:
        """Begin with none.

        Args:
            work: whose documents they are.
            store: its name, as the readers can reach it.
            readers: who reads; None leaves the reading to a later run.
            most: how many may wait; one more is taken in when one is done.
        """
        self._work = work
        self._store = store
        self._readers = readers
        self._most = most
        self._waiting: dict[str, list[tuple[Arrival, Tell]]] = {}
        self._done: SimpleQueue[tuple[Task, Extracted | None]] = SimpleQueue()
        self._has_lost = False

    @property
    def has_readers(self) -> bool:
        """Whether anybody reads."""
        return self._readers is not None

    def take(self, arrival: Arrival, tell: Tell) -> None:
        """Take a kept document in; `tell` is called when it is read, or at once if it is."""
        digest, archive = arrival.digest, self._work.archive
        document = archive.manifest.documents[digest]
        parser = self._work.source.parser
        if digest in self._waiting:
            self._waiting[digest].append((arrival, tell))
        elif not self._readers or not is_due(document, parser) or archive.adopt(digest, parser):
            tell(None, filed_since(self._work, arrival))
        else:
            while len(self._waiting) >= self._most:
                self._finish()
            self._waiting[digest] = [(arrival, tell)]
            self._hand_over(digest, document.ext)
        while not self._done.empty():
            self._finish()

    def _hand_over(self, digest: str, ext: str) -> None:
        """Have a document read; where a stop ended the wait for room, tell of it as it is."""
        if self._readers is None:
            self._told(digest, None)
            return
        task = Task(
            store=self._store,
            source=self._work.source.name,
            digest=digest,
            ext=ext,
            limits=self._work.limits.to_json(),
            parser=self._work.source.parser,
            at=self._work.archive.now(),
        )
        self._readers.submit(task, partial(self._hand_back, task))

    def close(self) -> None:
        """Wait for all that are being read; where the run was asked to stop, not for long."""
        while self._waiting:
            self._finish()

    def _hand_back(self, task: Task, extracted: Extracted | None) -> None:
        self._done.put((task, extracted))

    def _finish(self) -> None:
        """Take what was read of one document into the index, and tell of it.

        Where a stop ends the wait, all that wait are told of as they are: kept, and not read.
        """
        came = self._next()
        if came is None:
            self._readers = None  # nobody is waited for a second time
            for digest in [*self._waiting]:
                self._told(digest, None)
            return
        task, extracted = came
        if task.digest in self._waiting:  # else a stop ended the wait for it
            self._told(task.digest, self._taken(task, extracted))

    def _next(self) -> tuple[Task, Extracted | None] | None:
        """Wait for the next one that is done with; None where a stop ended the wait."""
        stop, since = self._work.stop, monotonic()
        tells_at = since + TELLS_EACH_S
        while not (stop.asked and monotonic() - since >= STOPS_AFTER_S):
            with suppress(Empty):
                return self._done.get(timeout=LOOK_S)
            if monotonic() >= tells_at:
                tells_at += TELLS_EACH_S
                why = self._readers.missing() if self._readers else None
                logger.warning(
                    "%s: documents that wait to be read: %d; for %.0f seconds none was%s",
                    self._work.source.name,
                    len(self._waiting),
                    monotonic() - since,
                    f": {why}" if why else "",
                )
        return None

    def _taken(self, task: Task, extracted: Extracted | None) -> Trouble | None:
        """Take what was read into the index; give what kept it from being read, if anything did."""
        if extracted is None:
            if self._work.stop.asked:
                return None
            if not self._has_lost:
                self._has_lost = True
                self._work.record.say(
                    "a reader was lost or unable; what it left is read by this process"
                )
            # Here, what is wrong shows.
            extracted = extraction.extract(task)
        if extracted.key and not self._work.archive.take(extracted.key):
            return Trouble(f"{extracted.key} is not as it was recorded", FIXITY)
        return extracted.trouble

    def _told(self, digest: str, trouble: Trouble | None) -> None:
        """Tell of a document that is waited for no longer."""
        for arrival, tell in self._waiting.pop(digest):
            tell(trouble, filed_since(self._work, arrival))
