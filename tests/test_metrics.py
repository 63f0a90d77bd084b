"""Each run leaves its figures, as Prometheus reads them."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flows import metrics, remedies
from storage import layout
from storage.alerts import Alert
from storage.ledger import Manifest
from tests import histories
from tests.agency import faults
from tests.histories import SOURCE, on
from tests.listeners import told
from tests.weeks import FIRST, Weeks, path, weeks

__all__ = ["weeks"]

Figures = dict[tuple[str, str | None], float]


def figures(text: str) -> Figures:
    """Name and outcome -> value, as Prometheus' own parser reads them."""
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation.endswith(".")
        for sample in family.samples:
            assert sample.labels["source"] == SOURCE
            found[sample.name.removeprefix("recordkeep_"), sample.labels.get("outcome")] = (
                sample.value
            )
    return found


def of(weeks: Weeks) -> Figures:
    return figures(weeks.objects.get(layout.metrics(SOURCE)).decode())


def test_a_run_leaves_its_figures_beside_its_record(weeks: Weeks) -> None:
    weeks.look(0)
    weeks.site.inflict(faults.html_as_pdf(), on=path(FIRST))
    summary = weeks.look(7)
    found = of(weeks)
    assert found["last_run_outcomes", "quarantined"] == 1
    assert found["last_run_outcomes", "unchanged"] == 2
    assert found["last_run_requests", None] == summary.requests
    assert found["last_run_received_bytes", None] == summary.bytes_received
    took = (summary.finished_at - summary.started_at).total_seconds()
    assert found["last_run_seconds", None] == took > 0
    assert found["last_run_timestamp_seconds", None] == summary.finished_at.timestamp()
    assert on(0).timestamp() <= found["last_success_timestamp_seconds", None] < on(1).timestamp()
    assert (found["last_run_complete", None], found["last_run_needs", None]) == (0, 1)
    assert (found["editions", None], found["quarantined", None]) == (3, 1)
    assert found["overdue", None] == 0


def test_a_collectors_folder_gets_them_too(
    weeks: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "collector"
    folder.mkdir()
    with told(monkeypatch, metrics_dir=str(folder)):
        weeks.look(0)
    (file,) = folder.iterdir()
    assert file.name == f"recordkeep-{SOURCE}.prom"
    assert figures(file.read_text()) == of(weeks)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644, "the collector is another user"


def test_what_cannot_be_put_in_its_place_leaves_nothing_in_the_collectors_folder(
    weeks: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / f"recordkeep-{SOURCE}.prom"
    in_the_way.mkdir()
    with told(monkeypatch, metrics_dir=str(tmp_path)):
        assert weeks.look(0).status == "complete"
    assert [each for each in tmp_path.iterdir() if each.is_file()] == []


def test_an_alert_that_is_tried_no_more_is_owed_no_more() -> None:
    summary = histories.part(1, on(40)).summary
    assert summary
    news = Alert(key="news", at=on(0), text="It is new.", owed=(1,))
    need = replace(news, key="need", section=remedies.QUARANTINE)
    late = replace(news, key="late", at=on(39))
    manifest = Manifest(
        source=SOURCE,
        last_runs={"weekly": summary},
        alerts={each.key: each for each in (news, need, late)},
    )
    assert figures(metrics.text(manifest))["alerts_owed", None] == 2


def test_a_folder_that_is_not_there_costs_the_run_nothing(
    weeks: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told(monkeypatch, metrics_dir=str(tmp_path / "none")):
        assert weeks.look(0).status == "complete"
    assert of(weeks)["editions", None] == 3
