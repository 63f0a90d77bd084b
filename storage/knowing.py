"""What an archive knew by some time: the fold of the facts that had been written by then."""

from datetime import datetime

from storage import layout, manifest
from storage.facts import named
from storage.ledger import Manifest
from storage.objects import Objects, read_verified


def known_by(objects: Objects, now: Manifest, at: datetime) -> Manifest:
    """Give the manifest as it was at a time, by our own fetches.

    Tables and pages bear no time in their keys: they were known when a run's record that had
    been written by then names them.

    Args:
        objects: the store.
        now: the source's index of today, which has the digests of all facts.
        at: the time.

    Returns:
        An index without facts where nothing was known yet.

    Raises:
        FixityError: a fact is not as it was written.
        MissingError: one is not there at all.
        StoreUnreachableError: the store did not answer.
    """
    timed = [key for key in now.facts if layout.kind(key) in layout.TIMED]
    waiting = [key for key in timed if layout.written_at(key) <= at]
    found: dict[str, manifest.Fact] = {}
    while waiting:
        key = waiting.pop()
        if key in found or key not in now.facts:
            continue
        body, _ = read_verified(objects, key, now.facts[key])
        found[key] = fact = manifest.fact(key, body)
        if fact.part:
            waiting += named(fact.part)
    return manifest.fold(Manifest(source=now.source), found.values())
