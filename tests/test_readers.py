"""Processes that read: so many at a time, and what one of them fails at is told."""

import threading
from queue import SimpleQueue

import pytest

from flows import extraction
from flows.extraction import Extracted, Task
from flows.readers import Processes
from scrapers.limits import Limits
from storage.errors import MissingError
from tests.histories import SOURCE, on

WITHIN_S = 30.0
Told = SimpleQueue[Extracted | None]


def document(digest: str) -> Task:
    return Task(
        store="there",
        source=SOURCE,
        digest=digest,
        ext="pdf",
        limits=Limits().to_json(),
        parser=1,
        at=on(0),
    )


def test_as_many_read_at_a_time_as_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    both, told = threading.Barrier(2, timeout=WITHIN_S), Told()

    def extract(what: Task) -> Extracted:
        both.wait()  # for another one that is read meanwhile
        return Extracted(digest=what.digest, key=f"tables/{what.digest}")

    monkeypatch.setattr(extraction, "extract", extract)
    with Processes(2) as readers:
        for digest in ("a", "b"):
            readers.submit(document(digest), told.put)
        found = [told.get(timeout=WITHIN_S) for _ in range(2)]
    assert {each.key for each in found if each} == {"tables/a", "tables/b"}


def test_a_reader_that_fails_is_lost_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def extract(what: Task) -> Extracted:
        if what.digest == "a":
            raise MissingError("there")
        return Extracted(digest=what.digest, key="tables/b")

    monkeypatch.setattr(extraction, "extract", extract)
    told = Told()
    with Processes(1) as readers:
        for digest in ("a", "b"):
            readers.submit(document(digest), told.put)
        assert told.get(timeout=WITHIN_S) is None, "whoever asked is to see why"
        assert told.get(timeout=WITHIN_S) == Extracted(digest="b", key="tables/b")


def test_what_waits_when_a_run_breaks_off_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on, read, told = threading.Event(), threading.Event(), [], Told()

    def extract(what: Task) -> Extracted:
        read.append(what.digest)
        began.set()
        assert go_on.wait(WITHIN_S)
        return Extracted(digest=what.digest, key="tables/a")

    def end(_: Extracted | None) -> None:
        go_on.set()

    monkeypatch.setattr(extraction, "extract", extract)
    with Processes(1) as readers:
        readers.submit(document("a"), told.put)
        readers.submit(document("b"), end)
        assert began.wait(WITHIN_S)  # and the run breaks off: the second one is called off
    assert read == ["a"]
    assert told.get(timeout=WITHIN_S) == Extracted(digest="a", key="tables/a")
