"""`recordkeep backfill` killed with SIGKILL goes on, and comes to what an undisturbed one does."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from storage.catalogue import Catalogue
from storage.fixity import verify
from storage.ledger import Manifest
from storage.stores import open_store
from tests.agency import AgencySite
from tests.agency.replies import Reply
from tests.histories import SOURCE, on
from tests.pasts import HOST, PAGE, listing
from tests.test_dask import variant, versions
from tests.wayback import WaybackSite

pytestmark = pytest.mark.slow
RECORDKEEP = str(Path(sys.executable).with_name("recordkeep"))
DOCUMENTS, PAGES, ERRORS = 3, 2, 1
BODIES = DOCUMENTS + PAGES + ERRORS
MISSING = b"<html><head><title>Page not found</title></head><body>Page not found</body></html>"


@pytest.fixture(scope="module")
def archive() -> Iterator[WaybackSite]:
    """Two states of the listing page, an error page, documents: played back in this order."""
    with WaybackSite(revisits=True) as site:
        for number in range(PAGES):
            site.capture(PAGE, on(number), listing((f"/doclib/ddor/{number}.pdf", f"{number}")))
        site.capture(f"{HOST}/doclib/ddor/error.pdf", on(2), MISSING)
        for number in range(DOCUMENTS):
            url, body = f"{HOST}/doclib/ddor/{number}.pdf", variant(number)
            site.capture(url, on(3 + number), body)
            site.capture(url, on(20 + number), body)
        site.missing(f"{HOST}/doclib/ddor/0.pdf", on(40))
        yield site


@pytest.fixture(scope="module")
def agency() -> Iterator[AgencySite]:
    with AgencySite() as site:
        yield site


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, archive: WaybackSite, agency: AgencySite
) -> object:
    """What the history comes to when nothing is killed."""
    whole = tmp_path_factory.mktemp("undisturbed") / "whole"
    assert backfill(whole, archive, agency) == 0
    assert len(archive.playbacks) == BODIES
    return held(whole)[1]


class Killer:
    """Kills a process with all that it started, instead of answering its next playback."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self, reply: Reply) -> Reply:
        assert self.begun.wait(60)
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        return reply


def backfill(
    store: Path, archive: WaybackSite, agency: AgencySite, *, answers: int | None = None
) -> int:
    """Run the command; give its exit code. It is killed after so many playbacks, if any."""
    command = [RECORDKEEP, "backfill", SOURCE, "--store", str(store), "--from", "wayback"]
    command += ["--site", agency.url, "--wayback", archive.origin, "--pause", "0"]
    known = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    killer = Killer()
    if answers is not None:
        archive.inflict(killer, on="playback", times=1, after=answers)
    # Not pipes: a server that Prefect started lives on, and would hold them open.
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            command,
            stdout=told,
            stderr=told,
            start_new_session=True,
            env={
                **known,
                "PREFECT_HOME": str(store.parent / "prefect"),
                "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            },
        )
        killer.process = process
        killer.begun.set()
        try:
            code = process.wait(timeout=300)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        told.seek(0)
        assert code in {0, -signal.SIGKILL}, told.read()[-3000:]
    archive.heal()
    return code


def held(store: Path) -> tuple[Manifest, object]:
    """The manifest, and what two histories are compared by."""
    objects = open_store(str(store))
    assert verify(objects, SOURCE).findings == []
    manifest = Catalogue(objects).manifest(SOURCE)
    names = [key for key in manifest.facts if key.startswith(("tables/", "pages/"))]
    facts = {key: manifest.facts[key] for key in names}
    pages = {d: (p.first, p.last, p.count) for d, p in manifest.pages.items() if p.archived}
    sighted = (manifest.timelines, manifest.mementos, manifest.absences, pages)
    return manifest, (versions(manifest), facts, sighted)


@pytest.mark.parametrize("answers", [PAGES, BODIES - 1])
def test_a_backfill_killed_at_a_playback_goes_on_and_comes_to_the_same(
    tmp_path: Path, archive: WaybackSite, agency: AgencySite, undisturbed: object, answers: int
) -> None:
    archive.forget()
    store = tmp_path / "cut"
    assert backfill(store, archive, agency, answers=answers) == -signal.SIGKILL
    assert len(archive.playbacks) == answers + 1
    assert backfill(store, archive, agency) == 0
    # Again come what was in hand, and what says nothing of a document and was not written down.
    assert len(archive.playbacks) <= BODIES + 1 + PAGES + ERRORS
    manifest, history = held(store)
    assert history == undisturbed
    assert len([d for d in manifest.documents.values() if d.captures]) == DOCUMENTS
