"""All pages of one source, and which of them have to be made anew."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from storage import layout
from storage.about import About
from storage.catalogue import Catalogue
from storage.errors import StorageError
from storage.ledger import Manifest
from storage.model import Json, canonical
from storage.objects import Objects
from storage.site import addresses, changes, editions, overview, versions
from storage.site.making import Making
from storage.site.notices import all_of
from storage.site.rendering import look
from storage.site.shelf import Inventory, Shelf, digest_of, put_changed, read_inventory

Over = Callable[[Sequence[Any], str], Iterator[Any]]
"""Gives items, which are so named, one after the other, and shows how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some pages that are made together."""

    name: str
    state: Callable[[], str]
    write: Callable[[], str | None]
    """Gives what it says in a line, if there is more to be told of it than its pages."""


def is_current(objects: Objects, manifest: Manifest, about: About) -> bool:
    """Whether a source's pages are of this state of its index; one read finds out.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    known = read_inventory(objects, addresses.inventory(manifest.source))
    return known.state == _state(manifest, about)


def write_source(
    objects: Objects,
    manifest: Manifest,
    about: About,
    *,
    thorough: bool = False,
    over: Over | None = None,
) -> list[str]:
    """Bring a source's pages up to its manifest, and write only what changed.

    May be called again after it failed anywhere.

    Args:
        objects: the store.
        manifest: the source's index.
        about: the series in words.
        thorough: whether to look for pages that went missing, and pictures that came, even if the
            index says the same.
        over: goes over the parts of the site; what it raises ends the writing.

    Returns:
        Keys written; none where nothing changed, and that is found out with one read.

    Raises:
        FixityError, MissingError: a table or capture is not as it was written.
        StoreUnreachableError: the store did not answer.
    """
    known = read_inventory(objects, addresses.inventory(manifest.source))
    state = _state(manifest, about)
    if known.state == state and not thorough:
        return []
    making = _making(objects, manifest, about, known)
    try:
        _write_parts(making, over)
        overview.write(making)
    except BaseException:
        # Else what was written would be taken for what stood there before, should that come back.
        with suppress(StorageError):
            _shelve(making, making.shelf.so_far())
        raise
    return making.shelf.written + _shelve(making, making.shelf.inventory(state))


def _shelve(making: Making, found: Inventory) -> list[str]:
    """Write the list of a source's pages beside them, unless it stands there."""
    key = addresses.inventory(making.manifest.source)
    found.parts["look"] = _alike(making.about)
    return put_changed(making.shelf.objects, key, canonical(found.to_json()))


def _making(objects: Objects, manifest: Manifest, about: About, known: Inventory) -> Making:
    """Lay out what pages are made from; what was made with another look counts for nothing."""
    source = manifest.source
    is_alike = known.parts.get("look") == _alike(about)
    present = frozenset(entry.key for entry in objects.list(layout.prefix("site", source)))
    return Making(
        catalogue=Catalogue(objects, manifests={source: manifest}),
        manifest=manifest,
        about=about,
        shelf=Shelf(objects, known if is_alike else Inventory(pages=known.pages), present),
        previews=_previews(objects, source),
        datasets={e.key: e.size_bytes for e in objects.list(layout.prefix("datasets", source))},
    )


def _write_parts(making: Making, over: Over | None) -> None:
    parts, shelf = list(_parts(making)), making.shelf
    for part in over(parts, "pages") if over else parts:
        state = part.state()
        if not shelf.keep(part.name, state):
            with shelf.making(part.name, state):
                line = part.write()
            shelf.told |= {part.name: line} if line else {}


def _parts(making: Making) -> Iterator[_Part]:
    """Give a source's parts: of each edition its versions, what differs, then the edition."""
    for edition, documents in making.manifest.by_edition.items():
        for document in documents:
            yield _Part(
                name=versions.part(document),
                state=partial(versions.state, making, edition, document),
                write=partial(versions.write, making, edition, document),
            )
        for older, newer in changes.pairs(making.manifest.versions(edition)):
            yield _Part(
                name=changes.part(older, newer),
                state=partial(changes.state, making, edition, older, newer),
                write=partial(changes.write, making, edition, older, newer),
            )
        yield _Part(
            name=editions.part(edition),
            state=partial(editions.state, making, edition),
            write=partial(editions.write, making, edition),
        )


def _alike(about: About) -> str:
    """Digest of what all pages of a source have in common."""
    return digest_of([look(), _told(about)])


def _told(about: About) -> Json:
    return {name: dict(v) if isinstance(v, dict) else v for name, v in asdict(about).items()}


def _state(manifest: Manifest, about: About) -> str:
    """Digest of all that a source's pages are made from, pictures and datasets left out."""
    return digest_of(
        [
            _alike(about),
            {edition: editions.known(manifest, edition) for edition in manifest.by_edition},
            [[n.text, n.kind, n.said_on, n.url] for n in all_of(manifest)],
        ]
    )


def _previews(objects: Objects, source: str) -> dict[str, tuple[int, ...]]:
    """Find the pictures that are held: digest -> page numbers."""
    found: dict[str, list[int]] = {}
    for entry in objects.list(layout.prefix("previews", source)):
        number = entry.key.rpartition("/")[2].removesuffix(".png")
        if number.isdecimal():
            found.setdefault(layout.digest(entry.key), []).append(int(number))
    return {digest: tuple(sorted(numbers)) for digest, numbers in found.items()}
