"""An edition's page: its versions on a time line, and what the agency said meanwhile."""

from storage.digests import digest_of
from storage.ledger import Manifest, Version
from storage.model import Json, iso
from storage.site import addresses, changes, versions
from storage.site.charts import time_line
from storage.site.citation import described, set_aside
from storage.site.events import told_spans
from storage.site.making import Making
from storage.site.notices import beside
from storage.site.notices import told as told_of

MOST_PAIRS = 3
"""So many differences stand at the top of the page; each stands with its version, too."""


def part(edition: str) -> str:
    """Name the part of the site that is about an edition."""
    return f"edition {edition}"


def state(making: Making, edition: str) -> str:
    """Digest of what the page is made from, beside what the index says."""
    told = {
        name: line
        for old, new in changes.pairs(making.manifest.versions(edition))
        if (name := changes.part(old, new)) and (line := making.shelf.told.get(name, ""))
    }
    return digest_of([known(making.manifest, edition), told])


def known(manifest: Manifest, edition: str) -> Json:
    """Give what pages say of an edition: everything that does not move with every look."""
    told = manifest.versions(edition)
    spans = told_spans(manifest, edition)
    return {
        "versions": [
            [
                v.number,
                v.kind,
                iso(v.first_seen),
                described(v),
                told_of(beside(manifest, edition, v)),
            ]
            for v in told
        ],
        "tables": [v.document.table and v.document.table.key for v in told],
        "removal": manifest.removal(edition),
        "decisions": [[d.kind, d.why] for v in told for d in v.document.decisions],
        "aside": [set_aside(d) for d in manifest.by_edition[edition] if not d.is_version],
        "spans": versions.told([(span, span is spans[-1]) for span in spans]),
    }


def write(making: Making, edition: str) -> None:
    """Write an edition's page.

    Raises:
        StoreUnreachableError: the store did not take it.
    """
    manifest = making.manifest
    told: tuple[Version, ...] = manifest.versions(edition)
    pairs = {new.number: (old, new) for old, new in changes.pairs(told)}
    making.put(
        "edition.html",
        addresses.edition(making.source, edition),
        edition=edition,
        origins=making.origins(v.document for v in told),
        versions=told,
        latest=manifest.latest(edition),
        removal=manifest.removal(edition),
        aside=[d for d in manifest.by_edition[edition] if not d.is_version],
        chart=time_line(manifest, edition),
        pairs=pairs,
        most_pairs=MOST_PAIRS,
        lines={n: making.shelf.told.get(changes.part(*pair), "") for n, pair in pairs.items()},
        notices={v.number: beside(manifest, edition, v) for v in told},
        spans={v.number: versions.spans(making, edition, v.document.digest) for v in told},
    )
