"""`recordkeep audit`: this week's share of the audit, for those whose schedule is a timer."""

import typer

from flows.cli.output import AsJson, SourceName, Store, opened, print_json, say, show, store_name
from flows.cli.running import begin_logging


def add_to(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command("audit", epilog="Example: recordkeep audit ice_ddor --store archive")(audit)


def audit(name: SourceName, *, store: Store = None, as_json: AsJson = False) -> None:
    """Re-read this week's share of what is held, under Prefect, and write down what was found.

    All of it is re-read within RECORDKEEP_AUDIT_WEEKS; `recordkeep verify` re-reads all at once.
    Exits with 1 where something is not as recorded.
    """
    from scrapers import source  # noqa: PLC0415 - which --help need not load

    source.check_name(name)
    from flows.alerts import Watch  # noqa: PLC0415 - pydantic, which --help need not load
    from flows.reporting import Reported  # noqa: PLC0415 - with the rest

    with Watch(name, "audit"), Reported():
        opened(store)
        begin_logging()
        from flows.audit import audit as run  # noqa: PLC0415 - Prefect takes seconds to import

        report = run(name, store_name(store))
    if as_json:
        found = [{"kind": f.kind, "key": f.key, "detail": f.detail} for f in report.findings]
        print_json({"source": name, "objects": report.objects, "findings": found})
    else:
        for finding in report.findings:
            show(f"{finding.kind}  {finding.key}  {finding.detail}")
        say(f"{name}: {report.objects:,} objects re-read, {len(report.findings)} findings")
    raise SystemExit(1 if report.findings else 0)
