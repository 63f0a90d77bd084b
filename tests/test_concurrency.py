"""Several at one archive: runs at once, a run beside a verification, a fact written late."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows import opening, weekly
from flows.demo.site import HISTORY, ReplicaSite
from storage import facts, layout
from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.fixity import verify
from storage.objects import Objects
from storage.stores import open_store
from tests import histories
from tests.histories import SOURCE, Ticking, fill, on
from tests.stores import NewStore

_RUN = """
import sys, datetime
from flows import opening, weekly
store, site, at = sys.argv[1:]
sys.stdin.readline()
when = datetime.datetime.fromisoformat(at)
with opening.opened("ice_ddor", store, site=site, pause_s=0, at=when) as work:
    print(weekly.look_at_all(work).status)
"""
_VERIFY = """
import sys
from storage.fixity import verify
from storage.stores import open_store
sys.stdin.readline()
for _ in range(5):
    print([f.kind for f in verify(open_store(sys.argv[1]), "ice_ddor").findings])
"""


@pytest.fixture
def site() -> Iterator[ReplicaSite]:
    with ReplicaSite(HISTORY[1]) as site:
        yield site


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def together(*processes: subprocess.Popen[str]) -> list[str]:
    """Let processes that wait for a line begin at once; give what each printed."""
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), answers
    return [out for out, _ in answers]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["directory", "ceph"])
def test_two_runs_at_once_lose_and_double_nothing(
    kind: str, site: ReplicaSite, new_store: NewStore
) -> None:
    store = new_store(kind).name
    run = (store, site.url, HISTORY[1].at.isoformat())
    assert together(start(_RUN, *run), start(_RUN, *run)) == ["complete\n"] * 2
    objects = open_store(store)
    manifest = Catalogue(objects).manifest(SOURCE)
    assert {e: len(manifest.versions(e)) for e in manifest.by_edition} == {
        "2017-01-28": 1,
        "2017-02-04": 1,
    }
    assert sum(layout.kind(key) == "runs" for key in manifest.facts) == 2
    assert verify(objects, SOURCE).findings == []
    assert facts.refold(objects, SOURCE).facts == manifest.facts


@pytest.mark.slow
def test_a_run_beside_a_verification_disturbs_neither(site: ReplicaSite, tmp_path: Path) -> None:
    store = str(tmp_path / "archive")
    with opening.opened(SOURCE, store, site=site.url, pause_s=0, at=HISTORY[0].at) as work:
        weekly.look_at_all(work)
    site.state = HISTORY[2]
    run = start(_RUN, store, site.url, HISTORY[2].at.isoformat())
    said, found = together(run, start(_VERIFY, store))
    assert said == "complete\n"
    assert [json.loads(line) for line in found.splitlines()] == [[]] * 5


def test_a_run_record_written_late_is_folded_by_the_next_run(objects: Objects) -> None:
    fill(objects)
    late = histories.part(9, on(3), histories.observation("one", on(3)))
    archive = Archive(objects, SOURCE, clock=Ticking(on(20)))
    key = layout.run(SOURCE, on(3), late.run, 1)
    body = histories.run_fact(late, on(3))
    objects.put(key, histories.encoded(late), sha256=body.sha256)
    archive.record(histories.part(10, on(20)))
    manifest = archive.publish()
    assert key in manifest.facts
    (first, *_) = manifest.timelines["2017-01-28"]
    assert first.count == 2
    assert facts.refold(objects, SOURCE) == manifest


def test_a_week_beside_a_large_backfill_is_folded_by_it(objects: Objects) -> None:
    """However much a run writes, what others wrote since it began is looked for."""
    clock = Ticking(on(0))
    past, week = Archive(objects, SOURCE, clock=clock), Archive(objects, SOURCE, clock=clock)
    week.admit(*week.keep((histories.capture("week", on(0)), histories.body("week"))))
    week.publish()
    names = [f"old-{number}" for number in range(1001)]  # as many as S3 lists at a time, and one
    arrivals = [(histories.capture(name, on(0)), histories.body(name)) for name in names]
    past.admit(*past.keep(*arrivals))
    manifest = past.publish()
    assert len(manifest.documents) == 1 + len(names)
    assert histories.digest("week") in facts.load(objects, SOURCE).documents


def test_a_manifest_replaced_by_an_older_one_is_folded_again(objects: Objects) -> None:
    whole = fill(objects)
    (*_, oldest) = objects.versions(layout.manifest(SOURCE))
    body = objects.get(oldest.key, version_id=oldest.version_id)
    objects.put(oldest.key, body, sha256=histories.sha256(body))
    assert facts.load(objects, SOURCE) == whole


def test_the_clock_of_a_run_never_stands_still_or_goes_back(objects: Objects) -> None:
    fill(objects)
    archive = Archive(objects, SOURCE, clock=lambda: on(-1))
    arrivals = [(histories.capture(n, archive.now()), histories.body(n)) for n in ("x", "y")]
    keys = [fact.key for fact in archive.keep(*arrivals) if fact]
    newest = max(layout.written_at(k) for k in whole_keys(objects) if k not in keys)
    assert layout.written_at(keys[0]) >= newest + timedelta(seconds=1)
    assert layout.written_at(keys[1]) > layout.written_at(keys[0])
    assert len(archive.warnings) == 1


def whole_keys(objects: Objects) -> list[str]:
    return [e.key for kind in layout.TIMED for e in objects.list(f"{kind}/")]
