"""Which records two versions differ in."""

import time

from flows.cli.tables import line
from storage.differences import compare
from storage.model import Json

KEYS = ("county", "state")


def record(county: str | None, state: str, issued: int, *, page: int = 1) -> Json:
    cells = {"County, State": f"{county}, {state}", "Issued": str(issued)}
    where = {"page": page, "boxes": [{"page": page, "box": [0, 0, 9, 9]}]}
    return {"county": county, "state": state, "issued": issued, "cells": cells, **where}


CLARK, COOK, IOWA = (
    record("Clark", "Nevada", 51),
    record("Cook", "Illinois", 13),
    record("Franklin", "Iowa", 5),
)


def test_equal_versions_have_no_difference_wherever_the_rows_stand() -> None:
    moved = [{**CLARK, "page": 2, "boxes": []}, COOK]
    assert compare([CLARK, COOK], moved, KEYS).to_json() == {
        "added": [],
        "removed": [],
        "changed": [],
    }


def test_a_record_inserted_above_others_is_one_line() -> None:
    found = compare([CLARK, COOK], [IOWA, CLARK, COOK], KEYS)
    assert (found.added, found.removed, found.changed) == ((IOWA,), (), ())


def test_equal_records_are_counted() -> None:
    found = compare([CLARK, CLARK, COOK], [CLARK, COOK], KEYS)
    assert (found.added, found.removed) == ((), (CLARK,))


def test_a_record_of_the_same_name_is_changed_however_little_else_is_alike() -> None:
    (change,) = compare([CLARK], [record("Clark", "Nevada", 99)], KEYS).changed
    assert change.fields["issued"] == (51, 99)


def test_a_misspelt_name_is_a_change_and_not_another_record() -> None:
    (change,) = compare([CLARK], [record("Clarke", "Nevada", 51)], KEYS).changed
    assert change.fields["county"] == ("Clark", "Clarke")


def test_unlike_records_are_one_removed_and_one_added() -> None:
    found = compare([CLARK], [IOWA], KEYS)
    assert (found.added, found.removed, found.changed) == ((IOWA,), (CLARK,), ())


def test_blank_names_match_nobody() -> None:
    keys = ("county",)
    found = compare([record(None, "Utah", 1)], [record(None, "Ohio", 2)], keys)
    assert not found.changed


def detainer(citizenship: str, activity: str, found: str) -> Json:
    """A record whose fields all name it, as those of declined detainers do."""
    fields = {"lea": "Travis", "state": "TX", "citizenship": citizenship}
    fields |= {"criminal_activity": activity, "charge_or_conviction": found}
    places = [{"page": 1, "box": [0, 0, 9, 9]}]
    return {**fields, "cells": dict(fields), "page": 1, "boxes": places}


def test_a_removed_record_takes_no_others_partner() -> None:
    removed = detainer("Mexico", "DUI", "Charge")
    before = detainer("Honduras", "Assault", "Conviction")
    after = detainer("Honduras", "Assault", "Charge")
    keys = ("lea", "state", "citizenship", "criminal_activity", "charge_or_conviction")
    for order in ([removed, before], [before, removed]):
        found = compare(order, [after], keys)
        assert [change.before for change in found.changed] == [before]
        assert (found.removed, found.added) == ((removed,), ())


def test_records_of_which_nothing_was_typed_are_compared_by_their_cells() -> None:
    def untyped(county: str, state: str, issued: str) -> Json:
        cells = {"A": county, "B": state, "C": issued}
        return {**record(None, "", 0), "state": None, "issued": None, "cells": cells}

    removed, before = untyped("Clark", "Nevada", "51"), untyped("Cook", "Illinois", "13")
    after, added = untyped("Cook", "Illinois", "14"), untyped("Franklin", "Iowa", "5")
    found = compare([removed, before], [after, added], KEYS)
    assert [(change.before, change.after) for change in found.changed] == [(before, after)]
    assert (found.removed, found.added) == ((removed,), (added,))
    assert line(removed) == "Clark | Nevada | 51"


def test_of_records_of_one_name_those_that_are_most_alike_are_one_changed() -> None:
    def year(number: int, *, acres: int, issued: int) -> Json:
        return {**record("Clark", "Nevada", issued), "year": number, "acres": acres}

    removed, before = year(1, acres=9, issued=9), year(1, acres=2, issued=9)
    after = year(1, acres=2, issued=3)
    for order in ([removed, before], [before, removed]):
        found = compare(order, [after], KEYS)
        assert [change.before for change in found.changed] == [before]
        assert (found.removed, found.added) == ((removed,), ())


def test_thousands_of_records_of_one_name_take_no_minute() -> None:
    number = 4_000
    old = [record("Clark", "Nevada", each) for each in range(number)]
    new = [record("Clark", "Nevada", each + number) for each in range(number)]
    begun = time.process_time()
    found = compare(old, new, KEYS)
    assert time.process_time() - begun < 5
    assert [change.fields["issued"] for change in found.changed] == [
        (each, each + number) for each in range(number)
    ]
