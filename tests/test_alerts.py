"""A person hears of each thing once, also when the mail server was away, and no secret is told."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import pytest

from flows import alerts, audit, remedies
from flows.letters import Letter
from storage.alerts import Alert, ended, fold
from storage.directory import Directory
from storage.errors import StoreUnreachableError
from tests import histories
from tests.agency import faults
from tests.histories import SOURCE, on
from tests.listeners import Hook, Mailbox, hook, mailbox, told
from tests.test_cli import call
from tests.weeks import EDITIONS, FIRST, SECOND, THIRD, Weeks, path, report, weeks

__all__ = ["hook", "mailbox", "weeks"]


@dataclass
class Ear:
    """Stands in for apprise, which takes two seconds to load; the slow tests are with the real."""

    heard: list[Letter] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        return [letter.title for letter in self.heard]

    @property
    def bodies(self) -> list[str]:
        return [letter.body for letter in self.heard]

    def target(self, _address: str) -> Self:
        """What apprise makes of an address."""
        return self

    def send(self, letter: Letter) -> bool:
        self.heard.append(letter)
        return True


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    made = Ear()
    monkeypatch.setattr(alerts, "_Target", made.target)
    with told(monkeypatch, alerts="made://up"):
        yield made


@pytest.fixture
def hooked(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with told(monkeypatch, alerts=hook.address):
        yield hook


def test_news_are_told_in_one_message_a_run(weeks: Weeks, ear: Ear) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), report(FIRST, rows=3))
    weeks.site.say("Correction: the report of Jan. 28 named the wrong county.")
    weeks.site.delist(path(THIRD))
    weeks.look(7)
    first, second = ear.bodies
    assert [f"* {edition} is new" in first for edition in EDITIONS] == [True] * 3
    assert f"* {FIRST} was revised" in second
    assert f"recordkeep diff {SOURCE} {FIRST}" in second
    assert "The agency's page says: Correction" in second
    assert f"* {THIRD} was delisted" in second
    assert "needs you" not in second


def test_a_first_run_is_said_to_be_one_since_a_disk_may_not_be_mounted(
    weeks: Weeks, ear: Ear
) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), report(FIRST, rows=3))
    weeks.look(7)
    first, second = ear.bodies
    assert "first run on this archive. If it is not, is its disk mounted?" in first
    assert "first run" not in second


def test_a_quiet_week_says_nothing(weeks: Weeks, ear: Ear) -> None:
    weeks.look(0)
    ear.heard.clear()
    weeks.look(7)
    assert ear.heard == []


def test_a_need_is_told_once_and_anew_when_it_comes_back(weeks: Weeks, ear: Ear) -> None:
    weeks.look(0)
    ear.heard.clear()
    weeks.site.inflict(faults.block(), on=path(FIRST))
    weeks.look(7)
    (title,), (body,) = ear.titles, ear.bodies
    assert title == f"Recordkeep needs you: {SOURCE}: {remedies.BLOCKED}"
    assert f"{FIRST}: " in body
    assert f"Do: {remedies.REMEDIES[remedies.BLOCKED]}" in body
    assert f'the section "{remedies.BLOCKED}" in deploy/RUNBOOK.md' in body
    assert f"recordkeep status {SOURCE}" in body
    weeks.look(8)
    assert len(ear.heard) == 1, "it is known"
    weeks.site.inflict(faults.block(), on=path(SECOND))
    weeks.look(9)
    assert f"{SECOND}: " in ear.bodies[1]
    assert f"{FIRST}: " not in ear.bodies[1]
    weeks.site.heal()
    weeks.look(10)
    assert len(ear.heard) == 2
    weeks.site.inflict(faults.block(), on=path(FIRST))
    weeks.look(11)
    assert f"{FIRST}: " in ear.bodies[2]


@pytest.mark.slow
def test_what_a_look_could_not_see_is_not_over(weeks: Weeks, ear: Ear) -> None:
    weeks.look(0)
    weeks.site.inflict(faults.html_as_pdf(), on=path(FIRST))
    weeks.look(7)
    weeks.site.inflict(faults.answer(500), on="*")
    weeks.look(8)
    weeks.site.heal()
    ear.heard.clear()
    weeks.look(9)
    assert ear.heard == [], "it stands in quarantine since a week, which was told"


def test_overdue_is_told_again_only_when_it_gets_worse(
    weeks: Weeks, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks.look(0)
    ear.heard.clear()
    monkeypatch.setattr("flows.week.is_overdue", lambda *_: True)
    monkeypatch.setattr("flows.week.due_on", lambda *_: on(7).date())
    heard = []
    for day in (8, 13, 15, 22, 29, 36):
        weeks.look(day)
        heard.append(len(ear.heard))
    assert heard == [1, 1, 2, 3, 3, 4]


@pytest.mark.slow
def test_very_many_of_a_kind_are_one(weeks: Weeks, ear: Ear) -> None:
    editions = [f"20{year}-01-01" for year in range(20, 45)]
    for edition in editions:
        weeks.site.publish(path(edition), report(edition), f"Report {edition}")
    weeks.look(0)
    assert "28 editions: each is new" in ear.bodies[0]
    weeks.site.inflict(faults.block(), on="*")
    weeks.look(7)
    assert len(ear.bodies[1].splitlines()) < 12


@pytest.mark.slow
def test_mail_comes_as_plain_text(
    weeks: Weeks, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told(monkeypatch, alerts=mailbox.address, site_url="https://example.org/site/"):
        weeks.look(0)
    (message,) = mailbox.messages
    assert message["Subject"] == f"Recordkeep: {SOURCE}: {FIRST} is new (and 3 more)"
    assert message.get_content_type() == "text/plain"
    assert f"https://example.org/site/{SOURCE}/editions/{FIRST}.html" in message.get_content()


@pytest.mark.slow
def test_what_did_not_arrive_is_tried_again_there_and_nowhere_else(
    weeks: Weeks, hook: Hook, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.refuses = True
    with told(monkeypatch, alerts=f"{hook.address}, {mailbox.address}"):
        summary = weeks.look(0)
        assert summary.status == "complete"
        assert any("address 2 (mailto) took no alert" in each for each in summary.messages)
        assert {alert.owed for alert in weeks.manifest.alerts.values()} == {(2,)}
        mailbox.refuses = False
        weeks.look(7)
        weeks.look(8)
    assert len(hook.messages) == 1
    assert len(mailbox.messages) == 1
    assert f"* {FIRST} is new" in mailbox.messages[0].get_content()
    assert {alert.owed for alert in weeks.manifest.alerts.values()} == {()}


@pytest.mark.slow
def test_an_address_that_nobody_stands_at_is_given_up_in_time(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "json://127.0.0.1:9/hooktoken foo://secret"
    with told(monkeypatch, alerts=nowhere):
        weeks.look(0)
        weeks.look(40)
    owed = [alert.owed for alert in weeks.manifest.alerts.values() if alert.section is None]
    assert owed == [(1, 2)] * 4
    last = weeks.manifest.last_runs["weekly"]
    assert all(alert.section for alert in last.alerts), "after 30 days it is too late for news"


@pytest.mark.slow
def test_a_silent_address_holds_a_run_up_no_longer_than_its_time(
    weeks: Weeks, hooked: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "DEADLINE_S", 0.1)
    hooked.may_answer.clear()
    assert weeks.look(0).status == "complete"
    assert {alert.owed for alert in weeks.manifest.alerts.values()} == {(1,)}


def die_after_a_revision(weeks: Weeks, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    """End a run that saw a revision before it told of it; what was told before is forgotten."""
    weeks.look(0)
    ear.heard.clear()
    weeks.site.revise(path(FIRST), report(FIRST, rows=3))
    with monkeypatch.context() as patched:
        patched.setattr("flows.record.PART_OBSERVATIONS", 1)
        patched.setattr("flows.week.close", _die)
        with pytest.raises(KeyboardInterrupt):
            weeks.look(7)


def test_what_a_run_saw_that_died_is_told_by_the_next(
    weeks: Weeks, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_after_a_revision(weeks, ear, monkeypatch)
    assert weeks.look(7.5).outcomes[FIRST] == "unchanged"
    assert f"* {FIRST} was revised" in ear.bodies[0]


def test_what_a_run_saw_that_died_is_told_though_an_audit_ended_since(
    weeks: Weeks, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_after_a_revision(weeks, ear, monkeypatch)
    audit.audit.fn(SOURCE, weeks.store, at=on(11))
    weeks.look(14)
    assert any(f"* {FIRST} was revised" in body for body in ear.bodies)


def test_another_document_of_the_edition_in_quarantine_is_told_too(weeks: Weeks, ear: Ear) -> None:
    weeks.look(0)
    weeks.site.revise(path(FIRST), b"<html><body>one error" + b"x" * 300 + b"</body></html>")
    weeks.look(7)
    (first,) = [d for d in weeks.manifest.documents.values() if d.status == "quarantined"]
    asked = ("release", SOURCE, first.digest, "--why", "an error page", "--store", weeks.store)
    assert call(*asked).code == 0
    ear.heard.clear()
    weeks.site.revise(path(FIRST), b"<html><body>another error" + b"y" * 300 + b"</body></html>")
    for day in (14, 21):
        weeks.look(day)
    assert len([body for body in ear.bodies if "quarantine" in body]) == 1, "and once only"


def test_a_need_that_stands_is_told_however_long_nobody_could_be_reached(
    weeks: Weeks, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks.look(0)
    weeks.site.inflict(faults.html_as_pdf(), on=path(FIRST))
    with monkeypatch.context() as patched:
        patched.setattr(alerts, "_deliver", lambda *_: False)
        for day in range(7, 42, 7):
            weeks.look(day)
    ear.heard.clear()
    weeks.look(42)
    assert any("needs you" in title for title in ear.titles)


def test_a_command_whose_run_never_begins_is_told_once(
    ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise RuntimeError("Timed out while attempting to connect to ephemeral Prefect API server.")

    monkeypatch.setattr("flows.weekly.weekly", refused)
    with pytest.raises(RuntimeError):
        call("run", SOURCE, "--store", str(tmp_path / "new"))
    assert call("audit", SOURCE, "--store", str(tmp_path / "not-mounted")).code == 1
    assert len(ear.bodies) == len(["run", "audit"])


def test_what_ends_a_flow_is_told_once_though_its_command_watches_too(ear: Ear) -> None:
    with (
        pytest.raises(StoreUnreachableError),
        alerts.Watch(SOURCE, "weekly"),
        alerts.Watch(SOURCE, "weekly"),
    ):
        raise StoreUnreachableError("s3://bucket", "is full")
    assert len(ear.bodies) == 1


def test_an_address_may_name_several_people(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = "mailto://u:p@example.org?to=a@example.org,b@example.org, json://a.example xml://b"
    with told(monkeypatch, alerts=chosen):
        assert len(alerts.addresses()) == len(["mailto", "json", "xml"])


def _die(_work: object) -> None:
    raise KeyboardInterrupt


def test_a_run_that_ends_without_a_record_is_told_by_whoever_started_it(ear: Ear) -> None:
    error = StoreUnreachableError("s3://bucket/archive", "no connection")
    with pytest.raises(StoreUnreachableError), alerts.Watch(SOURCE, "weekly"):
        raise error
    assert ear.titles == [f"Recordkeep needs you: {SOURCE}: {remedies.STORE}"]
    assert "s3://bucket/archive" in ear.bodies[0]


def test_a_bugs_own_words_are_told_to_nobody(ear: Ear) -> None:
    with pytest.raises(RuntimeError), alerts.Watch(SOURCE, "weekly"):
        raise RuntimeError("secret")
    assert "ended without a record: RuntimeError" in ear.bodies[0]
    assert "secret" not in ear.bodies[0]


def test_who_ends_a_run_by_hand_is_not_told(ear: Ear) -> None:
    with pytest.raises(KeyboardInterrupt), alerts.Watch(SOURCE, "weekly"):
        raise KeyboardInterrupt
    assert ear.heard == []


def test_what_an_audit_finds_is_told_once_for_each_time_it_is_damaged(
    ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Directory(tmp_path / "archive")
    histories.fill(store)
    key = f"raw/{SOURCE}/{histories.digest('one')}.pdf"
    good = (store.root / key).read_bytes()
    with told(monkeypatch, audit_weeks="1"):
        for day, body in ((30, b"bad"), (37, b"bad"), (44, good), (51, b"bad")):
            (store.root / key).write_bytes(body)
            audit.audit.fn(SOURCE, store.name, at=on(day))
    assert ear.titles == [f"Recordkeep needs you: {SOURCE}: {remedies.FIXITY}"] * 2
    assert key in ear.bodies[0]


@pytest.mark.slow
def test_no_address_is_stored_or_logged(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "mailto://user:hushhush@127.0.0.1:9?from=a@example.org&to=b@example.org"
    bad = "json://127.0.0.1:9/hooktoken nonsense-hushhush"
    ping = "http://127.0.0.1:9/hushhush"
    with caplog.at_level(logging.DEBUG), told(monkeypatch, alerts=f"{secret} {bad}", ping=ping):
        summary = weeks.look(0)
    assert "address 3 took no alert" in summary.messages[-1]
    for entry in weeks.objects.list(""):
        body = weeks.objects.get(entry.key)
        assert b"hushhush" not in body, entry.key
        assert b"hooktoken" not in body, entry.key
    assert "hushhush" not in caplog.text
    assert "hooktoken" not in caplog.text


def test_the_ping_comes_after_every_run_that_wrote_its_record(
    weeks: Weeks, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told(monkeypatch, ping=f"http://{hook.host}/ping/{{source}}/{{flow}}"):
        weeks.look(0)
        assert hook.pings == [f"/ping/{SOURCE}/weekly"]
        weeks.site.inflict(faults.answer(500), on="*")
        weeks.look(7)
        assert len(hook.pings) == 2, "whatever it found"
        monkeypatch.setattr("flows.week.close", _die)
        with pytest.raises(KeyboardInterrupt):
            weeks.look(14)
        assert len(hook.pings) == 2


@pytest.mark.parametrize("ping", ["http://127.0.0.1:9/", "ftp://127.0.0.1/"])
def test_a_ping_that_fails_costs_nothing(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch, ping: str
) -> None:
    with told(monkeypatch, ping=ping):
        assert weeks.look(0).status == "complete"


def test_without_an_address_nothing_is_taken_down(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told(monkeypatch, alerts=""):
        assert weeks.look(0).alerts == ()
    assert weeks.manifest.alerts == {}


def test_the_order_in_which_alerts_are_folded_does_not_matter() -> None:
    owed = Alert(key="k", at=on(0), text="t", section=remedies.STORE, owed=(1, 2))
    story = [owed, replace(owed, owed=(2,)), replace(owed, owed=()), ended(owed, on(7))]
    for last in range(1, len(story) + 1):
        known = story[:last]
        assert fold({}, known) == fold({}, known[::-1]) == {"k": known[-1]}
