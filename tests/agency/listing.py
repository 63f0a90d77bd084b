"""The listing page's markup: USWDS within Drupal, as ice.gov's listings have it.

What the page of the Declined Detainer Outcome Report itself looked like is not known.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

Write = Callable[[str], str]
"""How the href of a path is written."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One link of the listing."""

    path: str
    text: str


def absolute(path: str) -> str:
    """Link as `https://www.ice.gov/…`."""
    return f"https://www.ice.gov{path}"


def schemeless(path: str) -> str:
    """Link as `//www.ice.gov/…`."""
    return f"//www.ice.gov{path}"


def safelink(path: str) -> str:
    """Link as pasted from Outlook, with a member of staff in `data=`."""
    inner = quote(absolute(path), safe="")
    staff = quote("05|02|Jane.Doe@agency.example|0f1e|0|0", safe="")
    host = "gcc02.safelinks.protection.outlook.com"
    return f"https://{host}/?url={inner}&data={staff}&sdata=xyz&reserved=0"


def extension(path: str) -> str:
    """Link as copied out of a browser's PDF viewer."""
    return f"chrome-extension://efaidnbmnnnibpcajpcglclefindmkaj/{absolute(path)}"


@dataclass(slots=True, kw_only=True)
class Listing:
    """What stands on the page, and how."""

    path: str = "/declined-detainer-outcome-report"
    title: str = "Declined Detainer Outcome Report"
    entries: list[Entry] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Paragraphs above the list."""
    furniture: str = "Last viewed by visitor 1"
    """What changes without meaning anything."""
    per_page: int | None = None
    """Entries on a page; None: all on one."""
    write: Write = str
    """How a link is written: `str` (relative), or a function of this module."""
    lost: int | None = None
    """A page, from 0, that is served without its entries and without its pager."""
    renamed: bool = False
    """Whether the site was redesigned: other elements and classes, no link to any document."""

    def render(self, number: int = 0) -> str:
        """Write page `number`, from 0 as Drupal counts."""
        size = self.per_page or max(1, len(self.entries))
        shown = self.entries[number * size : (number + 1) * size]
        is_last = (number + 1) * size >= len(self.entries) or number == self.lost
        if number == self.lost:
            shown = []
        body = self._redesigned(shown) if self.renamed else self._list(shown)
        said = "".join(f"<p>{html.escape(text, quote=False)}</p>\n" for text in self.notices)
        pager = "" if is_last or self.renamed else self._pager(number)
        return (
            f'<!DOCTYPE html>\n<html lang="en" dir="ltr"><head><meta charset="utf-8" />'
            f"<title>{self.title} | ICE</title></head>\n<body>\n"
            '<nav class="usa-nav"><ul><li><a href="/">Home</a></li>'
            '<li><a href="/newsroom">News</a></li></ul></nav>\n'
            f'<main id="main-content"><h1>{self.title}</h1>\n{said}{body}{pager}</main>\n'
            f'<footer><p>{self.furniture}</p><a href="/foia">FOIA</a></footer></body></html>\n'
        )

    def _list(self, shown: Sequence[Entry]) -> str:
        items = "".join(
            '<li class="usa-collection__item"><div class="usa-collection__body">'
            f'<h4 class="usa-collection__heading"><a class="usa-link" href="'
            f'{html.escape(self.write(entry.path))}">{html.escape(entry.text)}</a></h4>'
            "</div></li>\n"
            for entry in shown
        )
        return f'<div class="view-content"><ul class="usa-collection">\n{items}</ul></div>\n'

    def _redesigned(self, shown: Sequence[Entry]) -> str:
        cards = "".join(f"<li-card data-id='{n}'>{e.text}</li-card>" for n, e in enumerate(shown))
        return f"<react-listing>{cards}</react-listing>"

    def _pager(self, number: int) -> str:
        words = '<span class="usa-pagination__link-text"> Next </span>'
        named = "usa-pagination__link usa-pagination__next-page"
        link = f'<a href="?page={number + 1}" class="{named}" aria-label="Next page">{words}</a>'
        item = f'<li class="usa-pagination__item usa-pagination__arrow">{link}</li>'
        return f'<nav aria-label="Pagination" class="usa-pagination"><ul>{item}</ul></nav>\n'
