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

__all__ = ["About", "publish"]

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
    try:
        package = json.loads(objects.get(layout.dataset(source, _PACKAGE)))
        files = [*package["resources"], *package["files"]]
        named = {each["path"]: each["bytes"] for each in files}
        if package["state"] != told:
            return False
    except (MissingError, ValueError, KeyError, TypeError):
        return False
    held = {e.key: e.size_bytes for e in objects.list(layout.prefix("datasets", source))}
    return all(held.get(layout.dataset(source, path)) == size for path, size in named.items())
