"""Take a good archive, damage one thing, read the whole report; then mend it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import facts, layout
from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.directory import Directory
from storage.errors import UnreadableError
from storage.fixity import Share, strays, verify
from storage.ledger import Manifest
from storage.mirror import mirror
from storage.objects import Objects
from storage.repair import repair
from storage.s3 import S3
from tests import histories
from tests.histories import PARSER, SOURCE, Ticking, fill, on

ONE = layout.raw(SOURCE, histories.digest("one"), "pdf")
TABLE = layout.table(SOURCE, histories.digest("one"), PARSER)
MANIFEST = layout.manifest(SOURCE)


@pytest.fixture
def held(objects: Objects) -> Manifest:
    """The manifest of a good archive in `objects`."""
    return fill(objects)


def damage(objects: Objects, key: str, body: bytes | None) -> None:
    """Change an object behind the store's back, so that no version of it is right."""
    if isinstance(objects, Directory):
        path = objects.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body) if body is not None else path.unlink()
        return
    assert isinstance(objects, S3)
    client, bucket = objects.set_up.client, objects.bucket
    name = f"{objects.prefix}{key}"
    for version in client.list_object_versions(Bucket=bucket, Prefix=name).get("Versions", []):
        client.delete_object(Bucket=bucket, Key=name, VersionId=version["VersionId"])
    if body is not None:
        client.put_object(Bucket=bucket, Key=name, Body=body)


def put(objects: Objects, key: str, body: bytes) -> None:
    objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())


def found(objects: Objects) -> list[tuple[str, str]]:
    return [(finding.kind, finding.key) for finding in verify(objects, SOURCE).findings]


def test_a_good_archive_has_no_findings(objects: Objects, held: Manifest) -> None:
    report = verify(objects, SOURCE)
    assert (report.findings, report.notes) == ([], [])
    originals, pages = 3, 1
    assert report.objects == len(held.facts) + originals
    assert sum(layout.kind(key) == "pages" for key in held.facts) == pages
    assert strays(objects, {SOURCE}) == []


@pytest.mark.usefixtures("held")
def test_names_a_flipped_byte(objects: Objects) -> None:
    flipped = bytearray(histories.body("one"))
    flipped[9] ^= 1
    damage(objects, ONE, bytes(flipped))
    assert found(objects) == [("altered", ONE)]


@pytest.mark.usefixtures("held")
def test_names_a_truncated_object(objects: Objects) -> None:
    damage(objects, ONE, histories.body("one")[:-3])
    assert found(objects) == [("truncated", ONE)]


@pytest.mark.usefixtures("held")
def test_names_a_dropped_object(objects: Objects) -> None:
    damage(objects, ONE, None)
    assert found(objects) == [("missing", ONE)]


def test_names_each_dropped_fact(objects: Objects, held: Manifest) -> None:
    for key in held.facts:
        if layout.kind(key) != "pages":
            before = objects.get(key)
            damage(objects, key, None)
            assert ("missing", key) in found(objects)
            put(objects, key, before)
    assert found(objects) == []


@pytest.mark.usefixtures("held")
def test_names_a_delete_marker_and_takes_the_version_below_it(objects: Objects) -> None:
    objects.delete(ONE)
    report = verify(objects, SOURCE)
    assert [(f.kind, f.key) for f in report.findings] == [("deleted", ONE)]
    assert [finding.key for finding in repair(objects, report)] == [ONE]
    assert found(objects) == []


@pytest.mark.usefixtures("held")
def test_names_a_replaced_original_and_puts_the_older_version_back(objects: Objects) -> None:
    put(objects, ONE, b"other bytes")
    report = verify(objects, SOURCE)
    assert [(f.kind, f.key) for f in report.findings] == [("replaced", ONE)]
    assert [finding.key for finding in repair(objects, report)] == [ONE]
    assert found(objects) == []
    assert objects.get(ONE) == histories.body("one")


def test_a_lost_fact_makes_no_stray_of_what_it_names_and_hides_no_damage(
    objects: Objects, held: Manifest
) -> None:
    digest = histories.digest("one")
    (capture,) = [key for key in held.facts if key.startswith("captures/") and digest in key]
    before = objects.get(capture)
    damage(objects, capture, None)
    assert found(objects) == [("missing", capture)]
    damage(objects, ONE, b"other bytes")
    assert found(objects) == [("missing", capture), ("truncated", ONE)]
    put(objects, capture, before)
    assert found(objects) == [("truncated", ONE)]


def _no_bytes(store: Directory, key: str) -> None:
    """Put what cannot be read in the place of an object: the kernel's own EIO."""
    (store.root / key).unlink()
    (store.root / key).symlink_to("/proc/self/mem")


def test_what_the_disk_does_not_give_back_is_found_and_mended(tmp_path: Path) -> None:
    store, other = Directory(tmp_path / "store"), Directory(tmp_path / "other")
    facts_held = fill(store).facts
    mirror(store, other, progress=lambda *_: None)
    for key in (ONE, *facts_held):
        _no_bytes(store, key)
        assert ("altered", key) in found(store), "and all else was read too"
        with pytest.raises(UnreadableError, match="cannot be read: the disk fails there"):
            store.get(key)
        report = verify(store, SOURCE)
        assert repair(store, report) == []
        assert key in {finding.key for finding in repair(store, report, other=other)}
        assert found(store) == []
    _no_bytes(store, MANIFEST)
    assert found(store) == [("manifest-edited", MANIFEST)]
    repair(store, verify(store, SOURCE))
    assert found(store) == []


