"""Digests: of JSON values, by the one text that equal values share, and of what is archived."""

import base64
import hashlib
from collections.abc import Iterable

from storage.model import canonical
from storage.objects import Body, pieces


def digest_of(value: object) -> str:
    """Digest of a JSON value."""
    return digest_of_each([value])


def digest_of_each(values: Iterable[object]) -> str:
    """Digest of JSON values one after the other, of which one is in memory at a time."""
    found = hashlib.sha256()
    for value in values:
        found.update(canonical(value))
    return found.hexdigest()


def base32_sha1(body: Body) -> str:
    """SHA-1 of a body in Base32, as the Wayback Machine's index writes it."""
    found = hashlib.sha1(usedforsecurity=False)
    with pieces(body) as all_of_it:
        for piece in all_of_it:
            found.update(piece)
    return base64.b32encode(found.digest()).decode()
