"""Where documents that were kept wait to be read, while further ones are fetched."""

from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Protocol

from flows import extraction
from flows.extraction import Extracted, Task
from flows.keeping import Arrival, filed_since
from flows.outcomes import is_due
from flows.remedies import FIXITY, Trouble
from flows.work import Work

Tell = Callable[[Trouble | None, tuple[str, ...]], None]
"""Takes down what came of a document: given what kept it from being read, and new tables' keys."""

Done = Callable[[Extracted | None], None]
"""Is given what came of a document's reading; None where its reader was lost on the way."""


class Readers(Protocol):
    """Those who read: processes of this machine, or of others."""

    def submit(self, task: Task, done: Done) -> None:
        """Read a document some time; then call `done`, in whatever thread, with what came of it."""
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
            task = Task(
                store=self._store,
                source=self._work.source.name,
                digest=digest,
                ext=document.ext,
                limits=self._work.limits.to_json(),
                at=archive.now(),
            )
            self._readers.submit(task, partial(self._hand_back, task))
        while not self._done.empty():
            self._finish()

    def close(self) -> None:
        """Wait for all that are being read."""
        while self._waiting:
            self._finish()

    def _hand_back(self, task: Task, extracted: Extracted | None) -> None:
        self._done.put((task, extracted))

    def _finish(self) -> None:
        """Take what was read of one document into the index, and tell of it."""
        task, extracted = self._done.get()
        # Whoever was to read it died: it is read here, and what is wrong then shows.
        extracted = extracted or extraction.extract(task)
        trouble, key = extracted.trouble, extracted.key
        if key and not self._work.archive.take(key):
            trouble = Trouble(f"{key} is not as it was recorded", FIXITY)
        for arrival, tell in self._waiting.pop(task.digest):
            tell(trouble, filed_since(self._work, arrival))
