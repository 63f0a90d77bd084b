"""Where each page stands, and how one page links to another.

site/index.html                                      the front page
site/feed.xml                                        what happened, of all sources (Atom)
site/style.css, site/icon.svg, site/script.js        looks; the tables' search and sorting
site/<source>/index.html                             a source: its editions over time
site/<source>/feed.xml                               what happened, of one source
site/<source>/said/<digest>.txt                      a listing page that announced something
site/<source>/written.json                           what was written, and of which state
site/<source>/editions/<edition>.html                an edition: its versions on a time line
site/<source>/changes/<older>-<newer>.html           which records differ between two versions
site/<source>/documents/<digest>/index.html          a version: the address to cite
site/<source>/documents/<digest>/pages.html          its pages as pictures, records marked
site/<source>/documents/<digest>/table-<table>.html  its records
site/<source>/documents/<digest>/table-<table>/1.html a part of a long table, for no script
site/<source>/documents/<digest>/table-<table>.js    all of a long table, for the script

Where one of an edition, of changes or below a document is no longer made, one that leads on stands.
"""

import hashlib
import posixpath
import re
from dataclasses import dataclass

from storage import layout

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHORT = 12
"""Digits of a digest that are shown, and name a difference."""
_TOLD = re.compile(
    r"site/[a-z0-9_]+/(?:editions/([A-Za-z0-9._-]+)|changes/([0-9a-f]{12})-([0-9a-f]{12})"
    r"|documents/([0-9a-f]{12})[0-9a-f]{52}(?:/[A-Za-z0-9._-]+)+)\.html"
)


def slug(name: str) -> str:
    """Give a name as a file may be called: itself, or a digest of it where it is no plain one."""
    if _PLAIN.fullmatch(name) and ".." not in name:
        return name
    return f"named-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}"


def short(digest: str) -> str:
    """Cut a digest to the digits that people compare."""
    return digest[:_SHORT]


def front() -> str:
    """Key of the front page."""
    return layout.site("index.html")


def feed(source: str | None = None) -> str:
    """Key of the feed of one source, or of all."""
    return layout.site(source, "feed.xml") if source else layout.site("feed.xml")


def asset(name: str) -> str:
    """Key of the style sheet or the script."""
    return layout.site(name)


def source(name: str) -> str:
    """Key of a source's page."""
    return layout.site(name, "index.html")


def inventory(name: str) -> str:
    """Key of the list of what was written of a source."""
    return layout.site(name, "written.json")


def said(name: str, digest: str) -> str:
    """Key of a listing page as it was served, as plain text: nothing in it can run."""
    return layout.site(name, "said", f"{digest}.txt")


def edition(name: str, edition_: str) -> str:
    """Key of an edition's page."""
    return layout.site(name, "editions", f"{slug(edition_)}.html")


def changes(name: str, older: str, newer: str) -> str:
    """Key of the page of what differs between two versions, by their digests."""
    return layout.site(name, "changes", f"{short(older)}-{short(newer)}.html")


def document(name: str, digest: str) -> str:
    """Key of a version's page."""
    return layout.site(name, "documents", digest, "index.html")


def pages(name: str, digest: str) -> str:
    """Key of the page that shows a version's pages as pictures."""
    return layout.site(name, "documents", digest, "pages.html")


def table(name: str, digest: str, table_: str) -> str:
    """Key of the page of one table of a version."""
    return layout.site(name, "documents", digest, f"table-{slug(table_)}.html")


def table_part(name: str, digest: str, table_: str, part: int) -> str:
    """Key of a plain page that holds one part of a long table, parts from 1."""
    return layout.site(name, "documents", digest, f"table-{slug(table_)}", f"{part}.html")


def rows(name: str, digest: str, table_: str) -> str:
    """Key of the script file that holds every row of a long table."""
    return layout.site(name, "documents", digest, f"table-{slug(table_)}.js")


def tells_of(key: str) -> tuple[str, ...]:
    """Name what a page is about: an edition by its slug, documents by their short digests.

    Empty for a source's own page, and for what is no page of ours.
    """
    found = _TOLD.fullmatch(key)
    return tuple(filter(None, found.groups())) if found else ()


@dataclass(frozen=True, slots=True)
class Here:
    """A page, as the place from which links start."""

    key: str

    def to(self, key: str) -> str:
        """Give the relative address of another key of the same store."""
        return posixpath.relpath(key, posixpath.dirname(self.key))
