"""Each fault alone gives its own outcome, message and exit code, and loses nothing."""

import re
from copy import deepcopy
from pathlib import Path

import pytest

from flows import remedies
from flows.cli.running import exit_code
from tests.agency_weeks import FAULTS, Fault, well_again
from tests.weeks import EDITIONS, Weeks, weeks

__all__ = ["weeks"]

RUNBOOK = Path(__file__).parents[1] / "deploy" / "RUNBOOK.md"
LASTING = {remedies.QUARANTINE, remedies.BUG, remedies.TOO_LARGE}
"""What does not pass without a person."""
ALONE = [pytest.param(fault, id=fault.name) for fault in FAULTS]


@pytest.mark.parametrize("fault", ALONE)
def test_each_fault_alone_has_its_own_outcome_message_and_exit_code_and_loses_nothing(
    weeks: Weeks, fault: Fault
) -> None:
    fault.before(weeks.site)
    assert set(weeks.look(0).outcomes.values()) == {"new"}
    held = weeks.originals()
    fault.act(weeks.site)
    summary = weeks.look(7)
    assert summary.outcomes == {**dict.fromkeys(EDITIONS, "unchanged"), **fault.outcomes}
    assert {need.section for need in summary.needs} == {fault.section} - {None}
    assert exit_code(summary) == fault.code
    assert summary.status == ("incomplete" if fault.code else "complete")
    assert fault.says in "\n".join(summary.messages)
    weeks.assert_whole(held)
    delisted = {edition for edition in EDITIONS if weeks.manifest.is_removed(edition)}
    assert delisted == {e for e, word in fault.outcomes.items() if word == "delisted"}


@pytest.mark.parametrize("fault", ALONE)
def test_when_the_site_is_well_again_so_is_the_next_run(weeks: Weeks, fault: Fault) -> None:
    fault.before(weeks.site)
    weeks.look(0)
    as_it_was = deepcopy(weeks.site.listing)
    fault.act(weeks.site)
    weeks.look(7)
    well_again(weeks.site, as_it_was)
    summary = weeks.look(14)
    allowed = {"unchanged"}
    allowed |= {"returned"} if "delisted" in fault.outcomes.values() else set()
    allowed |= {"revision", "reissue"} if fault.changed else set()
    if fault.section not in LASTING:
        assert {summary.outcomes[edition] for edition in EDITIONS} <= allowed
        assert exit_code(summary) == 0
    assert all(weeks.kinds(edition) == ["new"] for edition in {*EDITIONS} - fault.changed)


def rows() -> dict[str, tuple[str, ...]]:
    """The table of faults in the RUNBOOK: name -> its other columns."""
    lines = [line for line in RUNBOOK.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {each[0]: tuple(each[1:]) for each in cells}


@pytest.mark.parametrize("fault", ALONE)
def test_the_runbook_tells_the_same_of_each_fault(fault: Fault) -> None:
    words = ", ".join(dict.fromkeys(fault.outcomes.values())) or "unchanged"
    outcome, message, code, section = rows()[fault.name]
    assert outcome == words
    assert message.strip("“”…") in fault.says or not fault.says
    assert code == str(fault.code)
    link = f"[{fault.section}](#{anchor(fault.section)})" if fault.section else ""
    assert section == link


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("section", remedies.REMEDIES)
def test_the_runbook_has_a_section_for_each_thing_that_a_person_must_do(section: str) -> None:
    assert f"\n## {section}\n" in RUNBOOK.read_text()
