"""The failure modes that others met on this very site, by their numbers in the research.

ice-site-and-wayback, section 1.6: nineteen, each real. Here stands which tests hold us to each.
"""

import importlib

import pytest

from tests.agency_weeks import FAULTS

MODES = {
    1: (
        "selector on an exact address, empty list",
        "test_ledger",
        "the page's markup is renamed",
    ),
    2: (
        "hard-coded current file",
        "test_absences",
        "test_a_moved_address_keeps_one_history_and_its_old_address_is_not_missed",
    ),
    3: (
        "hard-coded page count",
        "test_ledger",
        "the page is split into pages",
    ),
    4: (
        "silent fallback to last year's file",
        "test_ledger",
        "another week's report stands under a link",
    ),
    5: (
        "Outlook safelinks",
        "test_page",
        "test_unwraps_safelinks_and_drops_the_addresses_of_staff",
    ),
    6: (
        "an HTML block page saved as a PDF",
        "test_ledger",
        "HTML is served as a PDF",
    ),
    7: (
        "same name, new bytes",
        "test_ledger",
        "a report's records are revised",
    ),
    8: (
        "same bytes, two names",
        "test_versions",
        "test_the_same_bytes_under_another_address_are_an_alias_and_no_version",
    ),
    9: (
        "wrong old file published as new",
        "test_versions",
        "test_the_period_printed_wins_over_the_links_claim_and_the_version_is_flagged",
    ),
    10: (
        "history restated without note",
        "test_ledger",
        "a report's records are revised",
    ),
    11: (
        "off the page and still reachable",
        "test_absences",
        "test_a_delisted_report_goes_on_being_asked_until_it_is_gone",
    ),
    12: (
        "reports stop without notice",
        "test_overdue",
        "test_an_overdue_run_is_complete_and_exits_with_1",
    ),
    13: (
        "mass removal",
        "test_ledger",
        "all reports are delisted at once",
    ),
    14: (
        "dedupe erases who had it",
        "test_versions",
        "test_the_same_bytes_under_another_address_are_an_alias_and_no_version",
    ),
    15: (
        "a failure list never retired",
        "test_absences",
        "test_a_gone_report_is_no_persons_business_and_may_come_back",
    ),
    16: (
        "a failed parse lost the download",
        "test_versions",
        "test_a_bug_of_ours_costs_no_bytes_and_is_mended_without_the_network",
    ),
    17: (
        "hand-pasted links",
        "test_page",
        "test_cleans_what_was_pasted_around_a_link",
    ),
    18: (
        "a missing input nulls fields silently",
        "test_ledger",
        "a report cannot be read for a bug of ours",
    ),
    19: (
        "no time-out, no status check",
        "test_ledger",
        "a report does not answer in time",
    ),
}


def test_all_nineteen_are_there() -> None:
    assert sorted(MODES) == list(range(1, 20))


@pytest.mark.parametrize("number", MODES)
def test_each_failure_mode_has_its_test(number: int) -> None:
    _, module, name = MODES[number]
    tests = vars(importlib.import_module(f"tests.{module}"))
    if module == "test_ledger":
        assert name in {fault.name for fault in FAULTS}
    else:
        assert callable(tests[name])