def test_a_mirror_goes_on_past_what_the_disk_does_not_give_back(tmp_path: Path) -> None:
    store, target = Directory(tmp_path / "store"), Directory(tmp_path / "target")
    fill(store)
    _no_bytes(store, ONE)
    first = mirror(store, target, progress=lambda *_: None)
    assert ["cannot be read" in why for why in first.refused] == [True]
    assert target.find(MANIFEST)
    again = mirror(store, target, progress=lambda *_: None)
    assert (again.copied, again.refused) == (0, first.refused)


@pytest.mark.usefixtures("held")
def test_names_an_edited_record(objects: Objects) -> None:
    edited = objects.get(TABLE).replace(b'"County 1"', b'"County 9"')
    damage(objects, TABLE, edited)
    assert found(objects) == [("altered", TABLE)]


def _moved(value: Any) -> None:
    value["editions"]["2017-01-28"]["versions"][0]["digest"] = "0" * 64


def _forgotten(value: Any) -> None:
    value["facts"].popitem()


def _earlier(value: Any) -> None:
    value["timelines"]["2017-01-28"][0]["first"] = "2017-01-01T00:00:00Z"


@pytest.mark.parametrize("edit", [_moved, _forgotten, _earlier])
@pytest.mark.usefixtures("held")
def test_names_an_edited_manifest_and_folds_it_again(
    objects: Objects, edit: Callable[[Any], None]
) -> None:
    good = objects.get(MANIFEST)
    value = json.loads(good)
    edit(value)
    put(objects, MANIFEST, json.dumps(value).encode())
    report = verify(objects, SOURCE)
    assert [(f.kind, f.key) for f in report.findings] == [("manifest-edited", MANIFEST)]
    repair(objects, report)
    assert objects.get(MANIFEST) == good


@pytest.mark.usefixtures("held")
def test_names_objects_that_nobody_names(objects: Objects) -> None:
    odd = [layout.raw(SOURCE, "0" * 64, "pdf"), layout.capture(SOURCE, on(50), "0" * 64)]
    for key in odd:
        put(objects, key, b"{}")
    put(objects, "notes.txt", b"mine")
    assert sorted(found(objects)) == sorted(("stray", key) for key in odd)
    assert [finding.key for finding in strays(objects, {SOURCE})] == ["notes.txt"]


COPIES = (
    f"{MANIFEST[:-5]} (copy).json",
    f"{MANIFEST}~",
    "manifests/.DS_Store",
    "metrics/.DS_Store",
    "captures/.DS_Store",
    "raw/notes.txt",
    "runs/notes.txt",
    f"{ONE} (copy)",
    f"captures/{SOURCE}/.DS_Store",
    f"captures/{SOURCE}/20991231T000000.000000Z (copy).json",
    f"runs/{SOURCE}/notes.txt",
    f"{TABLE}~",
    f"pages/{SOURCE}/notes (1).txt",
    f"previews/{SOURCE}/.DS_Store",
)
"""What people and their tools leave beside our files."""


@pytest.mark.parametrize("key", COPIES)
def test_a_foreign_name_beside_ours_is_a_stray_and_does_no_harm(
    objects: Objects, held: Manifest, key: str
) -> None:
    damage(objects, key, b"{}")
    assert facts.sources(objects) == Catalogue(objects).sources() == [SOURCE]
    assert facts.load(objects, SOURCE) == facts.refold(objects, SOURCE) == held
    told = verify(objects, SOURCE).findings + strays(objects, {SOURCE})
    assert [(finding.kind, finding.key) for finding in told] == [("stray", key)]


@pytest.mark.usefixtures("held")
def test_a_manifest_that_lacks_newer_facts_is_no_fault(objects: Objects) -> None:
    archive = Archive(objects, SOURCE, clock=Ticking(on(30)))
    archive.keep((histories.capture("three", on(30)), histories.body("three")))
    report = verify(objects, SOURCE)
    assert report.findings == []
    assert len(report.notes) == 1
    repair(objects, report)
    assert histories.digest("three") in Catalogue(objects).manifest(SOURCE).documents


@pytest.mark.usefixtures("held")
def test_repair_takes_from_another_store_only_what_has_the_digest(
    objects: Objects, tmp_path: Path
) -> None:
    good, bad = Directory(tmp_path / "good"), Directory(tmp_path / "bad")
    put(good, ONE, histories.body("one"))
    put(bad, ONE, b"other bytes")
    damage(objects, ONE, None)
    assert repair(objects, verify(objects, SOURCE), other=bad) == []
    assert found(objects) == [("missing", ONE)]
    assert [f.key for f in repair(objects, verify(objects, SOURCE), other=good)] == [ONE]
    assert found(objects) == []


@pytest.mark.usefixtures("held")
def test_shares_of_an_audit_read_every_original_once(objects: Objects) -> None:
    damage(objects, ONE, None)
    reports = [verify(objects, SOURCE, share=Share(number=n, of=4)) for n in range(4)]
    assert sum(len(report.findings) for report in reports) == 1


def test_readers_get_the_right_bytes_of_a_replaced_original_with_a_warning(
    objects: Objects, held: Manifest, tmp_path: Path
) -> None:
    assert held.documents
    put(objects, ONE, b"other bytes")
    catalogue = Catalogue(objects)
    chosen = catalogue.choose(SOURCE, "2017-01-28", number=1)
    catalogue.save(chosen, tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes() == histories.body("one")
    assert len(catalogue.warnings) == 1
