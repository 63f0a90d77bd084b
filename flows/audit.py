"""Fixity, week by week: re-read a share of what is held, so that all of it is read in turn."""

from datetime import UTC, datetime

from prefect import flow

from flows import remedies
from flows.record import RunRecord
from flows.settings import chosen_store, settings
from storage.archive import Archive
from storage.fixity import Report, Share, verify
from storage.stores import open_store

_DAYS_A_WEEK = 7


@flow(name="audit", flow_run_name="{name}")
def audit(name: str, store: str | None = None, at: datetime | None = None) -> Report:
    """Verify a source's facts, and this week's share of its originals; write down what was found.

    The number of weeks in which every original is re-read is the setting `audit_weeks`.

    Args:
        name: the source's.
        store: a folder, or `s3://bucket/prefix`; None for the setting.
        at: the time; None for now.
    """
    weeks = settings().audit_weeks
    day = at or datetime.now(UTC)
    share = Share(number=day.toordinal() // _DAYS_A_WEEK, of=weeks)
    objects = open_store(chosen_store(store))
    report = verify(objects, name, share=share)
    record = RunRecord(Archive(objects, name, clock=lambda: day), "audit")
    record.pages_were_read = not report.findings
    for finding in report.findings:
        record.need(remedies.FIXITY, f"{finding.kind} {finding.key}: {finding.detail}")
    part = f"share {share.number % weeks + 1} of {weeks}"
    record.say(f"audit of {part}: {report.objects} objects, {report.size_bytes} bytes re-read")
    record.finish(requests=0, bytes_received=0, overdue=False)
    return report
