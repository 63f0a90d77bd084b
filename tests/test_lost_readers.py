"""Readers that are lost or stay away: documents are read all the same; no wait is without end."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from distributed.client import ClosedClientError, FutureCancelledError

from flows import backfill, extraction
from flows.extraction import Extracted, Task
from flows.past import Span
from flows.readers import Cluster
from flows.remedies import FIXITY, Trouble
from flows.stopping import Stop
from storage.ledger import RunSummary
from tests.histories import SOURCE, on
from tests.pasts import Lost, Pasts, pasts
from tests.test_cli import call
from tests.weeks import EDITIONS

__all__ = ["pasts"]

LATE_S = 20.0
"""Readers that stay away answer after so long: a desk that waits for them fails, and ends."""
WHAT = Task(store="-", source=SOURCE, digest="0" * 64, ext="pdf", limits={}, parser=2, at=on(0))


class Away:
    """Readers that take what they are handed, and answer when they are missed, or very late."""

    def __init__(self, *, comes_when_missed: bool = False) -> None:
        self._comes_when_missed = comes_when_missed
        self._timers: list[threading.Timer] = []
        self.on_submit: Callable[[], None] = lambda: None

    def submit(self, task: Task, done: Callable[[Extracted | None], None]) -> None:
        timer = threading.Timer(LATE_S, lambda: done(extraction.extract(task)))
        timer.daemon = True
        timer.start()
        self._timers.append(timer)
        self.on_submit()

    def missing(self) -> str | None:
        if self._comes_when_missed:
            for timer in self._timers:
                timer.cancel()
                timer.function()
        self._timers.clear()
        return "they are at lunch"

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.desk.LOOK_S", 0.01)
    monkeypatch.setattr("flows.desk.STOPS_AFTER_S", 0.1)
    monkeypatch.setattr("flows.desk.TELLS_EACH_S", 0.1)


@pytest.fixture
def away() -> Iterator[Away]:
    made = Away()
    yield made
    made.close()


def loaded(pasts: Pasts, who: Away, stop: Stop, most: int = 8) -> RunSummary:
    with backfill.opened_past(
        SOURCE,
        pasts.store,
        Span(origins=("agency",)),
        readers=who,
        most=most,
        site=pasts.site.url,
        pause_s=0,
        at=on(30),
        stop=stop,
    ) as past:
        return backfill.load(past)


def test_that_readers_were_lost_is_said_once(pasts: Pasts) -> None:
    run = pasts.load(30, "agency", readers=Lost())
    assert run.status == "complete"
    assert [message for message in run.messages if "lost" in message] == [
        "a reader was lost or unable; what it left is read by this process"
    ]


@pytest.mark.parametrize("most", [1, 8])
def test_a_stop_ends_the_wait_for_readers_that_stay_away(
    pasts: Pasts, away: Away, most: int
) -> None:
    stop = Stop()
    away.on_submit = lambda: setattr(stop, "asked", True)
    run = loaded(pasts, away, stop, most)
    assert (run.stopped, run.needs) == (True, ())
    documents = pasts.manifest.documents.values()
    assert {document.status for document in documents} == {"unread"}
    assert len(run.outcomes) == len(documents) > 0, "what was kept is told of"
    assert pasts.load(31, "agency").status == "complete"
    assert {each.status for each in pasts.manifest.documents.values()} == {"complete"}


def test_a_long_wait_for_readers_says_what_it_waits_for(
    pasts: Pasts, caplog: pytest.LogCaptureFixture
) -> None:
    run = loaded(pasts, Away(comes_when_missed=True), Stop())
    assert (run.status, len(run.outcomes)) == ("complete", len(EDITIONS))
    said = [message for message in caplog.messages if "wait to be read" in message]
    assert said[0].startswith(f"{SOURCE}: documents that wait to be read: {len(EDITIONS)}; for ")
    assert said[0].endswith(" none was: they are at lunch")


class Sent(Future[Any]):
    """As Dask's: only to ask for its result tells that this was lost after it was done."""

    def __init__(self, answer: Extracted | Exception) -> None:
        super().__init__()
        self._answer = answer

    def result(self, timeout: float | None = None) -> Any:
        del timeout
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Runner:
    """As the task runner of a flow that reaches a cluster, and its client."""

    address = None

    def __init__(self, answer: Extracted | Exception) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.sent = Sent(answer)

    @property
    def client(self) -> "Runner":
        return self

    def submit(self, *what: Any, pure: bool) -> Future[Any]:
        assert not pure
        self.asked.append(what)
        return self.sent

    def cluster(self) -> Cluster:
        return Cluster(self)  # type: ignore[arg-type] # as much of one as it uses


LOST = FutureCancelledError("reading", "scheduler-connection-lost")
TROUBLE = Trouble("nothing is held under raw/…", FIXITY)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(LOST, id="lost with its scheduler"),
        pytest.param(ValueError("…"), id="another installation"),
        pytest.param(Extracted(digest="0" * 64, key=None, trouble=TROUBLE), id="no disk mounted"),
    ],
)
def test_what_a_cluster_did_not_read_is_told_as_lost(answer: Extracted | Exception) -> None:
    there, told = Runner(answer), list[Extracted | None]()
    there.cluster().submit(WHAT, told.append)
    there.sent.set_result(None)
    assert told == [None]


def test_only_the_name_of_what_to_read_is_sent() -> None:
    there, told = Runner(Extracted(digest="0" * 64, key="a key")), list[Extracted | None]()
    there.cluster().submit(WHAT, told.append)
    there.sent.set_result(None)
    assert there.asked == [(extraction.extract, WHAT)]
    assert told == [Extracted(digest="0" * 64, key="a key")]


def test_a_cluster_that_is_done_with_gives_nothing_back() -> None:
    there, told = Runner(LOST), list[Extracted | None]()
    with there.cluster() as cluster:
        cluster.submit(WHAT, told.append)
    there.sent.set_result(None)
    assert told == []


def test_what_a_cluster_that_is_gone_does_not_take_is_told_as_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def submit(*_: Any, pure: bool) -> None:
        raise ClosedClientError(f"Client is closed. Can't send update-graph message. {pure}")

    told: list[Extracted | None] = []
    monkeypatch.setattr(Runner, "submit", submit)
    Runner(LOST).cluster().submit(WHAT, told.append)
    assert told == [None]


def test_other_rules_of_reading_are_refused() -> None:
    with pytest.raises(ValueError, match=r"by parser 99, and this installation has parser \d+$"):
        extraction.extract(replace(WHAT, parser=99))


def test_a_flow_that_reaches_no_cluster_says_so() -> None:
    with pytest.raises(ValueError, match="reaches no Dask cluster"):
        backfill.read_by(None, on_cluster=True)


def test_a_cluster_and_no_reading_is_wrong_usage(tmp_path: Path) -> None:
    options = ["--dask", "tcp://127.0.0.1:8786", "--workers", "0"]
    answer = call("backfill", SOURCE, "--store", str(tmp_path / "archive"), *options)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err == (
        "recordkeep: --workers 0 leaves the reading to the next run, and --dask asks for it\n"
    )
    assert not (tmp_path / "archive").exists()
