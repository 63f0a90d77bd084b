"""The SHA-256 of JSON values, by the one text that equal values share."""

import hashlib
from collections.abc import Iterable

from storage.model import canonical


def digest_of(value: object) -> str:
    """Digest of a JSON value."""
    return digest_of_each([value])


def digest_of_each(values: Iterable[object]) -> str:
    """Digest of JSON values one after the other, of which one is in memory at a time."""
    found = hashlib.sha256()
    for value in values:
        found.update(canonical(value))
    return found.hexdigest()
