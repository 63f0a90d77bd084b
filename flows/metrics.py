"""A source's figures as Prometheus text, for node_exporter's textfile collector.

They are a function of the manifest: what stands there of the last run of each flow.
"""

import hashlib
import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.events import is_owed
from flows.settings import settings
from storage import layout
from storage.archive import Archive
from storage.errors import StorageError
from storage.ledger import Manifest

logger = logging.getLogger("recordkeep")


@dataclass(frozen=True, slots=True)
class _Sample:
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def report(archive: Archive) -> None:
    """Write the figures beside the archive, and into the folder of the setting.

    What cannot be written is only logged: the run and its record stand.
    """
    body = text(archive.manifest).encode()
    key = layout.metrics(archive.source)
    try:
        archive.objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())
    except StorageError as error:
        logger.warning("%s: the figures of the run were not kept: %s", archive.source, error)
    folder = settings().metrics_dir
    if folder:
        try:
            _replace(folder / f"recordkeep-{archive.source}.prom", body)
        except OSError as error:
            said = "RECORDKEEP_METRICS_DIR could not be written"
            logger.warning("%s: %s: %s", archive.source, said, error)


def _replace(path: Path, body: bytes) -> None:
    """Write so that a collector never sees half a file."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".recordkeep-", delete=False) as file:
        made = Path(file.name)
        try:
            file.write(body)
            file.flush()
            made.chmod(0o644)
            made.replace(path)
        except OSError:
            made.unlink()
            raise


def text(manifest: Manifest) -> str:
    """Write a source's figures in Prometheus' text format."""
    lines: list[str] = []
    for name, says, samples in _figures(manifest):
        found = list(samples)
        if found:
            lines += [f"# HELP recordkeep_{name} {says}", f"# TYPE recordkeep_{name} gauge"]
            lines += [_line(name, manifest.source, sample) for sample in found]
    return "\n".join([*lines, ""])


def _line(name: str, source: str, sample: _Sample) -> str:
    labels = ",".join(f'{key}="{value}"' for key, value in (("source", source), *sample.labels))
    return f"recordkeep_{name}{{{labels}}} {sample.value:.17g}"


def _figures(manifest: Manifest) -> Iterator[tuple[str, str, Iterable[_Sample]]]:
    yield from _of_runs(manifest)
    yield from _of_news(manifest)
    held = manifest.documents.values()
    yield "editions", "Editions held.", [_Sample(len(manifest.by_edition))]
    yield "versions", "Versions held.", [_Sample(sum(d.is_version for d in held))]
    waiting = sum(document.status == "quarantined" for document in held)
    yield "quarantined", "Documents in quarantine.", [_Sample(waiting)]
    last = max((run.finished_at for run in manifest.last_runs.values()), default=None)
    owed = sum(is_owed(alert, last or alert.at) for alert in manifest.alerts.values())
    yield "alerts_owed", "Alerts that did not arrive yet.", [_Sample(owed)]


def _of_runs(manifest: Manifest) -> Iterator[tuple[str, str, Iterable[_Sample]]]:
    runs = [((("flow", flow),), run) for flow, run in sorted(manifest.last_runs.items())]
    ended = [_Sample(run.finished_at.timestamp(), of) for of, run in runs]
    yield "last_run_timestamp_seconds", "When the last run wrote its record.", ended
    good = [_Sample(float(run.status == "complete"), of) for of, run in runs]
    yield "last_run_complete", "Whether the last run was complete.", good
    took = [_Sample((run.finished_at - run.started_at).total_seconds(), of) for of, run in runs]
    yield "last_run_seconds", "How long the last run took.", took
    asked = [_Sample(run.requests, of) for of, run in runs]
    yield "last_run_requests", "HTTP requests that the last run made.", asked
    got = [_Sample(run.bytes_received, of) for of, run in runs]
    yield "last_run_received_bytes", "Bytes that the last run received.", got
    needs = [_Sample(len(run.needs), of) for of, run in runs]
    yield "last_run_needs", "Things of the last run that a person must see to.", needs
    outcomes = [
        _Sample(number, (*of, ("outcome", outcome)))
        for of, run in runs
        for outcome, number in sorted(Counter(run.outcomes.values()).items())
    ]
    yield "last_run_outcomes", "Editions of the last run by outcome.", outcomes


def _of_news(manifest: Manifest) -> Iterator[tuple[str, str, Iterable[_Sample]]]:
    looked, new = _at(manifest.last_complete_at), _at(manifest.last_new_at)
    yield "last_success_timestamp_seconds", "When the site was last looked at completely.", looked
    yield "last_new_timestamp_seconds", "When something was last new.", new
    weekly = manifest.last_runs.get("weekly")
    overdue = [_Sample(float(weekly.overdue))] if weekly else []
    yield "overdue", "Whether a report was overdue at the last look.", overdue


def _at(moment: datetime | None) -> list[_Sample]:
    return [_Sample(moment.timestamp())] if moment else []
