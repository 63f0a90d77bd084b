"""A long past answers as quickly as a short one: what a command reads does not grow with it."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from storage import stores
from storage.archive import Archive
from storage.directory import Directory
from storage.model import canonical
from storage.objects import Objects
from tests import histories
from tests.histories import SOURCE, on
from tests.stores import Counted

FIRST = date(2017, 1, 28)
LAST_DAY = on(4 * 7).date()
READS = {"status": 2, "versions": 1, "get": 2}
"""The index; what pages are written; the document."""
LISTS = {"status": 7, "versions": 0, "get": 0}
"""Which sources there are, and what was written of each kind since the index was."""


def hold(objects: Objects, number: int) -> None:
    """Hold so many editions, each seen five times: three times one document, twice another."""
    seen = []
    for place in range(number):
        edition = (FIRST + timedelta(weeks=place)).isoformat()
        for count in range(5):
            name = f"{edition}{'-corrected' * (count >= 3)}"
            at = on(7 * count) + timedelta(seconds=place)
            is_first = count in {0, 3}
            if is_first:
                keep(objects, name, edition, count)
            told = histories.observation(
                name, at, "new" if is_first else "unchanged", edition=edition
            )
            made = histories.reading(name, edition=edition)
            tables = (histories.table_fact(made).key,) if is_first else ()
            seen.append(replace(told, tables=tables))
    part = histories.part(1, on(30), *seen)
    put(objects, histories.run_fact(part, on(30)).key, canonical(part.to_json()))
    Archive(objects, SOURCE, clock=histories.Ticking(on(31))).publish()


def keep(objects: Objects, name: str, edition: str, weeks: int) -> None:
    """Hold one document: its bytes, its capture and its records."""
    made = histories.capture(name, on(7 * weeks), edition=edition)
    reading = histories.reading(name, edition=edition)
    put(objects, f"raw/{SOURCE}/{made.digest}.pdf", histories.body(name))
    put(objects, histories.capture_fact(made, made.at).key, canonical(made.to_json()))
    put(objects, histories.table_fact(reading).key, canonical(reading.to_json(), sort=False))


def put(objects: Objects, key: str, body: bytes) -> None:
    objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())


@pytest.mark.parametrize("number", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_what_a_command_reads_does_not_grow_with_the_past(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Counted(Directory(tmp_path / "archive"))
    hold(store, number)
    monkeypatch.setattr(stores, "open_store", lambda _name, **_options: store)
    copy = tmp_path / "copy.pdf"
    asked = {
        "status": ["status", SOURCE],
        "versions": ["versions", SOURCE, FIRST.isoformat()],
        "get": ["get", SOURCE, FIRST.isoformat(), "--as-of", str(LAST_DAY), "-o", str(copy)],
    }
    told = {}
    for name, words in asked.items():
        store.forget()
        done = CliRunner().invoke(app, [*words, "--store", "-"])
        told[name] = done.stdout_bytes
        assert done.exit_code in {0, 1}, done.output
        assert len(store.reads) <= READS[name], store.reads
        assert len(store.lists) <= LISTS[name], store.lists
    assert copy.read_bytes() == histories.body(f"{FIRST}-corrected")
    assert FIRST.isoformat().encode() in told["versions"]
