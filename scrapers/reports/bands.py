"""Rows of an unruled table: lines put together by rules, by white space, or by their dates.

No single sign holds for every producer, so each way of parting the lines is tried, and that one
is taken after which most rows have one whole date or number where one is due.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scrapers.cells import joined, starts_with_bullet
from scrapers.errors import RefusedError
from scrapers.reports import doubles, levels
from scrapers.reports.joining import adds_up
from scrapers.reports.levels import Anchor, Band, Cells, Parts
from scrapers.reports.lines import Line, parted

MOST_WAYS = 12
"""Ways to part lines by white space that are tried."""
FULL = (0.75, 1.0, 1.1)
"""Parts of all columns with which a row may begin where its date is blank; the last is never."""
UNEVEN = 0.15
"""Parts of all rows that may not be level; 0.06 is the most seen of a table that is read right."""
REST = -0.25
"""What a row without a date weighs where it may be the rest of one on the page before."""
LACKING = 0.25
"""Part of all rows that may lack their dates where rules over the whole table part them."""
TWO = 1.5
"""What it costs to take two rows for one: more than the date that one of them lacks."""
_BEGINS = re.compile(
    r"\d{1,2}[/.-]\d|\d{1,2}[\s-][A-Za-z]{3}|(?:19|20)\d\d[/-]\d"
    r"|[A-Z][A-Za-z]{2,8}\.?(?:[\s-]+\d|,?\s+\d{4}|$)|\d{1,3}(?:,\d{3})*$"
)
"""How a date or a number begins; a year alone is the end of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the columns before the rows are."""

    parts: Parts
    must: tuple[int, ...]
    """Columns (from 0) that hold dates or numbers."""
    is_whole: Callable[[int, str], bool | None]
    rules: tuple[float, ...]
    """Heights of horizontal rules, and of shaded bands' edges, on the page."""
    across: tuple[float, ...]
    """Those that run over all of the table, nearly."""


def gaps(lines: Sequence[Line]) -> list[float]:
    """The white space above each line but the first, in points; negative where lines overlap."""
    found: list[float] = []
    bottom = lines[0].box[3]
    for line in lines[1:]:
        found.append(line.box[1] - bottom)
        bottom = max(bottom, line.box[3])
    return found


def by_gap(lines: Sequence[Line], least: float) -> list[Band]:
    """Part lines wherever there is more white space than `least`."""
    return _parted(lines, [gap > least for gap in gaps(lines)])


def _parted(lines: Sequence[Line], begins: Sequence[bool]) -> list[Band]:
    """Part lines before each one, but the first, that begins a row."""
    bands: list[list[Line]] = [[lines[0]]]
    for line, is_first in zip(lines[1:], begins, strict=True):
        if is_first:
            bands.append([line])
        else:
            bands[-1].append(line)
    return _without_totals(bands)


def _without_totals(bands: Sequence[Sequence[Line]]) -> list[Band]:
    """Give what adds the rows up a row of its own: it lacks their dates, and is no part of one."""
    left = min(line.box[0] for band in bands for line in band)
    found: list[Band] = []
    for band in bands:
        for is_total, group in itertools.groupby(band, lambda line: _is_total(line, left)):
            own = tuple(group)
            found += [(line,) for line in own] if is_total else [own]
    return found


def _is_total(line: Line, left: float) -> bool:
    """Whether a line begins where the table does, with what adds its rows up."""
    return line.box[0] <= left + line.size and adds_up(parted(line)[0])


def by_rule(lines: Sequence[Line], rules: Sequence[float]) -> list[Band]:
    """Part lines wherever a rule runs between their middles."""
    middles = [(line.box[1] + line.box[3]) / 2 for line in lines]
    pairs = itertools.pairwise(middles)
    return _parted(lines, [any(above < rule < below for rule in rules) for above, below in pairs])


