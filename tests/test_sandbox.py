"""Whatever a document does, its reader ends, and the caller gets a reading."""

import os
import select
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scrapers import sandbox
from scrapers.errors import ExtractionBugError
from scrapers.limits import Limits
from tests.handmade import HELLO, one_page, stream

PLAIN = "tests.readers.plain"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(one_page(stream(HELLO)))
    return path


def test_gives_the_reading_of_the_source_and_completes_it(report: Path) -> None:
    reading = sandbox.read(report, PLAIN)
    assert (reading.status, reading.parser, reading.pages) == ("complete", 7, 1)
    assert reading.tables["pages"][0].fields["text"] == "Hello world"
    assert reading.text_digest


def test_the_same_document_gives_the_same_reading(report: Path) -> None:
    assert sandbox.read(report, PLAIN) == sandbox.read(report, PLAIN)


def test_a_document_without_end_is_stopped_with_all_that_it_started(report: Path) -> None:
    started = time.monotonic()
    reading = sandbox.read(report, "tests.readers.endless", limits=Limits(deadline_s=3.0))
    assert time.monotonic() - started < 10
    assert (reading.reason, reading.pages, reading.parser) == ("timed-out", 1, 1)
    assert has_ended(int(report.with_suffix(".pid").read_text()))


def test_who_stops_all_processes_of_a_service_leaves_the_document_to_its_reader(
    report: Path,
) -> None:
    assert sandbox.read(report, "tests.readers.steadfast").status == "complete"


def has_ended(process: int) -> bool:
    """Whether a process, which was sent its end, does end within ten seconds."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([watched], [], [], 10)
    os.close(watched)
    return bool(ended)


def test_more_pages_earn_more_time() -> None:
    limits = Limits(deadline_s=10, per_page_s=2, longest_s=500)
    assert [limits.deadline_for(pages) for pages in (0, 100, 101, 200, 10_000)] == [
        10, 10, 12, 210, 500,
    ]  # fmt: skip


def test_a_deadline_that_pages_earn_is_waited_for(report: Path) -> None:
    limits = Limits(deadline_s=2.0, per_page_s=0.0, longest_s=2.0)
    short = sandbox.read(report, "tests.readers.endless", limits=limits)
    assert short.detail == "reading was stopped after 2 s"


def test_memory_without_end_is_refused_as_too_large(report: Path) -> None:
    limits = Limits(memory_bytes=300 * 2**20)
    reading = sandbox.read(report, "tests.readers.greedy", limits=limits)
    assert reading.reason == "too-large"
    assert "300 MiB" in (reading.detail or "")


def test_of_a_reader_that_is_killed_no_more_is_said_than_is_known(report: Path) -> None:
    reading = sandbox.read(report, "tests.readers.killed", limits=Limits(memory_bytes=512 * 2**20))
    assert reading.reason == "too-large", "as such, it is tried again"
    assert reading.detail == (
        "the reader was killed (SIGKILL), as by the system for want of memory; "
        "its own limit is 512 MiB"
    )


def test_a_reading_without_end_is_refused_as_too_large(report: Path) -> None:
    limits = Limits(output_bytes=4 * 2**20)
    assert sandbox.read(report, "tests.readers.wordy", limits=limits).reason == "too-large"


def test_a_bug_of_the_source_is_a_bug_and_not_the_documents_fault(report: Path) -> None:
    with pytest.raises(ExtractionBugError, match="a column of 1 pages") as caught:
        sandbox.read(report, "tests.readers.buggy")
    assert 'buggy.py", line' in caught.value.traceback
    assert caught.value.source == "buggy"


def test_a_source_that_cannot_be_imported_is_a_bug(report: Path) -> None:
    with pytest.raises(ExtractionBugError, match="No module named"):
        sandbox.read(report, "tests.readers.missing")


def test_a_file_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sandbox.read(tmp_path / "nothing.pdf", PLAIN)


def test_the_reader_sees_no_secrets(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    with pytest.raises(ExtractionBugError, match="'AWS_SECRET_ACCESS_KEY'"):
        sandbox.read(report, "tests.readers.curious")


def test_two_threads_read_at_once(report: Path) -> None:
    digests: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: digests.append(sandbox.read(report, PLAIN).text_digest))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 3
    assert len(set(digests)) == 1


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_open(report: Path) -> None:
    sandbox.read(report, PLAIN)
    before = open_files()
    sandbox.read(report, PLAIN)
    assert open_files() == before


def test_limits_are_kept_with_a_refusal_as_plain_values() -> None:
    limits = replace(Limits(), deadline_s=7.0)
    assert Limits(**limits.to_json()) == limits
