"""Fetching ahead: in order, one at a time, bounded, and nothing that came is lost."""

import gc
import threading
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from mmap import mmap
from typing import TYPE_CHECKING, Any

import pytest

from flows import looking_back, week
from flows.ahead import MOST, ahead
from flows.record import RunRecord
from flows.stopping import StoppedError
from flows.work import Work
from scrapers.errors import UnansweredError
from scrapers.web.buffers import Buffers
from storage import layout
from storage.errors import StoreUnreachableError
from storage.ledger import RunSummary
from tests.agency import pdf
from tests.histories import SOURCE
from tests.pasts import Pasts, pasts
from tests.test_dask import variant
from tests.weeks import FIRST, path

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["pasts"]

NUMBERS = range(2 * MOST)


class Steps:
    """Two steps that count who is at work, and go on only as far as they are let."""

    def __init__(self, let: int = 100) -> None:
        self.fetched: list[int] = []
        self.kept: list[int] = []
        self.most_at_once = 0
        self.let = threading.Semaphore(let)
        self.begun = threading.Semaphore(0)
        self._at_once = 0

    def fetch(self, number: int) -> int:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        self.begun.release()
        assert self.let.acquire(timeout=10)
        self.fetched.append(number)
        self._at_once -= 1
        return number

    def keep(self, numbers: Sequence[int]) -> list[int]:
        self.kept += numbers
        return [number * 10 for number in numbers]


def test_items_come_in_order_and_one_is_fetched_at_a_time() -> None:
    steps = Steps()
    with ahead(NUMBERS, steps.fetch, steps.keep) as coming:
        assert [coming.take() for _ in NUMBERS] == [number * 10 for number in NUMBERS]
    assert steps.fetched == steps.kept == list(NUMBERS)
    assert steps.most_at_once == 1


def test_no_more_than_a_few_are_fetched_before_they_are_taken() -> None:
    steps = Steps()
    with ahead(NUMBERS, steps.fetch, steps.keep) as coming:
        for _ in range(MOST):
            assert steps.begun.acquire(timeout=10)
        assert not steps.begun.acquire(timeout=0.05)
        coming.take()
        assert steps.begun.acquire(timeout=10)


def test_what_was_begun_is_still_taken_after_a_stop_and_nothing_else_is_asked() -> None:
    steps = Steps(let=2)
    with ahead(NUMBERS, steps.fetch, steps.keep) as coming:
        for _ in range(3):
            assert steps.begun.acquire(timeout=10)
        assert coming.stop()
        steps.let.release()
        taken = []
        while coming.stop():
            taken.append(coming.take())
    assert taken == [0, 10, 20]
    assert steps.fetched == [0, 1, 2]


def test_what_a_stop_interrupts_is_the_last_that_is_begun() -> None:
    def fetch(number: int) -> int:
        if number == 1:
            raise StoppedError
        return number

    with ahead(NUMBERS, fetch, list) as coming:
        assert coming.take() == 0
        with pytest.raises(StoppedError):
            coming.take()
        assert not coming.stop(), "nothing else is to come"


def test_a_failure_comes_in_its_turn_and_ends_nothing() -> None:
    def fetch(number: int) -> int:
        if number == 1:
            raise UnansweredError("https://www.ice.gov/1", "did not answer")
        return number

    with ahead(range(3), fetch, list) as coming:
        assert coming.take() == 0
        with pytest.raises(UnansweredError):
            coming.take()
        assert coming.take() == 2


def test_what_comes_while_the_store_is_busy_is_kept_together_and_fails_together() -> None:
    steps, groups = Steps(let=1), []

    def keep(numbers: Sequence[int]) -> Sequence[int]:
        groups.append(list(numbers))
        if numbers != [0]:
            raise StoreUnreachableError("archive", "is full: free some space, then run again")
        steps.let.release(2)
        for _ in range(4):
            assert steps.begun.acquire(timeout=10)
        return numbers  # the fourth is being fetched: the two before it are there

    with ahead(range(4), steps.fetch, keep) as coming:
        assert coming.take() == 0
        for _ in range(2):
            with pytest.raises(StoreUnreachableError):
                coming.take()
        steps.let.release()
        with pytest.raises(StoreUnreachableError):
            coming.take()
    assert groups == [[0], [1, 2], [3]]


