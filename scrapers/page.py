"""From a listing page's HTML to its links and notices (the only BeautifulSoup).

A page is whatever a server sent: cut, mislabelled, or made to harm. Its size was limited when it
was fetched; nothing here raises on what it holds.
"""

import codecs
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import compress, groupby
from urllib.parse import urldefrag

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from bs4.element import CData, NavigableString, Tag

from scrapers.web import links
from scrapers.web.notices import Block, Notice, announced

__all__ = ["Link", "Notice", "Page"]

# fmt: off
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul",
})
# fmt: on
"""Elements that begin a new line."""
UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "title", "svg", "iframe"})
TEXT = frozenset({NavigableString, CData})
"""Nodes that hold it; comments, scripts and styles have classes of their own."""
FURNITURE = UNSEEN | {"nav", "footer"}
LATIN = frozenset({"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"})
"""Names under which browsers, and so pages, mean windows-1252."""
# fmt: off
ENCODINGS = frozenset({
    "ascii", "big5", "big5hkscs", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "cp866", "cp874", "cp932", "cp949", "euc_jp", "euc_kr",
    "gb18030", "gb2312", "gbk", "iso2022_jp", "iso8859-1", "iso8859-10", "iso8859-11",
    "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "iso8859-2", "iso8859-3", "iso8859-4",
    "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "koi8-r", "koi8-u",
    "mac-cyrillic", "mac-roman", "shift_jis", "tis-620", "utf-16", "utf-16-be", "utf-16-le",
    "utf-8", "utf-8-sig",
})
# fmt: on
"""What browsers read (WHATWG's Encoding standard), by Python's names. Python knows more under which
a page is never written: some are none of text, and some let escapes become half a character."""
NEXT = (
    "a.usa-pagination__next-page",
    "li.pager__item--next > a, li.pager-next > a",
    'a[rel~="next"], link[rel~="next"]',
)
"""The pagers of USWDS (ice.gov/foia/library and /newsroom) and of Drupal's views."""
NEXT_WORDS = frozenset({"next", "next page", "go to next page"})
NONE = re.compile(
    r"\bno (?:[\w’'-]+ ){0,5}?(?:reports?|documents?|publications?|results?|files|items|entries)"
    r"(?: (?:are|were|is|was|have been|has been))?(?: currently| presently| yet)?"
    r" (?:available|found|posted|published|issued|listed|to display|to show|at this time|yet)\b"
    r"|\bthere (?:are|were) (?:currently |presently |at present )?no (?:[\w’'-]+ ){0,5}?"
    r"(?:reports|documents|publications|results)\s*(?:[.!]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a page, cleaned: absolute, safelinks unwrapped, fragment dropped."""

    url: str
    text: str
    """White space folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A listing page as it was served."""

    url: str
    """After redirects."""
    at: datetime
    body: bytes
    """Content codings removed."""
    digest: str
    """SHA-256 of `body`."""
    charset: str | None = None
    """What the Content-Type claims. UTF-8 is believed before it."""

    def links(self) -> tuple[Link, ...]:
        """Give all links of the page, in its order, each address once.

        Where an address is linked twice, its first text that is not empty is given.
        """
        return _read(self.body, self.charset, self.url).links

    def notices(self) -> tuple[Notice, ...]:
        """Give what the page announces about its reports, in its order."""
        return announced(_read(self.body, self.charset, self.url).blocks)

    def next_page(self) -> str | None:
        """Give the address of the listing's next page; None on its last."""
        return _read(self.body, self.charset, self.url).next_page

    def says_none(self) -> bool:
        """Whether the page says in words that there are no reports."""
        blocks = _read(self.body, self.charset, self.url).blocks
        return any(NONE.search(block.text) for block in blocks)

    def text(self) -> str:
        """Give the page's visible text, white space folded."""
        with _tree(self.body, self.charset) as tree:
            return " ".join(block.text for block in _blocks(tree, UNSEEN))


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read from a page."""

    links: tuple[Link, ...]
    blocks: tuple[Block, ...]
    next_page: str | None


@lru_cache(maxsize=1)
def _read(body: bytes, charset: str | None, url: str) -> _Read:
    """Parse once for all questions about a page."""
    with _tree(body, charset) as tree:
        tag = tree.find("base", href=True)
        base = (links.clean(str(tag["href"]), url) if tag else None) or url
        anchors = _anchors(tree)
        return _Read(
            links=_links(anchors, base),
            blocks=tuple(_blocks(tree)),
            next_page=_next_page(tree, anchors, base, url),
        )


@contextmanager
def _tree(body: bytes, charset: str | None) -> Generator[BeautifulSoup]:
    """Parse a page. Its tree, of twenty times the page's size, is gone when the block ends.

    Left to the search for garbage, it would stay for long: its parts know each other.
    """
    tree = BeautifulSoup(_decoded(body, charset).replace("\0", ""), "lxml")
    try:
        yield tree
    finally:
        tree.clear(decompose=True)


@dataclass(slots=True)
class _Anchor:
    """A link, and what stands in it and in no link within it, as browsers see nested ones.

    Were it told of each link around it, a page of nested ones would take the square of its size.
    """

    tag: Tag
    words: list[str] = field(default_factory=list)
    """Of which a reader sees those that `is_seen` says."""
    is_seen: list[bool] = field(default_factory=list)
    picture: str | None = None
    """What stands for its first picture."""

    def said(self) -> str:
        """Give a link's words: its text, else what stands for it."""
        if text := _folded("".join(compress(self.words, self.is_seen))):
            return text
        named = self.tag.get("aria-label") or self.tag.get("title")
        return _folded(str(named or self.picture or ""))

    def says_next(self) -> bool:
        """Whether a link's words are those of a pager's next."""
        words = (" ".join(self.words), str(self.tag.get("aria-label") or ""))
        return any(" ".join(re.findall(r"[a-z]+", said.lower())) in NEXT_WORDS for said in words)


def _anchors(tree: Tag) -> list[_Anchor]:
    """Give a tree's links in its order."""
    found: list[_Anchor] = []
    stack: list[tuple[object, _Anchor | None, bool]] = [(tree, None, True)]
    while stack:
        node, anchor, seen = stack.pop()
        if isinstance(node, Tag):
            if node.name in {"a", "area"} and node.has_attr("href"):
                anchor, seen = _Anchor(node), True
                found.append(anchor)
            elif anchor and node.name == "img" and anchor.picture is None and node.has_attr("alt"):
                anchor.picture = str(node["alt"])
            elif anchor and node.name == "br":
                anchor.words.append(" ")
                anchor.is_seen.append(seen)
            inside = seen and node.name not in UNSEEN
            stack.extend((child, anchor, inside) for child in reversed(node.contents))
        elif anchor and type(node) in TEXT:
            anchor.words.append(str(node))
            anchor.is_seen.append(seen)
    return found


def _links(anchors: list[_Anchor], base: str) -> tuple[Link, ...]:
    """Give the links of a page, see `Page.links`; relative ones start from `base`."""
    found: dict[str, str] = {}
    for anchor in anchors:
        if url := links.clean(str(anchor.tag["href"]), base):
            found[url] = found.get(url) or anchor.said()
    return tuple(Link(url=url, text=text) for url, text in found.items())


def _next_page(tree: Tag, anchors: list[_Anchor], base: str, own: str) -> str | None:
    """Give where a page's pager goes on, other than to the page's own address."""
    named = (tag for selector in NEXT for tag in tree.select(selector))
    worded = (each.tag for each in anchors if each.tag.name == "a" and each.says_next())
    for tag in (*named, *worded):
        if tag.get("aria-disabled") == "true":
            continue
        url = links.clean(str(tag.get("href") or "#"), base)
        if url and url != urldefrag(own).url:
            return url
    return None


def _decoded(body: bytes, charset: str | None) -> str:
    """Decode by what the bytes are, before what is said of them, as both are often wrong."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", errors="replace")
    declared = EncodingDetector.find_declared_encoding(body, is_html=True)
    for name in ("utf-8-sig", charset, declared):
        try:
            if name and name.lower() not in LATIN and _is_encoding(name):
                return body.decode(name)
        except UnicodeError:
            continue
    return body.decode("windows-1252", errors="replace")


def _is_encoding(name: str) -> bool:
    """Whether a page may be written in what a server or a page calls so."""
    try:
        return codecs.lookup(name).name in ENCODINGS
    except (LookupError, ValueError):  # unknown; or no name at all, as with a NUL
        return False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text, and where it stands."""

    text: str
    block: Tag
    """The nearest element that begins a new line."""
    linked: bool
    dated: str | None


def _pieces(tree: Tag, skip: frozenset[str]) -> Iterator[_Piece]:
    """Give the texts of a tree in its order, without those of the elements to skip."""
    stack: list[tuple[object, Tag, bool, str | None]] = [(tree, tree, False, None)]
    while stack:
        node, block, linked, dated = stack.pop()
        if isinstance(node, Tag) and node.name == "br":
            yield _Piece(" ", block, linked, dated)
        elif isinstance(node, Tag) and node.name not in skip:
            inside = node if node.name in BLOCKS else block
            when = str(node.get("datetime") or "") if node.name == "time" else dated
            link = linked or node.name == "a"
            stack.extend((child, inside, link, when) for child in reversed(node.contents))
        elif type(node) in TEXT:
            yield _Piece(str(node), block, linked, dated)


def _blocks(tree: Tag, skip: frozenset[str] = FURNITURE) -> Iterator[Block]:
    """Give the paragraphs, items, headings and cells of a page that say something."""
    for _, group in groupby(_pieces(tree, skip), key=lambda piece: id(piece.block)):
        pieces = list(group)
        if text := _folded("".join(piece.text for piece in pieces)):
            is_link = all(piece.linked for piece in pieces if piece.text.strip())
            dated = next((piece.dated for piece in pieces if piece.dated), None)
            yield Block(text=text, is_link=is_link, dated=dated)


def _folded(text: str) -> str:
    """Fold white space, no-break spaces too, to single spaces."""
    return " ".join(text.replace("\u200b", "").split())
