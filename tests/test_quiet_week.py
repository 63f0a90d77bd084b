"""A week with nothing new: what it asks, receives and writes, as counts."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Self

import pytest

from flows import opening, previews, publishing, weekly
from scrapers.fetch import Download, NotModified, Policy, Validators
from scrapers.page import Page
from storage import facts
from storage.archive import Archive
from storage.catalogue import Catalogue, end_of_day
from storage.directory import Directory
from storage.model import canonical
from storage.objects import Objects
from storage.runs import Observation, RunPart
from storage.site.addresses import inventory
from storage.site.shelf import Inventory
from storage.site.source import _state
from tests import histories
from tests.agency import AgencySite
from tests.agency_weeks import PAGE
from tests.histories import ORIGIN, SOURCE, START, on
from tests.stores import Counted, NewStore
from tests.weeks import Weeks, path, quicker, report

WRITES = 4
"""The run's record, the manifest, the metrics and the front page."""
READS = 21
"""The manifest; four listings when the run begins, four before and four after publishing; of the
web pages twice what was written, which sources there are, and the front page."""


def editions(number: int) -> list[str]:
    """Name so many weeks, the first one in 1990."""
    return [
        str((START + timedelta(weeks=week)).date() - timedelta(days=9940)) for week in range(number)
    ]


@pytest.mark.parametrize(
    "known", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (100, 1000))]
)
def test_a_quiet_week_asks_once_for_each_report_and_receives_none(
    known: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    watch = quicker(monkeypatch)
    store = Counted(Directory(tmp_path / "archive"))
    monkeypatch.setattr(opening, "open_store", lambda _name, **_options: store)
    monkeypatch.setattr(previews, "draw", lambda *_, **__: [])
    with AgencySite() as site:
        for edition in editions(known):
            site.publish(path(edition), report(edition), f"Report {edition}")
        weeks = Weeks(site, "-", watch, publishes=True)
        assert weeks.look(0).requests == known + 2
        store.forget()
        site.forget()
        summary = weeks.look(7)
        page = len(site.listing.render().encode())
    assert set(summary.outcomes.values()) == {"unchanged"}
    assert summary.requests == known + 2, "robots.txt, the page, each report"
    documents = [request for request in site.requests if request.path.startswith("/doclib/")]
    assert {request.status for request in documents} == {304}
    assert summary.bytes_received == page + len(site.robots or "")
    assert len(store.writes) == WRITES
    assert len(store.reads) + len(store.lists) <= READS
    told = f"{summary.requests} requests, {summary.bytes_received} bytes, {WRITES} writes"
    record_property(f"quiet week of {known}", f"{told} of {_size(store)} bytes")


def _size(store: Counted) -> int:
    return sum(len(store.objects.get(key)) for key in store.writes)


def held(objects: Objects, number: int) -> None:
    """Hold so many editions of one version each, as one run would leave them."""
    archive = Archive(objects, SOURCE, clock=histories.Ticking(on(0)))
    observations = []
    for place, edition in enumerate(editions(number)):
        name = edition
        at = on(0) + timedelta(seconds=place)
        made = histories.capture(name, at, edition=edition)
        body = histories.body(name)
        put(objects, f"raw/{SOURCE}/{made.digest}.pdf", body)
        fact = histories.capture_fact(made, at)
        put(objects, fact.key, json.dumps(made.to_json()).encode())
        reading = histories.reading(name, edition=edition)
        table = histories.table_fact(reading)
        put(objects, table.key, json.dumps(reading.to_json()).encode())
        seen = histories.observation(name, at, "new", evidence="capture", edition=edition)
        observations.append(replace(seen, tables=(table.key,)))
    told = histories.part(1, on(0.5), *observations)
    fact = histories.run_fact(told, on(0.5))
    put(objects, fact.key, json.dumps(told.to_json()).encode())
    assert archive.publish().versions(editions(number)[-1])


def put(objects: Objects, key: str, body: bytes) -> None:
    objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())


def publish(objects: Objects) -> None:
    """Let web pages stand there that are of what is held: making them takes a minute or more."""
    state = _state(facts.held(objects, SOURCE), publishing.describe(SOURCE))
    body = canonical(Inventory(state=state).to_json())
    put(objects, inventory(SOURCE), body)


class QuietSite:
    """Stands in for a fetcher of a site where nothing changed."""

    requests = bytes_received = 0
    messages: tuple[str, ...] = ()
    robots: Mapping[str, object] = {}

    def __init__(self, policy: Policy, *, clock: Callable[[], object], **_waits: object) -> None:
        self.pages: tuple[Page, ...] = ()
        self.known = editions(int(policy.agent))
        self.clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def page(self, url: str) -> Page:
        links = "".join(
            f'<a href="{ORIGIN}/{edition}.pdf">Declined Detainer Outcome Report {edition}</a>'
            for edition in self.known
        )
        body = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
        digest = hashlib.sha256(body).hexdigest()
        page = Page(url=url, at=self.clock(), body=body, digest=digest)  # type: ignore[arg-type] # a time
        self.pages = (page,)
        return page

    def take_pages(self) -> tuple[Page, ...]:
        taken, self.pages = self.pages, ()
        return taken

    def document(
        self, url: str, into: Path, *, known: Validators | None = None
    ) -> Download | NotModified:
        assert known, f"{url} is known, and nothing is to be written to {into}"
        return NotModified(url=url, redirects=(), at=self.clock(), headers={})  # type: ignore[arg-type] # a time


