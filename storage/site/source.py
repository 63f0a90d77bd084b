"""All pages of one source, and which of them have to be made anew."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from storage import datasets, layout
from storage.about import About
from storage.catalogue import Catalogue
from storage.datasets.state import FORMAT
from storage.digests import digest_of, digest_of_each
from storage.documents import DocumentEntry
from storage.errors import StorageError
from storage.ledger import Manifest, Version
from storage.model import Json, canonical
from storage.objects import Objects
from storage.site import addresses, changes, editions, moved, overview, versions
from storage.site.making import Making
from storage.site.notices import all_of
from storage.site.notices import told as told_of
from storage.site.rendering import look
from storage.site.shelf import Inventory, Shelf, fingerprint, put_changed, read_inventory

Over = Callable[[Sequence[Any], str], Iterator[Any]]
"""Gives items, which are so named, one after the other, and shows how many are done."""


@dataclass(frozen=True, slots=True)
class _Document:
    """The pages of a document. Parts are small: of a long past all are in memory at once."""

    edition: str
    document: DocumentEntry

    @property
    def name(self) -> str:
        return versions.part(self.document)

    def state(self, making: Making) -> str:
        return versions.state(making, self.edition, self.document)

    def write(self, making: Making) -> None:
        versions.write(making, self.edition, self.document)


@dataclass(frozen=True, slots=True)
class _Changes:
    """The page of what differs between two versions."""

    edition: str
    older: Version
    newer: Version

    @property
    def name(self) -> str:
        return changes.part(self.older, self.newer)

    def state(self, making: Making) -> str:
        return changes.state(making, self.edition, self.older, self.newer)

    def write(self, making: Making) -> None:
        line = changes.write(making, self.edition, self.older, self.newer)
        making.shelf.told |= {self.name: line} if line else {}


@dataclass(frozen=True, slots=True)
class _Edition:
    """The page of an edition."""

    edition: str

    @property
    def name(self) -> str:
        return editions.part(self.edition)

    def state(self, making: Making) -> str:
        return editions.state(making, self.edition)

    def write(self, making: Making) -> None:
        editions.write(making, self.edition)


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
    key = addresses.inventory(manifest.source)
    found_as, known = fingerprint(objects, key), read_inventory(objects, key)
    state = _state(manifest, about)
    if known.state == state and not thorough:
        return []
    making = _making(objects, manifest, about, known)
    try:
        _write_parts(making, over)
        overview.write(making)
        moved.write(making)
    except BaseException:
        # Else what was written would be taken for what stood there before, should that come back.
        with suppress(StorageError):
            _shelve(making, making.shelf.so_far(), found_as)
        raise
    return making.shelf.written + _shelve(making, making.shelf.inventory(state), found_as)


def _shelve(making: Making, found: Inventory, found_as: str | None) -> list[str]:
    """Write the list of a source's pages beside them, unless it stands there."""
    key = addresses.inventory(making.manifest.source)
    if fingerprint(making.shelf.objects, key) != found_as:
        # Another run wrote pages meanwhile: whose stand there, nobody knows. The next makes all.
        found = Inventory(told=found.told, origins=found.origins)
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
        datasets=datasets.held(objects, source),
    )


def _write_parts(making: Making, over: Over | None) -> None:
    parts, shelf = list(_parts(making.manifest)), making.shelf
    for part in over(parts, "pages") if over else parts:
        name, state = part.name, part.state(making)
        if not shelf.keep(name, state):
            with shelf.making(name, state):
                part.write(making)


def _parts(manifest: Manifest) -> Iterator[_Document | _Changes | _Edition]:
    """Give a source's parts: of each edition its versions, what differs, then the edition."""
    for edition, documents in manifest.by_edition.items():
        yield from (_Document(edition, document) for document in documents)
        yield from (_Changes(edition, *pair) for pair in changes.pairs(manifest.versions(edition)))
        yield _Edition(edition)


def _alike(about: About) -> str:
    """Digest of what all pages of a source have in common."""
    return digest_of([look(), FORMAT, _told(about)])


def _told(about: About) -> Json:
    return {name: dict(v) if isinstance(v, dict) else v for name, v in asdict(about).items()}


def _state(manifest: Manifest, about: About) -> str:
    """Digest of all that a source's pages are made from, pictures and datasets left out."""
    return digest_of_each(
        chain(
            [_alike(about), told_of(all_of(manifest))],
            ([edition, editions.known(manifest, edition)] for edition in manifest.by_edition),
        )
    )


def _previews(objects: Objects, source: str) -> dict[str, tuple[int, ...]]:
    """Find the pictures that are held: digest -> page numbers."""
    found: dict[str, list[int]] = {}
    for entry in objects.list(layout.prefix("previews", source)):
        if layout.is_preview(entry.key):  # others put theirs there
            number = int(entry.key.rpartition("/")[2].removesuffix(".png"))
            found.setdefault(layout.digest(entry.key), []).append(number)
    return {digest: tuple(sorted(numbers)) for digest, numbers in found.items()}
