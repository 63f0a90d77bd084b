"""What earlier versions wrote this one reads, and everything stored says its schema number."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flows import previews
from storage import facts, layout
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.fixity import strays, verify
from storage.ledger import RULES, Manifest
from storage.model import SCHEMA
from storage.objects import Objects
from tests.agency import AgencySite
from tests.archives.make import EXPECTED, described, history
from tests.histories import SOURCE
from tests.listeners import told
from tests.weeks import Weeks, quicker

ARCHIVES = sorted((Path(__file__).parent / "archives").glob("v*.zip"))


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.stem)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Directory:
    with zipfile.ZipFile(request.param) as packed:
        packed.extractall(tmp_path)
    return Directory(tmp_path)


def expected(archive: Directory) -> object:
    return json.loads((archive.root / EXPECTED).read_text())


def test_there_is_an_archive_of_every_schema_number() -> None:
    assert [path.stem for path in ARCHIVES] == [f"v{n}" for n in range(1, SCHEMA + 1)]
    assert all(path.stat().st_size < 200_000 for path in ARCHIVES)


def test_an_earlier_archive_says_what_it_said(earlier: Directory) -> None:
    assert described(earlier) == expected(earlier)


def known(manifest: Manifest) -> object:
    """What stood where, and when; but for what earlier rules did not tell of it."""
    return {e: [replace(s, ours=None) for s in told] for e, told in manifest.timelines.items()}


def test_an_earlier_archives_facts_fold_to_the_same_history(earlier: Directory) -> None:
    stored, folded = facts.held(earlier, SOURCE), facts.refold(earlier, SOURCE)
    assert folded.facts == stored.facts
    assert known(folded) == known(stored)
    assert folded.rules == RULES


def test_a_manifest_of_earlier_rules_is_folded_anew_before_it_grows(earlier: Directory) -> None:
    stored = facts.held(earlier, SOURCE)
    loaded = facts.load(earlier, SOURCE)
    assert (stored == loaded) == (stored.rules == RULES)
    assert loaded == facts.refold(earlier, SOURCE)


def test_an_earlier_archive_is_whole(earlier: Directory) -> None:
    assert verify(earlier, SOURCE).findings == []
    (earlier.root / EXPECTED).unlink()
    assert strays(earlier, {SOURCE}) == []


def test_an_earlier_archives_originals_are_given(earlier: Directory) -> None:
    catalogue = Catalogue(earlier)
    for edition in catalogue.manifest(SOURCE).by_edition:
        for version in catalogue.versions(SOURCE, edition):
            into = BytesIO()
            catalogue.copy(catalogue.choose(SOURCE, edition, digest=version.document.digest), into)
            assert into.getvalue().startswith(b"%PDF-")


def test_an_earlier_archive_is_worth_keeping(earlier: Directory) -> None:
    manifest = facts.held(earlier, SOURCE)
    kinds = {layout.kind(key) for key in manifest.facts}
    assert kinds == set(layout.FACTS)
    states = {span.state for spans in manifest.timelines.values() for span in spans}
    assert states >= {"seen", "delisted", "gone"}
    assert {"weekly", "audit"} <= manifest.last_runs.keys()


def unnumbered(objects: Objects) -> list[str]:
    """Keys of stored JSON and Parquet that do not say their schema number."""
    found = []
    for entry in objects.list(""):
        if entry.key.endswith(".json") and entry.key != EXPECTED:
            value = json.loads(objects.get(entry.key))
            number = value.get("schema", value.get("recordkeep_schema"))
        elif entry.key.endswith(".parquet"):
            told = pq.read_schema(BytesIO(objects.get(entry.key))).metadata or {}
            number = int(told.get(b"recordkeep_schema", b"0"))
        else:
            continue
        found += [] if number in range(1, SCHEMA + 1) else [entry.key]
    return found


def test_every_fact_of_an_earlier_archive_says_its_schema_number(earlier: Directory) -> None:
    assert unnumbered(earlier) == []


@pytest.mark.slow
def test_everything_that_todays_version_writes_says_its_schema_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = quicker(monkeypatch)
    monkeypatch.setattr(previews, "draw", lambda *_, **__: [])  # made documents cannot be drawn
    with AgencySite() as site, told(monkeypatch, alerts="json://127.0.0.1:9/"):
        history(Weeks(site, str(tmp_path), watch, publishes=True))
    store = Directory(tmp_path)
    numbered = [e.key for e in store.list("") if e.key.endswith((".json", ".parquet"))]
    kinds = {key.partition("/")[0] for key in numbered}
    assert kinds == {*layout.FACTS, "manifests", "datasets", "site"} - {"pages"}, "pages are HTML"
    assert f"datasets/{SOURCE}/datapackage.json" in numbered
    assert unnumbered(store) == []
