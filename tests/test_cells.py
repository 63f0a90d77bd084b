"""Cell texts become values, or None; nothing is guessed."""

import pytest

from scrapers import cells


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1/28/2017", "2017-01-28"),
        ("01/28/17", "2017-01-28"),
        ("6/22/98", "1998-06-22"),
        ("Jan. 28, 2017", "2017-01-28"),
        ("Sept. 3, 2016", "2016-09-03"),
        ("January 28 2017", "2017-01-28"),
        ("28 January 2017", "2017-01-28"),
        ("February\u00a02017", "2017-02"),
        ("2/2017", "2017-02"),
        ("2017-02-03", "2017-02-03"),
        ("1–28–2017", "2017-01-28"),
        ("1/28/ 2017", "2017-01-28"),
        ("2014", "2014"),
    ],
)
def test_reads_a_date_in_every_way_that_reports_write_it(text: str, day: str) -> None:
    assert cells.iso_date(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "February", "Feb. 17,", "9/31/2016", "13/1/2017", "January 2014; amended", "Feb 17"],
)
def test_what_is_no_whole_date_is_none(text: str) -> None:
    assert cells.iso_date(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3,083", 3083),
        ("1 020 640", 1020640),
        ("0", 0),
        ("1,020 640", None),
        ("51*", None),
        ("", None),
        ("999,999,999,999", 999_999_999_999),
        ("1,000,000,000,000", None),
        ("9" * 13, None),
        ("9" * 4400, None),
    ],
)
def test_reads_a_count_or_nothing(text: str, count: int | None) -> None:
    assert cells.count(text) == count


@pytest.mark.parametrize(
    "name", ["Texas", "TX", "N. Mex.", "Calif.", "D.C.", "Puerto Rico", "new york", "Nevada1"]
)
def test_knows_the_states(name: str) -> None:
    assert cells.is_state(name) is (name not in {"N. Mex.", "Nevada1"})


def test_parts_a_place_from_its_state() -> None:
    assert cells.without_state("Clark, Nevada") == ("Clark", "Nevada")
    assert cells.without_state("Clark (NV)") == ("Clark", "NV")
    assert cells.without_state("Washington, DC") == ("Washington", "DC")
    assert cells.without_state("State of California") == ("State of California", None)


@pytest.mark.parametrize("glyph", ["•", "◦", "▪", "\uf0b7", "–", "*", "-"])
def test_every_glyph_of_a_list_is_a_bullet(glyph: str) -> None:
    lines = [f"{glyph} Will honor", "a court order", f"{glyph} Felonies"]
    text = cells.with_bullets(lines, " ".join(lines))
    assert text == "• Will honor a court order • Felonies"
    assert cells.bullets(text) == ("Will honor a court order", "Felonies")


def test_a_dash_in_running_text_is_no_bullet() -> None:
    assert cells.with_bullets(["Arson", "– Residence"], "Arson – Residence") == "Arson – Residence"


def test_a_dash_within_an_entry_of_a_list_is_no_bullet_of_it() -> None:
    """It begins a line, but where the words of the entry stand."""
    lines = ["– Arson", "– Residence", "– Assault"]
    text = " ".join(lines)
    assert cells.with_bullets(lines, text, (60, 69, 60)) == "• Arson – Residence • Assault"
    assert cells.with_bullets(lines, text, (60, 60, 60)) == "• Arson • Residence • Assault"


def test_a_word_broken_after_its_own_dash_is_mended() -> None:
    assert cells.joined(["Resolution No. 2016–", "092"]) == "Resolution No. 2016–092"
    assert cells.joined(["Arson –", "Residence"]) == "Arson – Residence"