def test_nothing_more_is_begun_when_the_taker_fails() -> None:
    steps = Steps()
    with (
        pytest.raises(ZeroDivisionError),
        ahead(NUMBERS, steps.fetch, steps.keep) as coming,
    ):
        divmod(coming.take(), 0)
    assert len(steps.fetched) <= MOST + 1
    assert steps.kept == steps.fetched[: len(steps.kept)]


def many(pasts: Pasts) -> list[str]:
    """Publish further reports, each with bytes of its own; give the paths of all."""
    names = [f"/doclib/ddor/ddor2018_01-{day:02}to01-{day + 6:02}.pdf" for day in range(1, 9)]
    for number, name in enumerate(names):
        pasts.site.publish(name, variant(number), f"Weekly Declined Detainer Outcome Report {name}")
    return [path(FIRST), *names]


def test_a_backfill_that_is_stopped_takes_down_all_that_it_fetched(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(pasts)
    told = []
    tell = week.tell

    def tell_and_stop(work: Work, *rest: object) -> None:
        tell(work, *rest)  # type: ignore[arg-type] # passed on as they came
        told.append(rest)
        work.stop.asked = True

    monkeypatch.setattr(week, "tell", tell_and_stop)
    run = pasts.keep_only(30)
    fetched = [each for each in pasts.site.requests if each.path.startswith("/doclib/")]
    assert run.stopped
    assert 1 <= len(fetched) <= 1 + MOST
    assert len(told) == len(fetched)
    held = [document for document in pasts.manifest.documents.values() if document.captures]
    raws = list(pasts.objects.list(layout.prefix("raw", SOURCE)))
    assert len(held) == len(raws) == len(fetched)


def test_a_backfill_whose_store_fails_leaves_no_file_behind_and_repeats_a_few(
    pasts: Pasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = many(pasts)
    folders: list[Path] = []

    def fail(work: Work, _answered: object) -> object:
        folders.append(work.folder)
        raise StoreUnreachableError("archive", "is full: free some space, then run again")

    with monkeypatch.context() as patch:
        patch.setattr(looking_back, "take_down", fail)
        with pytest.raises(StoreUnreachableError):
            pasts.keep_only(30)
    assert not folders[0].exists()
    first = [each.path for each in pasts.site.requests if each.path.startswith("/doclib/")]
    assert len(first) <= 1 + MOST
    pasts.site.forget()
    assert pasts.keep_only(31).status == "complete"
    again = [each.path for each in pasts.site.requests if each.path.startswith("/doclib/")]
    assert set(names) <= set(again)
    assert len(again) == len(set(again))


def test_documents_do_not_pile_up_in_memory(pasts: Pasts, monkeypatch: pytest.MonkeyPatch) -> None:
    pasts.keep_only(30)  # what is imported and remembered once is no document's
    number, size = 100, 100_000
    for copy in range(number):
        name = path((date(2018, 1, 6) + timedelta(weeks=copy)).isoformat())
        pasts.site.publish(name, pdf(f"report {copy}", size), f"Declined Detainer Report {copy}")
    left = []
    finish, take = RunRecord.finish, Buffers.take
    buffers: list[mmap] = []

    def measure_and_finish(record: RunRecord, **how: Any) -> RunSummary:
        gc.collect()
        left.append(tracemalloc.get_traced_memory()[0])
        return finish(record, **how)

    def take_and_keep(self: Buffers) -> mmap:
        buffer = take(self)
        if not any(buffer is each for each in buffers):
            buffers.append(buffer)
        return buffer

    monkeypatch.setattr(RunRecord, "finish", measure_and_finish)
    monkeypatch.setattr(Buffers, "take", take_and_keep)
    tracemalloc.start()
    try:
        assert Counter(pasts.keep_only(31).outcomes.values())["new"] == number
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left[0] < number * 8_000, "the index, and what the site remembers of each request"
    assert peak < left[0] + 2 * MOST * size
    assert len(buffers) <= 1 + MOST, "bodies lie in them, unseen by tracemalloc"
