"""Each section of the RUNBOOK in earnest: its fault is caused, its alert comes, its steps mend it.

The commands that a section names are typed as they stand there.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from flows import remedies, week
from storage import layout
from storage.catalogue import Catalogue
from storage.stores import open_store
from tests import histories
from tests.agency import faults
from tests.agency_weeks import LATER, MOVED, TITLE
from tests.histories import NEWER, PARSER, SOURCE
from tests.listeners import hook
from tests.operating import LEARNED, Operator, commands, operator, steps
from tests.wayback import faults as archived
from tests.weeks import FIRST, SECOND, path, publish, report

__all__ = ["hook", "operator"]

pytestmark = pytest.mark.slow

Act = Callable[[Operator], None]
ON = path(FIRST)
NEEDLESS = {
    remedies.EXCLUDED: archived.excluded(),
    remedies.NOT_PLAYED: archived.redirect("/web/20170401000000id_/https://www.ice.gov/"),
}
"""Sections of which no alert is sent, since they need nobody, and what befalls playback then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault, and the steps of its section."""

    name: str
    section: str
    cause: Act
    mend: Act
    """Follows the section."""
    before: Act = lambda _operator: None
    flow: str = "run"
    lasts: bool = True
    """Whether the run after the first one meets it, too."""
    has_record: bool = True
    """Whether a run that met it wrote its record; without, each run tells of it."""


def _heal(operator: Operator) -> None:
    operator.site.heal()


def _contact(operator: Operator) -> None:
    """Step 2: tell the agency who asks."""
    assert "`RECORDKEEP_CONTACT`" in steps(remedies.BLOCKED)
    operator.set(contact="archive@example.org", pause_s="0.5")
    operator.site.heal()
    operator.site.forget()
    assert operator.look().code == 0
    agents = {request.headers["user-agent"] for request in operator.site.requests}
    assert all("archive@example.org" in agent for agent in agents)


def _robots(text: str | None) -> Act:
    return lambda operator: setattr(operator.site, "robots", text)


def _run_again(operator: Operator) -> None:
    _heal(operator)
    assert operator.type(remedies.UNANSWERED, "recordkeep run SOURCE").code == 0


def _load_again(operator: Operator) -> None:
    operator.wayback.heal()
    assert operator.type(remedies.ARCHIVE, "recordkeep backfill SOURCE").code == 0


def _move_the_page(operator: Operator) -> None:
    operator.site.listing.path = "/detainers/reports"


def _add_the_address(operator: Operator) -> None:
    assert "add the new address to `ADDRESSES`" in steps(remedies.LAYOUT)
    last = "since=date(2017, 3, 20)),\n"
    new = 'Address(url="https://www.ice.gov/detainers/reports", since=date(2026, 11, 22)),'
    operator.edit(last, f"{last}    {new}\n")


def _redesign(operator: Operator) -> None:
    for number, entry in enumerate(operator.site.listing.entries):
        moved = f"/files/{number}.pdf"
        operator.site.store(moved, operator.site._documents[entry.path].body)
        entry.path, entry.text = moved, f"Weekly list {number}"


def _edit_discover(operator: Operator) -> None:
    """Steps 2 and 3: look at the page kept before, and let the source know the new links."""
    kept = [page for page in operator.manifest.pages.values() if page.ext == "html"]
    first = min(kept, key=lambda page: page.first)
    assert ON.encode() in operator.store.get(layout.page(SOURCE, first.digest, "html"))
    operator.edit('detainer|ddor"', 'detainer|ddor|weekly list"')


def _mend_links(operator: Operator) -> None:
    for edition in (FIRST, SECOND, "2017-02-11"):
        operator.site.restore(path(edition))


def _add_the_host(operator: Operator) -> None:
    assert "add it to `hosts`" in steps(remedies.UNSAFE)
    operator.edit('"ice.gov"}', '"ice.gov", "media.ice.gov"}')


def _lead_to_a_new_host(operator: Operator) -> None:
    operator.site.store(MOVED, report(FIRST))
    operator.site.inflict(faults.redirect(f"https://media.ice.gov{MOVED}"), on=ON)


def _grow(operator: Operator) -> None:
    operator.site.revise(ON, report(FIRST) + b"%" * 1_500_000)


def _raise_the_limit(operator: Operator) -> None:
    assert "raise `RECORDKEEP_MAX_DOCUMENT_MIB`" in steps(remedies.TOO_LARGE)
    operator.set(max_document_mib="2")


def _two_unreadable(operator: Operator) -> None:
    operator.site.revise(ON, b"%PDF-1.4 " + LEARNED + b" %%EOF")
    operator.site.inflict(faults.html_as_pdf(), on=path(SECOND))


def _decide(operator: Operator) -> None:
    """Look at both; one is no report, the other one is, and the reader learns its layout."""
    section, type_ = remedies.QUARANTINE, operator.type
    told = type_(section, "recordkeep quarantine SOURCE")
    assert told.code == 1
    assert told.out.count(b"not-a-pdf") == 2
    waiting = {d.edition: d.digest for d in operator.manifest.documents.values() if d.refusals}
    get = "recordkeep get SOURCE EDITION --digest DIGEST -o FILE"
    for edition, digest in waiting.items():
        assert type_(section, get, EDITION=edition, DIGEST=digest, FILE=edition).code == 0
        assert histories.sha256((operator.folder / edition).read_bytes()) == digest
    _heal(operator)
    operator.edit(f'"ice_ddor", {PARSER}', f'"ice_ddor", {NEWER}')
    page = next(digest for edition, digest in waiting.items() if edition != FIRST)
    release = 'recordkeep release SOURCE DIGEST --why "an error page"'
    assert operator.look().code == 1, "one of the two is still there"
    assert type_(section, release, DIGEST=page).code == 0
    assert type_(section, "recordkeep quarantine SOURCE").code == 0


def _mend_the_reader(operator: Operator) -> None:
    operator.edit(f'"ice_ddor", {PARSER}', f'"ice_ddor", {NEWER}')
    assert operator.type(remedies.BUG, "recordkeep reparse SOURCE").code == 0


def _claim_wrongly(operator: Operator) -> None:
    operator.site.publish(path(LATER), report(FIRST), f"{TITLE} {LATER}")


def _damage(operator: Operator) -> None:
    """Let a program replace one original, and a disk alter another."""
    replaced, altered = sorted(entry.key for entry in operator.store.list("raw/"))[:2]
    operator.store.put(replaced, b"bad", sha256=histories.sha256(b"bad"))
    (operator.store.root / altered).write_bytes(b"bad")


def _repair(operator: Operator) -> None:
    section = remedies.FIXITY
    found = operator.type(section, "recordkeep verify SOURCE")
    assert (found.code, found.out.count(b"raw/")) == (1, 2)
    repair = "recordkeep verify SOURCE --repair"
    assert operator.type(section, repair).code == 1, "the altered one has no older version"
    assert "`--from STORE`" in steps(section)
    mirror = str(operator.folder / "mirror")
    assert operator.call(f"{repair} --from STORE", STORE=mirror).code == 0
    assert operator.type(section, "recordkeep audit SOURCE").code == 0


def _mirror(operator: Operator) -> None:
    assert operator.call(f"recordkeep mirror archive {operator.folder / 'mirror'}").code == 0


def _refuse_writes(operator: Operator) -> None:
    folder = operator.store.root / ".tmp"
    folder.rename(operator.folder / "aside")
    folder.touch()


def _take_writes(operator: Operator) -> None:
    assert operator.type(remedies.STORE, "recordkeep doctor").code == 1
    folder = operator.folder / "archive" / ".tmp"
    folder.unlink()
    (operator.folder / "aside").rename(folder)
    assert operator.type(remedies.STORE, "recordkeep doctor").code == 0


def _unmount(operator: Operator) -> None:
    operator.store.root.rename(operator.folder / "aside")
    (operator.folder / "archive").touch()


def _mount(operator: Operator) -> None:
    assert operator.type(remedies.STORE, "recordkeep doctor").code == 1
    (operator.folder / "archive").unlink()
    (operator.folder / "aside").rename(operator.folder / "archive")
    assert operator.type(remedies.STORE, "recordkeep doctor").code == 0


def _full(_number: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _fill_the_disk(operator: Operator) -> None:
    publish(operator.site, LATER)
    operator.patch.setattr(os, "fsync", _full)


def _make_room(operator: Operator) -> None:
    (letter,) = {*operator.letters(remedies.STORE)}
    assert "is full: free some space, then run again" in letter
    assert operator.type(remedies.STORE, "recordkeep doctor").code == 1
    operator.patch.setattr(os, "fsync", FSYNC)
    assert operator.type(remedies.STORE, "recordkeep doctor").code == 0
    assert operator.type("The disk is full", "recordkeep verify").code == 0


def _longer_ago(operator: Operator) -> None:
    operator.now = datetime.now(UTC) - timedelta(days=215)


def _wait_long(operator: Operator) -> None:
    operator.site.say("The report will be temporarily suspended.")
    operator.now += timedelta(days=192)


def _add_a_cadence(operator: Operator) -> None:
    versions = "recordkeep versions SOURCE EDITION"
    told = operator.type(remedies.OVERDUE, versions, EDITION=FIRST)
    assert "temporarily suspended" in told.out.decode() + told.err
    last = "    ),\n)\n"
    silence = f"Cadence(since=date{datetime.now(UTC).timetuple()[:3]}, every_days=None, why='said')"
    operator.edit(last, f"    ),\n    {silence},\n)\n")


def _refuse_pages(operator: Operator) -> None:
    folder = operator.store.root / "site"
    folder.rename(operator.folder / "aside")
    folder.touch()
    publish(operator.site, LATER)


def _publish_again(operator: Operator) -> None:
    site = "recordkeep site"
    said = operator.type(remedies.PUBLISHING, site)
    assert (said.code, "archive" in said.err) == (1, True)
    assert remedies.STORE in steps(remedies.PUBLISHING)
    folder = operator.store.root / "site"
    folder.unlink()
    (operator.folder / "aside").rename(folder)
    assert operator.type(remedies.PUBLISHING, site).code == 0
    status = operator.call(f"recordkeep status SOURCE --now {operator.now.isoformat()}")
    assert (status.code, "Nothing needs you." in status.out.decode()) == (0, True)


def _die(_work: object) -> None:
    raise RuntimeError("secret")


def _let_runs_die(operator: Operator) -> None:
    operator.patch.setattr("flows.week.close", _die)


def _run_by_hand(operator: Operator) -> None:
    later = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    assert remedies.NO_RUN.encode() in operator.call(f"recordkeep status SOURCE --now {later}").out
    operator.patch.setattr("flows.week.close", CLOSE)
    assert operator.type(remedies.NO_RUN, "recordkeep run SOURCE").code == 0


CLOSE = week.close
FSYNC = os.fsync


CASES = (
    Case(
        name="the site refuses everything",
        section=remedies.BLOCKED,
        cause=lambda operator: operator.site.inflict(faults.block()),
        mend=_contact,
    ),
    Case(
        name="robots.txt disallows the reports",
        section=remedies.ROBOTS,
        cause=_robots("User-agent: *\nDisallow: /doclib/\n"),
        mend=_robots("User-agent: *\nDisallow:\n"),
    ),
    Case(
        name="the site fails",
        section=remedies.UNANSWERED,
        cause=lambda operator: operator.site.inflict(faults.answer(500)),
        mend=_run_again,
    ),
    Case(
        name="the Internet Archive refuses us",
        section=remedies.ARCHIVE,
        cause=lambda operator: operator.wayback.inflict(archived.too_many(), on="index"),
        mend=_load_again,
        flow="backfill",
    ),
    Case(
        name="the Internet Archive fails",
        section=remedies.ARCHIVE,
        cause=lambda operator: operator.wayback.inflict(archived.overloaded(), on="index"),
        mend=_load_again,
        flow="backfill",
    ),
    Case(
        name="the page is redesigned",
        section=remedies.LAYOUT,
        cause=_redesign,
        mend=_edit_discover,
    ),
    Case(
        name="the page loses most links",
        section=remedies.FEW_LINKS,
        cause=lambda operator: operator.site.drop_half(),
        mend=_mend_links,
    ),
    Case(
        name="a report is not found",
        section=remedies.NOT_THERE,
        cause=lambda operator: operator.site.remove(ON),
        mend=lambda _operator: None,
        lasts=False,
    ),
    Case(
        name="the page has moved",
        section=remedies.LAYOUT,
        cause=_move_the_page,
        mend=_add_the_address,
    ),
    Case(
        name="a report leads to a new host",
        section=remedies.UNSAFE,
        cause=_lead_to_a_new_host,
        mend=_add_the_host,
    ),
    Case(
        name="a report is larger than allowed",
        section=remedies.TOO_LARGE,
        before=lambda operator: operator.set(max_document_mib="1"),
        cause=_grow,
        mend=_raise_the_limit,
    ),
    Case(
        name="two documents cannot be read",
        section=remedies.QUARANTINE,
        cause=_two_unreadable,
        mend=_decide,
    ),
    Case(
        name="another week's report stands under a link",
        section=remedies.WRONG_LINK,
        cause=_claim_wrongly,
        mend=lambda operator: operator.site.revise(path(LATER), report(LATER)),
    ),
    Case(
        name="the reader stumbles over a report",
        section=remedies.BUG,
        cause=lambda operator: operator.site.revise(ON, report(FIRST, words="bug")),
        mend=_mend_the_reader,
    ),
    Case(
        name="two originals are damaged",
        section=remedies.FIXITY,
        cause=_damage,
        mend=_repair,
        flow="audit",
    ),
    Case(
        name="the store takes no writes",
        section=remedies.STORE,
        cause=_refuse_writes,
        mend=_take_writes,
        has_record=False,
    ),
    Case(
        name="the store is not there",
        section=remedies.STORE,
        cause=_unmount,
        mend=_mount,
        has_record=False,
    ),
    Case(
        name="the disk is full",
        section=remedies.STORE,
        cause=_fill_the_disk,
        mend=_make_room,
        has_record=False,
    ),
    Case(
        name="nothing new comes",
        section=remedies.OVERDUE,
        before=_longer_ago,
        cause=_wait_long,
        mend=_add_a_cadence,
    ),
    Case(
        name="a run dies of a bug",
        section=remedies.NO_RUN,
        cause=_let_runs_die,
        mend=_run_by_hand,
        has_record=False,
    ),
    Case(
        name="the web pages cannot be written",
        section=remedies.PUBLISHING,
        cause=_refuse_pages,
        mend=_publish_again,
    ),
)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_each_fault_is_told_once_and_the_steps_of_its_section_end_it(
    operator: Operator, case: Case
) -> None:
    case.before(operator)
    operator.begin()
    if case.flow == "audit":
        _mirror(operator)
    case.cause(operator)
    assert operator.look(case.flow).code == 1
    (letter,) = operator.letters(case.section)
    assert f"Do: {remedies.REMEDIES[case.section]}" in letter
    assert f"Look: recordkeep status {SOURCE}" in letter
    if case.lasts:
        assert operator.look(case.flow).code == 1
        assert len(operator.letters(case.section)) == (1 if case.has_record else 2)
    told = len(operator.letters(case.section))
    case.mend(operator)
    assert commands(case.section) == {each for each in operator.typed if _names(case, each)}
    operator.now = max(operator.now, datetime.now(UTC))
    _assert_healthy(operator, case)
    assert len(operator.letters(case.section)) == told


def _names(case: Case, command: str) -> bool:
    return command in commands(case.section)


def _assert_healthy(operator: Operator, case: Case) -> None:
    ended = operator.look(case.flow)
    assert ended.code == 0, ended.err
    ended = operator.look()
    assert ended.code == 0, ended.err
    assert operator.manifest.last_runs["weekly"].status == "complete"
    standing = [a for a in operator.manifest.alerts.values() if a.section and not a.over]
    assert standing == []
    found = operator.call("recordkeep verify")
    assert (found.code, found.out) == (0, b"")
    status = operator.call(f"recordkeep status SOURCE --now {operator.now.isoformat()}")
    assert "Nothing needs you." in status.out.decode()
    assert status.code == 0


@pytest.mark.parametrize("section", NEEDLESS)
def test_what_the_archive_holds_back_needs_nobody_and_comes_later(
    operator: Operator, section: str
) -> None:
    operator.begin()
    at, body = datetime(2017, 3, 21, tzinfo=UTC), report(FIRST, rows=7)
    operator.wayback.capture(f"https://www.ice.gov{ON}", at, body)
    operator.wayback.inflict(NEEDLESS[section], on="playback")
    told = operator.look("backfill")
    assert (told.code, operator.hook.messages) == (0, [])
    assert "known without its bytes" in told.err
    operator.wayback.heal()
    assert operator.look("backfill").code == 0
    assert histories.sha256(body) in operator.manifest.documents
    found = operator.call("recordkeep verify")
    assert (found.code, found.out) == (0, b"")


def test_an_alert_that_does_not_arrive_is_tried_again(operator: Operator) -> None:
    section, test = "An alert does not arrive", "recordkeep doctor --alert"
    operator.hook.status = 500
    assert "address 1 (json) took no alert" in operator.look().err
    assert operator.type(section, test).code == 1
    operator.hook.status = 200
    assert operator.type(section, test).code == 0
    operator.hook.messages.clear()
    assert operator.look().code == 0
    (title,) = operator.hook.titles
    assert "is new (and 3 more)" in title


@pytest.mark.parametrize("section", ["Restore from a mirror", "Move to another store"])
def test_an_archive_moves_to_another_store_and_goes_on_there(
    operator: Operator, section: str
) -> None:
    operator.begin()
    held = operator.manifest.documents.keys()
    mirror = next(each for each in commands(section) if each.startswith("recordkeep mirror "))
    stores = {"OLD": "archive", "MIRROR": "archive", "NEW": "moved"}
    for _ in range(2):
        assert operator.type(section, mirror, **stores).code == 0
    verify = "recordkeep verify --store NEW"
    assert operator.type(section, verify, **stores).code == 0
    operator.store.root.rename(operator.folder / "lost")
    operator.set(store=str(operator.folder / "moved"))
    assert operator.type(section, "recordkeep doctor").code == 0
    told = operator.look()
    assert (told.code, set(told.out.decode().split()[3::2])) == (0, {"unchanged"})
    moved = Catalogue(open_store(str(operator.folder / "moved"))).manifest(SOURCE)
    assert moved.documents.keys() == held


def test_every_section_of_the_runbook_has_its_case() -> None:
    assert {case.section for case in CASES} | NEEDLESS.keys() == remedies.REMEDIES.keys()
