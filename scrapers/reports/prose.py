"""Lines of a section that an unruled table leaves out: they must be prose, or nothing is read.

A word of a heading or of a cell that stands where no column was found must not vanish.
"""

from collections.abc import Iterator, Sequence

from scrapers.errors import RefusedError
from scrapers.reports.layouts import ALIKE, NEAR, Layout
from scrapers.reports.lines import Line, is_tabular

FEWEST = 5
"""Words of a line, at least, that runs over the space between columns and is a sentence's."""


def refuse_words_left(lines: Sequence[Line], own: Sequence[Line], layout: Layout) -> None:
    """Refuse a table beside which words stand that are neither its own nor clearly prose.

    Args:
        lines: all lines of the section.
        own: those that are in the table's headings and rows.
        layout: the table's columns.

    Raises:
        RefusedError: such words stand as near to the table as its lines to one another.
    """
    known = set(own)
    for paragraph in _paragraphs([line for line in lines if line not in known]):
        if any(_is_sentence(line, layout) for line in paragraph):
            continue
        for line in paragraph:
            if any(_touches(line, other) for other in own):
                detail = f"“{line.text}” stands close to a table, in none of its cells"
                raise RefusedError("unrecognised-layout", detail, page=line.page)


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Put lines together that stand close below one another."""
    group: list[Line] = []
    for line in lines:
        if group and not _touches(group[-1], line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _is_sentence(line: Line, layout: Layout) -> bool:
    """Whether a line begins in the first column and runs on over others, with usual spaces."""
    begins = not layout.edges or line.box[0] < layout.edges[0]
    return begins and len(line.words) >= FEWEST and layout.is_crossed(line) and not is_tabular(line)


def _touches(one: Line, other: Line) -> bool:
    """Whether two lines of one size have less than a line's space between them."""
    if one.page != other.page or abs(one.size - other.size) > ALIKE:
        return False
    apart = max(one.box[1] - other.box[3], other.box[1] - one.box[3])
    return apart < NEAR * min(one.size, other.size)