def rows(pages: Sequence[tuple[Sequence[Line], Known]]) -> list[list[Band]]:
    """Part each page's lines into rows, all pages in the same way.

    Raises:
        RefusedError: in no way do most cells stand alike in their rows.
    """
    cut = [levels.cut(lines, known.parts) for lines, known in pages]
    if ruled := _ruled(pages, cut):
        return ruled
    _, found = _likeliest(pages, cut)
    uneven = levels.uneven([*zip(found, cut, strict=True)])
    if any(known.must for _, known in pages) and uneven > UNEVEN * sum(map(len, found)):
        detail = "where the table's rows part is not certain: their cells do not stand alike"
        raise RefusedError("unrecognised-layout", detail, page=found[0][0][0].page)
    _refuse_off_centre([*zip(found, cut, strict=True)], pages[0][1])
    for band in doubles.closed([*zip(found, cut, strict=True)]):
        text = " ".join(line.text for line in band)
        detail = f"where the table's rows part is not certain: “{text[:80]}” may be two"
        raise RefusedError("unrecognised-layout", detail, page=band[0].page)
    return found


def _refuse_off_centre(pages: Sequence[tuple[Sequence[Band], Cells]], known: Known) -> None:
    """Refuse rows whose cells stand in their middles, but for a few: lines of these went astray."""

    def is_whole(band: Band, cells: Cells) -> bool:
        columns = [*zip(*map(cells.texts, band), strict=True)]
        return all(known.is_whole(at, joined(columns[at])) for at in known.must)

    if known.must and (band := levels.off_centre(pages, is_whole)):
        text = " ".join(line.text for line in band)
        detail = f"where the table's rows part is not certain: “{text[:80]}” is not level"
        raise RefusedError("unrecognised-layout", detail, page=band[0].page)


def _ruled(
    pages: Sequence[tuple[Sequence[Line], Known]], cut: Sequence[Cells]
) -> list[list[Band]] | None:
    """Part lines by the rules between them; None where a row is not one by its dates then."""
    if not all(known.must for _, known in pages):
        return None
    found = [by_rule(lines, known.rules) for lines, known in pages]
    if min(map(min, _worths(found, pages, cut))) < REST:  # some may be under words, not rows
        found = [by_rule(lines, known.across) for lines, known in pages]
    lacking = [worth < REST for worths in _worths(found, pages, cut) for worth in worths]
    is_parted = len(lacking) > len(pages) and sum(lacking) <= LACKING * len(lacking)
    return found if is_parted else None


def best(pages: Sequence[tuple[Sequence[Line], Known]]) -> tuple[float, list[list[Band]]]:
    """Give the likeliest way to part the lines, and how likely it is: more is likelier."""
    cut = [levels.cut(lines, known.parts) for lines, known in pages]
    if ruled := _ruled(pages, cut):
        return _score(ruled, pages, cut), ruled
    return _likeliest(pages, cut)


def _likeliest(
    pages: Sequence[tuple[Sequence[Line], Known]], cut: Sequence[Cells]
) -> tuple[float, list[list[Band]]]:
    """Try all ways where rules do not part the rows; give the likeliest, and how likely it is."""
    found = [(_score(way, pages, cut), way) for way in _ways(pages, cut)]
    known = max(found, key=lambda pair: pair[0])
    if known[0] < sum(map(len, known[1])):  # not every row is whole, with its cells level
        way = [_by_centre(lines, own, each) for (lines, own), each in zip(pages, cut, strict=True)]
        known = max(known, (_score(way, pages, cut), way), key=lambda pair: pair[0])
    return known


def _ways(
    pages: Sequence[tuple[Sequence[Line], Known]], cut: Sequence[Cells]
) -> Iterator[list[list[Band]]]:
    """Give the ways to part the lines, the likeliest first."""
    if sum(len(known.rules) for _, known in pages) > len(pages):
        yield [by_rule(lines, known.rules) for lines, known in pages]
    seen = sorted({round(gap, 1) for lines, _ in pages for gap in gaps(lines)})
    steps = sorted(
        ((below + above) / 2 for below, above in itertools.pairwise(seen)),
        key=lambda step: -min((abs(step - gap) for gap in seen), default=0),
    )
    for step in steps[:MOST_WAYS]:
        yield [by_gap(lines, step) for lines, _ in pages]
    for full in FULL:
        yield [
            _by_anchor(lines, known, full, own)
            for (lines, known), own in zip(pages, cut, strict=True)
        ]
    yield [[(line,) for line in lines] for lines, _ in pages]


def _by_anchor(lines: Sequence[Line], known: Known, full: float, cut: Cells) -> list[Band]:
    """Part lines before each on which a date or number begins, or so many columns do."""
    return _parted(lines, [_is_anchored(cut.texts(line), known, full) for line in lines[1:]])


