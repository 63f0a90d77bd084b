"""Templates filled in (the only jinja2): everything that comes from outside is escaped."""

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from storage import layout
from storage.model import iso
from storage.site import addresses
from storage.site.addresses import Here

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What neither HTML nor XML may hold; reports do, where their fonts are broken."""
_WEB = re.compile(r"https?://[^\s\"<>\\]+", re.IGNORECASE)
_KIB = 1024
_OURS = (".py", ".html", ".xml", ".css", ".js", ".svg")


def clean(text: str) -> str:
    """Put the replacement character where a character may not stand in a page."""
    return _UNPRINTABLE.sub("\ufffd", text)


def marked_up(html: str) -> Markup:
    """Take for HTML what was escaped already; only `storage.site.rows` has such."""
    return Markup(html)  # noqa: S704 - see above


def _finalized(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return clean(value) if isinstance(value, str) else value


def _size(count: int) -> str:
    """Write a size as people do: `265 KB`."""
    if count < _KIB:
        return f"{count} bytes"
    if count < _KIB * _KIB:
        return f"{count / _KIB:.0f} KB"
    return f"{count / _KIB / _KIB:.1f} MB"


def _words(name: str) -> str:
    """Write a field's name as words."""
    return name.replace("_", " ")


def _web(url: str | None) -> str | None:
    """Give an address that may be linked; None for what a browser would run."""
    return url if url and _WEB.fullmatch(url) else None


def shown(value: object) -> str:
    """Write a value as pages show it: nothing for null, lists in a line each."""
    if value is None:
        return ""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _ordered(tally: Mapping[str, int], order: Iterable[str]) -> list[tuple[str, int]]:
    """Give counts in the order of a source's tables, and others after them."""
    names = dict.fromkeys([*order, *tally])
    return [(name, tally[name]) for name in names if name in tally]


def _urn(name: str) -> str:
    """Name something for ever, as feeds must."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _day(at: datetime | date) -> str:
    """Write a day: `20 March 2017`."""
    return f"{at.day} {at:%B %Y}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("storage.site"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day,
        "iso": iso,
        "ordered": _ordered,
        "minute": _minute,
        "short": addresses.short,
        "shown": shown,
        "size": _size,
        "urn": _urn,
        "web": _web,
        "words": _words,
    }
    environment.globals |= {"at": addresses, "layout": layout}
    return environment


def render(template: str, key: str, **context: object) -> bytes:
    """Fill a template in for the page that will stand under `key`."""
    text = _environment().get_template(template).render(here=Here(key), **context)
    return text.encode()


def assets() -> Iterator[tuple[str, bytes]]:
    """Give the files that all pages share: name and bytes."""
    folder = resources.files(__package__).joinpath("assets")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        yield file.name, file.read_bytes()


@lru_cache(maxsize=1)
def look() -> str:
    """Digest of everything that pages are made with: another look is another page."""
    found = hashlib.sha256()
    for name, file in sorted(_files(resources.files(__package__), "")):
        found.update(name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _files(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for file in folder.iterdir():
        name = f"{above}{file.name}"
        if file.is_dir() and not file.name.startswith("_"):
            yield from _files(file, f"{name}/")
        elif file.name.endswith(_OURS):
            yield name, file
