"""Addresses outside a series' folders: the Archive's index has each by itself alone.

A search of a folder finds whatever the Archive captured below it, known to us or not. What lies
elsewhere can be asked for only when somebody has linked to it: what a weekly run first meets after
the past was loaded has a past that nobody asked for. That run's end loads it, see `owed`.
"""

from collections.abc import Iterable

from storage import mementos
from storage.ledger import Manifest
from storage.searches import Days, covers, union


def outside(addresses: Iterable[str], prefixes: Iterable[str]) -> list[str]:
    """Give those of the addresses that lie below none of a series' folders."""
    folders = [mementos.place(prefix) for prefix in prefixes]
    return [
        url
        for url in addresses
        if not any(mementos.is_below(mementos.place(url), folder) for folder in folders)
    ]


def known(manifest: Manifest, also: Iterable[str] = ()) -> list[str]:
    """Give the documents' addresses that the archive knows, and others, each place once."""
    urls = [*also, *manifest.by_address]
    urls += [
        url
        for entry in manifest.mementos.values()
        if entry.digest in manifest.documents or entry.digest is None
        for url in entry.rows
    ]
    return list({mementos.place(url): url for url in reversed(urls)}.values())


def unasked(manifest: Manifest, prefixes: Iterable[str], also: Iterable[str] = ()) -> list[str]:
    """Give the addresses that were not asked for of all days of which anything else was.

    None while no backfill has asked the Archive: its past is then all to be loaded, or not wanted.
    """
    days: dict[mementos.Place, tuple[Days, ...]] = {}
    for url, spans in manifest.searched.items():
        place = mementos.place(url)
        days[place] = union((*days.get(place, ()), *spans))
    wanted = _asked(manifest)
    urls = outside(known(manifest, also), prefixes)
    return sorted(url for url in urls if not covers(days.get(mementos.place(url), ()), wanted))


def owed(manifest: Manifest, prefixes: Iterable[str], also: Iterable[str] = ()) -> Days | None:
    """Give the days to load where the past of an address was not asked for; None where of none.

    They are those of which anything was asked, and what lies between them.
    """
    days = _asked(manifest)
    return (days[0][0], days[-1][1]) if unasked(manifest, prefixes, also) else None


def _asked(manifest: Manifest) -> tuple[Days, ...]:
    """Give the days of which anything at all was asked."""
    return union(each for spans in manifest.searched.values() for each in spans)


def told(source: str, addresses: Iterable[str]) -> str | None:
    """Say of how many addresses the past was not asked for, and what to do; None of none."""
    number = len(list(addresses))
    many = "address" if number == 1 else "addresses"
    what = f"{number:,} {many} whose past was not asked for: run `recordkeep backfill {source}`"
    return what if number else None
