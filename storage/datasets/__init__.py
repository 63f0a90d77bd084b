"""Records of all versions for other tools: Parquet, CSV, SQLite, and what describes them.

This module loads no pyarrow, which takes half a second: a quiet week needs none.
"""

import json

from storage import layout
from storage.about import About
from storage.datasets.state import state
from storage.errors import MissingError
from storage.ledger import Manifest
from storage.objects import Objects

__all__ = ["About", "held", "publish"]

_PACKAGE = "datapackage.json"


def publish(objects: Objects, manifest: Manifest, about: About) -> list[str]:
    """Bring `datasets/<source>/` up to the manifest, and write only what changed.

    A quiet week changes nothing: `last_seen` is as of the last change. May be called again
    after it failed anywhere.

    Args:
        objects: the store.
        manifest: the source's index, as just published.
        about: the series in words.

    Returns:
        Keys written.

    Raises:
        FixityError: a table is not as it was filed.
        MissingError: a table is not there at all.
        StoreUnreachableError: the store did not answer.
        ValueError: `about` is of another source, or a table's name is no plain word.
    """
    if about.source != manifest.source:
        raise ValueError(f"{about.source} is not {manifest.source}")
    told = state(manifest, about)
    if not manifest.by_edition or _is_published(objects, about.source, told):
        return []
    from storage.datasets.writing import Datasets  # noqa: PLC0415 - pyarrow, see above

    return Datasets(objects, manifest, about, told).write()


def _is_published(objects: Objects, source: str, told: str) -> bool:
    """Whether the datasets are of this state of the index, and all there."""
    state_, named = _described(objects, source)
    if state_ != told:
        return False
    there = _there(objects, source)
    return all(there.get(key) == size for key, size in named.items())


def held(objects: Objects, source: str) -> dict[str, int]:
    """Give the keys of a source's datasets, and their sizes in bytes: what the package names.

    What else stands there was put there by others, or is of a table that is read no more.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    _, named = _described(objects, source)
    ours = {layout.dataset(source, _PACKAGE), *named}
    return {key: size for key, size in _there(objects, source).items() if key in ours}


def _there(objects: Objects, source: str) -> dict[str, int]:
    return {e.key: e.size_bytes for e in objects.list(layout.prefix("datasets", source))}


def _described(objects: Objects, source: str) -> tuple[str | None, dict[str, int]]:
    """Read the package: of which state it is, and the keys and sizes of what it names."""
    try:
        package = json.loads(objects.get(layout.dataset(source, _PACKAGE)))
        files = [*package["resources"], *package["files"]]
        named = {layout.dataset(source, each["path"]): each["bytes"] for each in files}
        return package["state"], named
    except (MissingError, ValueError, KeyError, TypeError):
        return None, {}
