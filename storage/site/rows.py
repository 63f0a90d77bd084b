"""Table rows and page marks as HTML, escaped here: they are most of a page, and templates slow."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from html import escape

from storage.site.rendering import clean, marked_up

Row = tuple[int, int, list[str]]
"""A record's number, the page it begins on, and its texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where records are seen on pictures of their pages."""

    address: str
    """What the address of a record's place begins with, up to its number."""
    pages: AbstractSet[int]
    """The pages of which a picture is held; other records are not linked."""


def table_rows(rows: Iterable[Row], kinds: Sequence[str], places: Places) -> object:
    """Give the rows of a table's page.

    Args:
        rows: the records.
        kinds: the class of each column's cells; empty for none.
        places: where they are seen.
    """
    address = escape(places.address)
    # Cells without an end tag, which HTML does not need: a long table is half as long.
    opened = [f'<td class="{kind}">' if kind else "<td>" for kind in kinds]
    found = []
    for number, page, texts in rows:
        cells = "".join(f"{start}{escape(text)}" for start, text in zip(opened, texts, strict=True))
        place = str(page)
        if page in places.pages:
            title = f"See record {number} on its page"
            place = f'<a href="{address}{number}" title="{title}">{page}</a>'
        found.append(
            f'<tr id="row-{number}"><th scope="row">{number}</th>{cells}<td>{place}</tr>\n'
        )
    return marked_up(clean("".join(found)))


def mark(name: str, words: str, box: Sequence[float], *, is_first: bool) -> str:
    """Give the outline of one record's place.

    Args:
        name: the record's, as a link names it.
        words: the same for people.
        box: x, y, width and height.
        is_first: whether it is where the record begins.
    """
    x, y, width, height = (f"{edge:g}" for edge in box)
    id_ = f'id="{escape(name)}" ' if is_first else ""
    return (
        f'<rect {id_}data-record="{escape(name)}" x="{x}" y="{y}" width="{width}" '
        f'height="{height}"><title>{escape(words)}</title></rect>\n'
    )


def marks(drawn: Iterable[str]) -> object:
    """Give outlines as they stand in a picture's overlay."""
    return marked_up(clean("".join(drawn)))
