"""The past, loaded from the agency and from the Wayback Machine into one ledger."""

from tests.histories import on
from tests.pasts import Pasts, pasts
from tests.weeks import FIRST, path, report

__all__ = ["pasts"]

OLD, NEW = report(FIRST), report(FIRST, rows=3)
FIRST_ON = path(FIRST)


def test_a_version_that_was_replaced_before_the_first_run_comes_out_of_the_archive(
    pasts: Pasts,
) -> None:
    pasts.site.revise(FIRST_ON, NEW)
    pasts.look(30)
    pasts.captured(FIRST_ON, 1, OLD)
    pasts.captured(FIRST_ON, 8, OLD)
    pasts.captured(FIRST_ON, 9, NEW)
    run = pasts.load(31)
    assert run.status == "complete", run.messages
    first, second = pasts.manifest.versions(FIRST)
    assert (first.kind, second.kind) == ("new", "revision")
    assert (first.first_seen, first.last_seen) == (on(1), on(8))
    assert (second.first_seen, second.last_seen) == (on(9), on(31))
