"""What stands where a page once stood: where to find now what it told of.

A document is counted to another edition once it has been read, an older version comes between two
that were compared, a newer parser reads other tables. Feeds and citations go on linking to the
address, and nobody who writes may delete in a bucket: so the address stays, and leads on.
"""

from storage.documents import DocumentEntry
from storage.ledger import Manifest, Version
from storage.site import addresses
from storage.site.making import Making

Told = tuple[DocumentEntry, Version | None]
"""A document, and the version that it is."""


def write(making: Making) -> None:
    """Put a page that leads on in place of each one that is no longer made.

    What tells of a document that this index does not know was made by a run that knows more.

    Raises:
        StoreUnreachableError: the store did not take one.
    """
    left = {key: names for key in making.shelf.left() if (names := addresses.tells_of(key))}
    known = _by_name(making.manifest) if left else {}
    for key, names in left.items():
        if not all(name in known for name in names):
            continue
        digests = dict.fromkeys(digest for name in names for digest in known[name])
        told = [_told(making.manifest, digest) for digest in digests]
        making.put("moved.html", key, documents=sorted(told, key=_order))


def _by_name(manifest: Manifest) -> dict[str, list[str]]:
    """Give the digests of the documents by all that pages about them were ever named by."""
    found: dict[str, list[str]] = {}
    for digest, document in manifest.documents.items():
        for name in {addresses.short(digest), *map(addresses.slug, document.names)}:
            found.setdefault(name, []).append(digest)
    return found


def _told(manifest: Manifest, digest: str) -> Told:
    document = manifest.documents[digest]
    versions = manifest.versions(document.edition)
    return document, next((v for v in versions if v.document.digest == digest), None)


def _order(told: Told) -> tuple[str, int, str]:
    document, version = told
    return document.edition, version.number if version else 0, document.digest
