"""What was written of a source's pages, so that only what changed is written again."""

import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from storage.errors import MissingError
from storage.model import SCHEMA, Json
from storage.objects import Objects, sha256_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The list that stands beside a source's pages."""

    state: str = ""
    """Digest of all that the pages were made from."""
    parts: dict[str, str] = field(default_factory=dict)
    """Part (`document <digest>`) -> digest of what its pages were made from."""
    keys: dict[str, list[str]] = field(default_factory=dict)
    """Part -> keys of its pages."""
    pages: dict[str, str] = field(default_factory=dict)
    """Key -> SHA-256 of each page."""
    told: dict[str, str] = field(default_factory=dict)
    """Part -> what it says in a line: which records differ between two versions."""
    origins: tuple[str, ...] = ()
    """Origins that were asked in place of the agency's, as a replica."""

    def has(self, key: str) -> bool:
        """Whether a page stands there; after two runs wrote at once that is taken for granted."""
        return key in self.pages if self.pages else bool(self.parts)

    def to_json(self) -> Json:
        """Shape: the fields by name."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"schema": SCHEMA, **fields, "origins": list(self.origins)}


def read_inventory(objects: Objects, key: str) -> Inventory:
    """Read the list; an empty one where there is none, or what stands there is none.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    try:
        value = json.loads(objects.get(key))
        told = {name: value[name] for name in Inventory.__dataclass_fields__}
        return Inventory(**told | {"origins": tuple(told["origins"])})
    except (MissingError, ValueError, KeyError, TypeError):
        return Inventory()


def fingerprint(objects: Objects, key: str) -> str | None:
    """Give the SHA-256 of the list as it stands there; None where there is none.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    try:
        return sha256_of(objects, key)
    except MissingError:
        return None


class Shelf:
    """Puts pages into the store where they are new, differ, or are not there."""

    def __init__(self, objects: Objects, known: Inventory, present: frozenset[str]) -> None:
        """Begin from what was written before.

        Args:
            objects: the store.
            known: what was written before.
            present: the keys that are in the store.
        """
        self.objects = objects
        self.written: list[str] = []
        """Keys, in order."""
        self.told: dict[str, str] = {}
        """Part -> what it says in a line; see `Inventory.told`."""
        self.origins: set[str] = set()
        self._known = known
        self._present = present
        self._parts: dict[str, str] = {}
        self._keys: dict[str, list[str]] = {}
        self._pages: dict[str, str] = {}
        self._part = ""

    def put(self, key: str, body: bytes) -> None:
        """Write a page, unless it stands there.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        sha256 = hashlib.sha256(body).hexdigest()
        if self._known.pages.get(key) != sha256 or key not in self._present:
            self.objects.put(key, body, sha256=sha256)
            self.written.append(key)
        self._pages[key] = sha256
        if self._part:
            self._keys[self._part].append(key)

    def keep(self, part: str, state: str) -> bool:
        """Take over a part's pages as they are; False where they have to be made anew."""
        keys = self._known.keys.get(part, [])
        if self._known.parts.get(part) != state or not self._present.issuperset(keys):
            return False
        self._parts[part], self._keys[part] = state, keys
        self._pages |= {key: self._known.pages[key] for key in keys}
        if part in self._known.told:
            self.told[part] = self._known.told[part]
        return True

    @contextmanager
    def making(self, part: str, state: str) -> Generator[None]:
        """Count what is put in the block as pages of a part."""
        self._part, self._keys[part] = part, []
        yield
        self._part, self._parts[part] = "", state

    def left(self) -> list[str]:
        """Give, in order, the keys of what stands there and was neither put nor kept."""
        return sorted(self._present - self._pages.keys())

    def inventory(self, state: str) -> Inventory:
        """Give the list of what stands on the shelf now."""
        return Inventory(
            state=state,
            parts=self._parts,
            keys=self._keys,
            pages=self._pages,
            told=self.told,
            origins=tuple(sorted(self.origins | set(self._known.origins))),
        )

    def so_far(self) -> Inventory:
        """Give the list of what stands there when not all was written: it is of no state.

        What was not come to stands as it did; the part in whose middle it ended is to be made anew,
        and so is one that is no more, in whose place something else was put.
        """
        gone = {name for name in self._known.keys.keys() - self._keys.keys() if self._is_put(name)}
        parts = self._known.parts | self._parts
        parts = {name: parts[name] for name in parts if name not in {*gone, self._part}}
        return Inventory(
            parts=parts,
            keys=self._known.keys | self._keys,
            pages=self._known.pages | self._pages,
            told=self._known.told | self.told,
            origins=tuple(sorted(self.origins | set(self._known.origins))),
        )

    def _is_put(self, part: str) -> bool:
        """Whether any page of a part of before was put or kept by now."""
        return not self._pages.keys().isdisjoint(self._known.keys[part])


def put_changed(objects: Objects, key: str, body: bytes) -> list[str]:
    """Write one object unless the same bytes stand there; give what was written.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    try:
        if objects.get(key) == body:
            return []
    except MissingError:
        pass
    objects.put(key, body, sha256=hashlib.sha256(body).hexdigest())
    return [key]