def _is_anchored(texts: Sequence[str], known: Known, full: float) -> bool:
    """Whether a date or a number begins on a line, or this part of all columns does."""
    if any(_BEGINS.match(texts[at]) for at in known.must):
        return True
    return sum(map(bool, texts)) >= full * len(texts)


def _by_centre(lines: Sequence[Line], known: Known, cut: Cells) -> list[Band]:
    """Part lines so that each whole date or number stands in the middle of its row's height."""
    found: list[Anchor] = []
    for anchor in sorted(_anchors(lines, known, cut), key=lambda own: (own.last, -own.first)):
        if not found or anchor.first > found[-1].last:
            found.append(anchor)
    return _without_totals(levels.around(lines, found) if found else [lines])


def _anchors(lines: Sequence[Line], known: Known, cut: Cells) -> Iterator[Anchor]:
    """Find whole dates and numbers, on one line or two."""
    for column in known.must:
        texts = [(at, cut.texts(line)[column]) for at, line in enumerate(lines)]
        written = [(at, text) for at, text in texts if text]
        for (at, text), (after, rest) in itertools.pairwise([*written, (len(lines), "")]):
            if not _BEGINS.match(text):
                continue
            last = at if known.is_whole(column, text) else after
            if last == at or (rest and known.is_whole(column, joined((text, rest)))):
                yield Anchor(at, last, (lines[at].box[1] + lines[last].box[3]) / 2)


def _score(
    way: Sequence[Sequence[Band]],
    pages: Sequence[tuple[Sequence[Line], Known]],
    cut: Sequence[Cells],
) -> float:
    """Weigh a way: what its rows are worth, less what is not level, torn, or two rows in one."""
    worths = _worths(way, pages, cut)
    found = sum(map(sum, worths))
    uncut = [*zip(_uncut(way, worths), cut, strict=True)]
    whole = [*zip(way, cut, strict=True)]
    is_known = any(known.must for _, known in pages)
    if not is_known:
        return found
    free = len(cut[0].texts(pages[0][0][0])) - len(pages[0][1].must)
    return found - levels.uneven(uncut) - _torn(whole) - TWO * doubles.resumed(whole, free)


def _worths(
    way: Sequence[Sequence[Band]],
    pages: Sequence[tuple[Sequence[Line], Known]],
    cut: Sequence[Cells],
) -> list[list[float]]:
    """Say of each page's rows what they are worth: 1 with one whole value wherever one is due."""
    found: list[list[float]] = [[] for _ in way]
    for page, (bands, (_, known), own) in enumerate(zip(way, pages, cut, strict=True)):
        for number, band in enumerate(bands if known.must else ()):
            texts = [*map(joined, zip(*map(own.texts, band), strict=True))]
            due = [known.is_whole(at, texts[at]) for at in known.must if texts[at]]
            is_rest = (page > 0 and number == 0) or (page + 1 < len(way) and band is bands[-1])
            worth = 1 if due and all(due) else -2 if due else REST if is_rest else -1
            found[page].append(worth)
    return found


def _uncut(
    way: Sequence[Sequence[Band]], worths: Sequence[Sequence[float]]
) -> list[Sequence[Band]]:
    """Leave out the rows that a page's end cuts: one half lacks its date, and neither is level."""
    found = [*way]
    for page, (above, below) in enumerate(itertools.pairwise(worths)):
        if above and below and (above[-1] < 1 or below[0] < 1):
            found[page] = found[page][:-1]
            found[page + 1] = found[page + 1][1:]
    return found


def _torn(pages: Sequence[tuple[Sequence[Band], Cells]]) -> float:
    """Count the lists that begin with the rest of an entry, as parts of a row.

    A column holds lists where its first line, which begins a cell in any case, has a bullet.
    """
    found, listed = 0, dict[int, bool]()
    number = 1
    for bands, cells in pages:
        for band in bands:
            columns = [*zip(*map(cells.texts, band), strict=True)]
            number = len(columns)
            for at, texts in enumerate(columns):
                if lines := [*filter(None, texts)]:
                    begins, *others = map(starts_with_bullet, lines)
                    found += listed.setdefault(at, begins) and not begins and any(others)
    return found / number
