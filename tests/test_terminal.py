"""What pages and reports say does nothing to the terminal on which it is shown."""

import io
import json
import logging
import re
import sys

import pytest
from rich.console import Console

from flows.bar import drawn
from flows.cli.output import print_json, print_table, say, show
from flows.cli.tables import describe
from flows.plain import plain
from tests.histories import SOURCE
from tests.test_cli import call
from tests.weeks import FIRST, Weeks, report, weeks

__all__ = ["weeks"]

TITLE = "\x1b]0;owned\x07"
CLEAR = "\x1b[2J"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "character", ["\0", "\a", "\b", "\r", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800"]
)
def test_nothing_that_steers_a_terminal_is_shown(
    character: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show(f"a{character}b")
    say(f"a{character}b")
    print_table(("what",), [[f"a{character}b"]])
    assert capsys.readouterr() == ("a\ufffdb\nwhat\na\ufffdb\n", "a\ufffdb\n")


def test_what_has_a_line_feed_makes_no_line_that_looks_like_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show("stray  raw/a\ndamaged  raw/b")
    print_table(("what",), [["a\nb"]])
    describe({"text": "a\nb"})
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["stray  raw/a\ufffddamaged  raw/b", "what", "a\ufffdb"]
    assert told[3:] == [f"{'text':>14}  a", f"{'':>14}  b"]


def test_words_of_all_languages_tabs_and_lines_are_shown_as_they_are() -> None:
    said = "“Sheriff’s” Doña Ana – 日本 עברית\tand\nmore \U0001d400"
    assert plain(said) == said


def test_a_table_on_a_terminal_is_plain_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(("what",), [[f"a{TITLE}\u202eb"]])
    assert "a\ufffd]0;owned\ufffd\ufffdb" in terminal.getvalue()


def test_what_is_logged_is_plain_for_every_handler(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("recordkeep").warning("%s: %s", SOURCE, ValueError(f"a{CLEAR}b"))
    assert caplog.messages == [f"{SOURCE}: a\ufffd[2Jb"]


def test_what_a_bar_says_is_plain() -> None:
    told = io.StringIO()
    with drawn(SOURCE, Console(file=told, force_terminal=True, width=100)) as bar:
        bar.says(f"asking {TITLE}")
    assert "asking \ufffd]0;owned\ufffd" in told.getvalue()


def test_json_says_what_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": f"a{CLEAR}\u202eb"})
    assert json.loads(capsys.readouterr().out) == {"text": f"a{CLEAR}\u202eb"}


@pytest.mark.parametrize(
    "command",
    [
        ["versions", SOURCE, FIRST],
        ["editions", SOURCE],
        ["status", SOURCE],
        ["sources"],
        ["quarantine", SOURCE],
        ["editions", f"no{TITLE}such"],
        ["get", SOURCE, FIRST, "--as-of", f"no{TITLE}date"],
    ],
    ids=" ".join,
)
def test_no_command_lets_a_page_or_a_report_steer_the_terminal(
    weeks: Weeks, command: list[str]
) -> None:
    weeks.site.say(f"Corrected: {TITLE}{CLEAR}\x9b2J the report of March 25, 2017 was revised.")
    weeks.site.publish("/doclib/x.pdf", report(None), f"Declined {CLEAR}Detainer Outcome Report")
    weeks.look(0)
    answer = call(*command, "--store", weeks.store)
    assert STEERING.findall(answer.out.decode() + answer.err) == []
