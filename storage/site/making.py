"""What pages are made of, for one source."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from storage.about import About
from storage.capture import Capture
from storage.catalogue import Catalogue
from storage.documents import DocumentEntry
from storage.ledger import Manifest, Version
from storage.model import Json
from storage.objects import read_verified
from storage.site.rendering import render
from storage.site.shelf import Shelf

_READINGS = 2
"""So many are kept in memory: a version's and that of the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which document pages are about."""

    edition: str
    version: Version | None
    """None for a document that is no version."""
    document: DocumentEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What the pages of one source are made from, and where they go."""

    catalogue: Catalogue
    manifest: Manifest
    about: About
    shelf: Shelf
    previews: Mapping[str, tuple[int, ...]]
    """Digest -> numbers of the pages of which a picture is held."""
    datasets: Mapping[str, int]
    """Keys of the source's datasets, and their sizes in bytes."""
    _readings: dict[str, Json] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The source's name."""
        return self.manifest.source

    def put(self, template: str, key: str, **context: object) -> None:
        """Fill in a template, and put the page where it belongs.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        about = self.about
        self.shelf.put(key, render(template, key, source=self.source, about=about, **context))

    def reading(self, document: DocumentEntry) -> Json | None:
        """Give what was read from a document; None where nothing was.

        Raises:
            FixityError: the table is not as it was filed.
            MissingError: it is not there.
        """
        if document.table is None:
            return None
        key = document.table.key
        if key not in self._readings:
            while len(self._readings) >= _READINGS:
                del self._readings[next(iter(self._readings))]
            self._readings[key] = self.catalogue.table(self.source, document.table)
        return self._readings[key]

    def origins(self, documents: Iterable[DocumentEntry]) -> list[str]:
        """Name the origins that were asked for documents in place of the agency's.

        Raises:
            FixityError, MissingError: as `capture`.
        """
        captures = [self.capture(document) for document in documents]
        return sorted({each.site for each in captures if each and each.site})

    def capture(self, document: DocumentEntry) -> Capture | None:
        """Give the capture that brought a document; None where only sightings are known.

        Raises:
            FixityError: the capture is not as it was written.
            MissingError: it is not there.
        """
        if not document.captures:
            return None
        key = document.captures[0].key
        body, _ = read_verified(self.catalogue.objects, key, self.manifest.facts[key])
        capture = Capture.from_json(json.loads(body))
        if capture.site:
            self.shelf.origins.add(capture.site)
        return capture
