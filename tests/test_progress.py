"""What long work says of how far it is: how many, how fast, how long still."""

import io
import logging
from collections.abc import Callable, Iterable

import pytest
from rich.console import Console

from flows.bar import drawn
from flows.progress import Lines, Progress
from tests.histories import SOURCE


class Clock:
    """Tells the seconds that work has taken."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def work(self, told: Progress, each_s: Iterable[float], number: int) -> None:
        """Take so many seconds for each item, until there are no more of them."""
        for item_s, _ in zip(each_s, told.over(range(number), "documents"), strict=False):
            self.now_s += item_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("flows.progress.monotonic", made)
    return made


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the log was told, without the source's name."""
    caplog.set_level("INFO", logger="recordkeep")
    logging.getLogger("recordkeep").propagate = True
    return lambda: [message.removeprefix(f"{SOURCE} ") for message in caplog.messages]


def test_long_work_says_now_and_then_how_far_it_is(
    clock: Clock, lines: Callable[[], list[str]]
) -> None:
    clock.work(Lines(SOURCE), [1.0] * 100, 100)
    assert lines() == [
        "30 of 100 documents, 1.0 a second, 1 minute left",
        "60 of 100 documents, 1.0 a second, 1 minute left",
        "90 of 100 documents, 1.0 a second, less than a minute left",
    ]


def test_what_an_earlier_run_had_done_makes_the_rest_no_faster(
    clock: Clock, lines: Callable[[], list[str]]
) -> None:
    resumed = [0.0005] * 1900 + [0.75] * 300
    clock.work(Lines(SOURCE), resumed, 2200)
    assert lines()[0] == "1939 of 2200 documents, 1.3 a second, 3 minutes left"
    assert {line.split(", ")[1] for line in lines()} == {"1.3 a second"}


@pytest.mark.parametrize(
    ("each_s", "says"),
    [
        (0.001, "1,000.0 a second"),
        (0.5, "2.0 a second"),
        (1.0, "1.0 a second"),
        (10.0, "6.0 a minute"),
        (60.0, "1.0 a minute"),
        (90.0, "40.0 an hour"),
    ],
)
def test_a_rate_is_told_in_the_unit_that_suits_it(
    clock: Clock, lines: Callable[[], list[str]], each_s: float, says: str
) -> None:
    number = 2 + int(30 / each_s)
    clock.work(Lines(SOURCE), [each_s] * number, number)
    assert lines()[0].split(", ", 1)[1].startswith(f"{says}, ")


def test_a_pace_that_slows_down_is_soon_told_as_it_is(
    clock: Clock, lines: Callable[[], list[str]]
) -> None:
    clock.work(Lines(SOURCE), [0.125] * 480 + [2.0] * 60, 1000)
    assert [line.split(", ")[1] for line in lines()] == [
        "8.0 a second",
        "8.0 a second",
        "3.0 a second",
        "30.0 a minute",
        "30.0 a minute",
    ]


def test_each_phase_of_the_work_has_time_until_its_first_line(
    clock: Clock, lines: Callable[[], list[str]]
) -> None:
    told = Lines(SOURCE)
    clock.now_s += 600
    clock.work(told, [1.0, 1.0], 2)
    assert lines() == []


def test_on_a_terminal_a_bar_says_the_same_as_the_log(
    clock: Clock, lines: Callable[[], list[str]]
) -> None:
    shown = io.StringIO()
    each_s = [0.0005] * 1900 + [0.75] * 40
    with drawn(SOURCE, Console(file=shown, force_terminal=True, width=100)) as bar:
        for item_s, _ in zip(each_s, bar.over(range(2200), "documents"), strict=False):
            clock.now_s += item_s
        bar.shown.refresh()
    clock.now_s = 0.0
    clock.work(Lines(SOURCE), each_s, 2200)
    assert "1.3 a second, 3 minutes left" in lines()[0]
    assert "1.3 a second, 3 minutes left" in shown.getvalue()


def test_on_a_terminal_the_log_goes_on_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    log, told = logging.getLogger("recordkeep"), io.StringIO()
    handler = logging.StreamHandler(io.StringIO())
    monkeypatch.setattr(log, "handlers", [handler])
    with drawn(SOURCE, Console(file=told, force_terminal=True, width=100)) as bar:
        bar.says("asking the index")
        for number in bar.over(range(3), "documents"):
            log.warning("line %s", number)
        bar.shown.refresh()
    assert "asking the index" in told.getvalue()
    assert "3/3" in told.getvalue()
    log.warning("after")
    assert "after" in handler.stream.getvalue()
