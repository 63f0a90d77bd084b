"""Of which edition an absence is: what was missed may be known only later for what it is. Pure.

A run takes an absence down under the name that it knows then: the claim of a link, or a name made
of a digest or an address. Once a document is read that was known by that name and prints another
edition, it was that edition that was missed. Nor was it missed at all, where a document that the
run found linked turns out to be of that very edition.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from storage.documents import UNKNOWN, DocumentEntry
from storage.ledger import Manifest
from storage.runs import Observation
from storage.timeline import RefoldError


def unnamed(url: str) -> str:
    """Name the edition at an address of which nothing is known, and which claims none."""
    return f"{UNKNOWN}{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def names(document: DocumentEntry) -> frozenset[str]:
    """Give the names under which a document may have been missed."""
    return document.names | {unnamed(url) for url in document.served}


class Homes:
    """Where absences belong, by all that is known of the documents."""

    def __init__(self, documents: Mapping[str, DocumentEntry]) -> None:
        """Take the documents as they are after the fold, by digest."""
        self._documents = documents

    def of(self, observation: Observation) -> str:
        """Give the edition that an absence is of: by its digest, its address, or its name."""
        name, url = observation.edition, observation.url
        if observation.digest:
            return self._documents[observation.digest].edition
        known = self._known.get((name, url), set())
        if url is None and name in known:
            return name
        return next(iter(known)) if len(known) == 1 else name

    def are_linked(self, edition: str, linked: Collection[str]) -> bool:
        """Whether an edition is among those that pages linked to, see `RunPart.linked`."""
        documents = (self._documents.get(each) for each in linked)
        return edition in linked or any(d.edition == edition for d in documents if d)

    @cached_property
    def _known(self) -> Mapping[tuple[str, str | None], set[str]]:
        """Give name, and where it stood or None -> the editions of the versions known as that."""
        found: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for document in self._documents.values():
            if document.is_version:
                for name in names(document):
                    for url in (None, *document.served):
                        found[name, url].add(document.edition)
        return found


def hold(before: Manifest, documents: Mapping[str, DocumentEntry], touched: Iterable[str]) -> None:
    """See to it that no absence that was folded may be of another edition now.

    Args:
        before: the manifest as it was when it was folded.
        documents: as they are now.
        touched: digests of those that may have changed.

    Raises:
        RefoldError: one may be.
    """
    for digest in touched:
        old, new = before.documents.get(digest), documents[digest]
        if old and _bears(old) == _bears(new):
            continue
        came = old is not None and old.edition != new.edition
        for name in names(new) | (names(old) if old else frozenset()):
            told = before.timelines.get(name, ()) if came or name != new.edition else ()
            if name in before.misnamed or any(span.state != "seen" for span in told):
                raise RefoldError


def _bears(document: DocumentEntry) -> tuple[object, ...]:
    """Give what decides of which absences a document may be."""
    return document.edition, document.is_version, names(document), frozenset(document.served)
