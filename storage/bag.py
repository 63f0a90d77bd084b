"""An archive as a BagIt bag, whose payload is itself a store (the only bagit)."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import bagit

from storage.export import Exported, Progress, check_free, holdings
from storage.ledger import Manifest
from storage.objects import Objects


def write(
    objects: Objects,
    manifests: Sequence[Manifest],
    folder: Path,
    *,
    on: date,
    progress: Progress = lambda _done, _of: None,
) -> Exported:
    """Write originals, records, captures, pages, decisions, runs and indexes as a bag.

    The bag is made beside `folder`, validated, and only then put there: it is whole or not
    there. Below its `data/` stand the objects under their keys, so that `--store FOLDER/data`
    reads it.

    Args:
        objects: the store.
        manifests: the indexes of the sources to export.
        folder: where the bag goes; nothing may be there.
        on: the bagging date.
        progress: told after each object.

    Raises:
        FileExistsError: something stands at `folder`.
        FileNotFoundError: the folder above it is not there.
        FixityError, MissingError: an object is not as recorded; nothing is left behind.
        OSError: the disk does not take it; nothing is left behind.
    """
    check_free(folder)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as aside:
        made = Path(aside) / "bag"
        made.mkdir()
        exported = _copy(objects, manifests, made, progress)
        told = {
            "External-Description": "Recordkeep archive; data/ is a store and can be opened as one",
            "External-Identifier": [manifest.source for manifest in manifests],
            "Bagging-Date": on.isoformat(),
            "Bag-Software-Agent": "recordkeep",
        }
        bagit.make_bag(str(made), bag_info=told, checksums=["sha256"])
        bagit.Bag(str(made)).validate()
        made.rename(folder)
    return exported


def _copy(
    objects: Objects, manifests: Sequence[Manifest], folder: Path, progress: Progress
) -> Exported:
    held = [holding for manifest in manifests for holding in holdings(objects, manifest)]
    size_bytes, warnings = 0, []
    for number, holding in enumerate(held, start=1):
        path = folder / holding.key
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w+b") as file:
            warning = holding.copy(objects, file)
        size_bytes += path.stat().st_size
        warnings += [warning] if warning else []
        progress(number, len(held))
    return Exported(objects=len(held), size_bytes=size_bytes, warnings=tuple(warnings))
