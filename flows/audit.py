"""Fixity, week by week: re-read a share of what is held, so that all of it is read in turn."""

from datetime import datetime

from prefect import flow

from flows import alerts, remedies, shown
from flows.parameters import At
from flows.record import RunRecord
from flows.settings import chosen_store, settings
from flows.work import clock
from scrapers import source
from storage import layout
from storage.archive import Archive
from storage.fixity import Report, Share, verify
from storage.ledger import Manifest
from storage.objects import Objects
from storage.stores import open_store

_DAYS_A_WEEK = 7


@flow(name="audit", flow_run_name="{name}")
def audit(name: str, store: str | None = None, at: At | None = None) -> Report:
    """Verify a source's facts, and this week's share of its originals; write down what was found.

    The number of weeks in which every original is re-read is the setting `audit_weeks`. What the
    audit before found damaged is re-read as well: it stays a finding until it is mended.

    Args:
        name: the source's.
        store: a folder, or `s3://bucket/prefix`; None for the setting.
        at: the time; None for now.
    """
    with alerts.Watch(name, "audit"):
        shown.tag("audit", name)
        source.check_name(name)
        return _audited(name, open_store(chosen_store(store)), at)


def _audited(name: str, objects: Objects, at: datetime | None) -> Report:
    weeks = settings().audit_weeks
    archive = Archive(objects, name, clock=clock(at))
    number = archive.now().toordinal() // _DAYS_A_WEEK
    share = Share(number=number, of=weeks, also=_damaged(archive.manifest))
    record = RunRecord(archive, "audit")
    report = verify(objects, name, share=share)
    record.pages_were_read = not report.findings
    record.reread = lambda key: layout.kind(key) != "raw" or share.has(layout.digest(key))
    for finding in report.findings:
        says = f"{finding.kind} {finding.key}: {finding.detail}"
        record.need(remedies.FIXITY, says, about=finding.key)
    part = f"share {share.number % weeks + 1} of {weeks}"
    record.say(f"audit of {part}: {report.objects} objects, {report.size_bytes} bytes re-read")
    summary = record.finish(requests=0, bytes_received=0, overdue=False)
    shown.outcomes(summary, "audit")
    return report


def _damaged(manifest: Manifest) -> frozenset[str]:
    """Give the digests of the originals that the last audit found damaged."""
    last = manifest.last_runs.get("audit")
    found = [need.about for need in last.needs if need.about] if last else []
    return frozenset(layout.digest(key) for key in found if layout.kind(key) == "raw")
