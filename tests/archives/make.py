"""Make an archive of today's version, as a fixture: `python -m tests.archives.make`.

It writes `tests/archives/v<schema>.zip`: a few weeks at the simulated agency, with made documents,
and `expected.json`, what this version reads in it. An archive that is committed is never made
anew: when the schema number is raised, a further one is made beside it.
"""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flows import audit
from storage.archive import Archive
from storage.catalogue import Catalogue
from storage.documents import DocumentEntry
from storage.model import SCHEMA, iso
from storage.objects import Objects
from storage.stores import open_store
from tests.agency import AgencySite, faults
from tests.histories import SOURCE, on
from tests.listeners import told
from tests.weeks import EDITIONS, FIRST, SECOND, THIRD, Weeks, path, publish, quicker, report

FOLDER = Path(__file__).parent
EXPECTED = "expected.json"
_EPOCH = (2017, 3, 20, 0, 0, 0)


def history(weeks: Weeks) -> None:
    """Let happen what an archive must be able to tell of."""
    publish(weeks.site, *EDITIONS)
    weeks.look(0)
    weeks.site.revise(path(FIRST), report(FIRST, rows=3))
    weeks.site.say("Correction: the report of Jan. 28 named the wrong county.")
    weeks.look(7)
    weeks.site.inflict(faults.html_as_pdf(), on=path(SECOND), times=1)
    weeks.look(14)
    weeks.site.heal()
    archive = Archive(weeks.objects, SOURCE, clock=lambda: on(15))
    (refused,) = (d for d in archive.manifest.documents.values() if d.status == "quarantined")
    archive.decide(refused.digest, "release", why="an error page", who="operator", parser=None)
    archive.publish()
    weeks.site.revise(path(SECOND), report(SECOND, words="amended"))
    weeks.site.delist(path(THIRD))
    weeks.look(21)
    weeks.site.remove(path(THIRD))
    weeks.look(28)
    weeks.look(35)
    weeks.site.restore(path(THIRD), "Report")
    weeks.site.inflict(faults.html_as_pdf(), on=path(FIRST), times=1)
    weeks.look(42)
    audit.audit.fn(SOURCE, weeks.store, at=on(43))


def described(objects: Objects) -> dict[str, Any]:
    """Say what is read in an archive: what must stay the same."""
    catalogue = Catalogue(objects)
    manifest = catalogue.manifest(SOURCE)
    editions = {
        edition: {
            "versions": [
                {
                    "digest": version.document.digest,
                    "kind": version.kind,
                    "status": version.document.status,
                    "first_seen": iso(version.first_seen),
                    "last_seen": iso(version.last_seen),
                    "reading": _tables(catalogue, version.document),
                }
                for version in manifest.versions(edition)
            ],
            "removal": manifest.removal(edition),
        }
        for edition in manifest.by_edition
    }
    return {
        "editions": editions,
        "quarantined": sorted(
            d.digest for d in manifest.documents.values() if d.status == "quarantined"
        ),
        "released": sorted(
            d.digest
            for d in manifest.documents.values()
            for decision in d.decisions
            if decision.kind == "release"
        ),
        "notices": sorted(manifest.notices),
        "runs": {flow: run.run for flow, run in manifest.last_runs.items()},
        "alerts": sorted(manifest.alerts),
    }


def _tables(catalogue: Catalogue, document: DocumentEntry) -> object:
    return catalogue.table(SOURCE, document.table)["tables"] if document.table else None


def write(store: Path, into: Path) -> None:
    """Pack a folder's archive, with what is expected of it."""
    expected = json.dumps(described(open_store(str(store))), indent=1, sort_keys=True)
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(each for each in store.rglob("*") if each.is_file()):
            name = file.relative_to(store).as_posix()
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), file.read_bytes(), zipfile.ZIP_DEFLATED)
        packed.writestr(zipfile.ZipInfo(EXPECTED, _EPOCH), expected, zipfile.ZIP_DEFLATED)


def main() -> None:
    """Make the archive, unless one of this schema number is there."""
    into = FOLDER / f"v{SCHEMA}.zip"
    if into.exists():
        raise SystemExit(f"{into} is there: it is what an earlier version wrote, and stays")
    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory() as folder:
        watch = quicker(monkeypatch)
        store = Path(folder) / "archive"
        # Nobody stands there: that alerts were not taken is kept as well.
        nobody = told(monkeypatch, alerts="json://127.0.0.1:9/")
        with AgencySite() as site, nobody:
            history(Weeks(site, str(store), watch))
        write(store, into)
    print(f"{into}: {into.stat().st_size:,} bytes")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