HELD = (
    ("directory", 10),
    pytest.param("directory", 1000, marks=pytest.mark.slow),
    pytest.param("directory", 10_000, marks=pytest.mark.slow),
    pytest.param("ceph", 10, marks=pytest.mark.slow),
    pytest.param("ceph", 1000, marks=pytest.mark.soak),
)
"""Kinds of store, and how many editions are held there."""


@pytest.mark.parametrize(("kind", "number"), HELD)
def test_what_a_quiet_week_asks_of_the_store_does_not_grow_with_what_is_held(
    kind: str, number: int, new_store: NewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = Counted(new_store(kind))
    held(objects, number)
    publish(objects)
    monkeypatch.setattr(opening, "open_store", lambda _name, **_options: objects)
    monkeypatch.setattr(opening, "Fetcher", QuietSite)
    monkeypatch.setattr(
        opening, "Policy", lambda **rules: Policy(**(rules | {"agent": str(number)}))
    )
    for day in (7, 14):
        objects.forget()
        with opening.opened(SOURCE, "-", site=None, pause_s=0, at=on(day)) as work:
            summary = weekly.look_and_publish(work)
        assert len(summary.outcomes) == number
        assert set(summary.outcomes.values()) == {"unchanged"}
    assert len(objects.writes) <= 6
    assert len(objects.reads) + len(objects.lists) <= 24


@pytest.mark.parametrize("number", [10, pytest.param(10_000, marks=pytest.mark.slow)])
def test_getting_an_original_as_of_a_day_reads_three_objects_at_most(
    number: int, tmp_path: Path
) -> None:
    objects = Counted(Directory(tmp_path))
    held(objects, number)
    objects.forget()
    catalogue = Catalogue(objects)
    edition = editions(number)[number // 2]
    chosen = catalogue.choose(SOURCE, edition, as_of=end_of_day("2017-03-25"))
    into = BytesIO()
    catalogue.copy(chosen, into)
    assert into.getvalue() == histories.body(edition)
    assert len(objects.reads) <= 3
    assert objects.lists == []


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Weeks]:
    watch = quicker(monkeypatch)
    with AgencySite() as site:
        site.publish(path("2017-01-28"), report(), "Report")
        yield Weeks(site, str(tmp_path / "archive"), watch)


def pages(weeks: Weeks) -> list[str]:
    return sorted(entry.key.rpartition(".")[2] for entry in weeks.objects.list("pages/"))


def test_a_page_is_kept_when_it_says_something_new_and_not_for_its_furniture(one: Weeks) -> None:
    one.look(0)
    assert pages(one) == ["html", "txt"]
    one.site.listing.furniture = "Last viewed by visitor 2"
    one.look(7)
    assert pages(one) == ["html", "txt"]
    one.site.say("Correction: the report of Jan. 28 named the wrong county.")
    one.look(14)
    assert pages(one) == ["html", "html", "txt"]
    (notice,) = one.manifest.notices.values()
    assert notice.text.startswith("Correction")
    assert notice.first.date() == on(14).date()


def test_robots_txt_is_kept_when_it_changes(one: Weeks) -> None:
    one.look(0)
    one.site.robots = "User-agent: *\nCrawl-delay: 2\n"
    one.look(7)
    one.look(14)
    assert pages(one) == ["html", "txt", "txt"]
    assert 2.0 in [round(wait) for wait in one.watch.waits]


def test_a_long_quiet_run_writes_one_part(one: Weeks, monkeypatch: pytest.MonkeyPatch) -> None:
    one.look(0)
    monkeypatch.setattr("flows.record.PART_AGE", timedelta())
    one.look(7)
    keys = [entry.key for entry in one.objects.list("runs/")]
    parts = [RunPart.from_json(json.loads(one.objects.get(key))) for key in keys]
    assert [part.part for part in parts] == [1, 1]


def test_a_long_run_with_news_writes_it_down_on_the_way(
    one: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.record.PART_AGE", timedelta())
    one.look(0)
    keys = [entry.key for entry in one.objects.list("runs/")]
    assert len(keys) == 2
    part = RunPart.from_json(json.loads(one.objects.get(keys[0])))
    told: list[Observation] = list(part.observations)
    assert [each.outcome for each in told] == ["new"]
    assert part.summary is None


def test_the_page_asked_first_is_the_listing(one: Weeks) -> None:
    one.look(0)
    assert [request.path for request in one.site.requests][:2] == ["/robots.txt", PAGE]
