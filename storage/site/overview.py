"""The page that lists a source's editions, and its feed."""

from storage import layout
from storage.errors import FixityError, MissingError
from storage.model import Json
from storage.objects import read_verified
from storage.site import addresses
from storage.site.charts import bars
from storage.site.events import of_source
from storage.site.making import Making
from storage.site.notices import all_of
from storage.site.rendering import render

FEED_EVENTS = 50
"""So many of the newest events stand in a feed."""
_BESIDE = ("editions", "versions", "notices", "datapackage", "DICTIONARY", "CITATION")
"""Datasets that hold no records."""
LATELY = 10
"""So many stand on the page."""


def write(making: Making) -> None:
    """Write the source's own page, and its feed.

    Raises:
        StoreUnreachableError: the store did not answer, or did not take one.
    """
    manifest, source = making.manifest, making.source
    events = of_source(manifest)
    making.put(
        "source.html",
        addresses.source(source),
        manifest=manifest,
        editions=list(manifest.by_edition)[::-1],
        events=events[:LATELY],
        sizes=making.datasets,
        told=making.shelf.told,
        charts=bars(manifest, list(making.about.keys)),
        notices=all_of(manifest),
        datasets=_files(making),
        said=_said(making),
        distribution=_distribution(making),
        origins=making.shelf.inventory("").origins,
    )
    key = addresses.feed(source)
    title = making.about.title
    told = {"title": title, "events": events[:FEED_EVENTS], "abouts": {source: making.about}}
    making.shelf.put(key, render("feed.xml", key, home=addresses.source(source), **told))


def _said(making: Making) -> set[str]:
    """Put the listing pages that announced something beside the page; give their digests.

    They are put there as text: opened as they were served, they would run the agency's scripts,
    and ask its site. One that is lost is the audit's business, which tells of it.
    """
    pages, source = making.manifest.pages, making.source
    found = set()
    for digest in {notice.page for notice in making.manifest.notices.values()} & pages.keys():
        key = layout.page(source, digest, pages[digest].ext)
        try:
            body, _ = read_verified(making.catalogue.objects, key, digest)
        except (FixityError, MissingError):
            continue
        making.shelf.put(addresses.said(source, digest), body)
        found.add(digest)
    return found


def _files(making: Making) -> dict[str, dict[str, str]]:
    """Group the datasets, records first: name -> format -> key."""
    found: dict[str, dict[str, str]] = {}
    for key in making.datasets:
        name, _, form = key.split("/", 2)[2].rpartition(".")
        found.setdefault(name, {})[form] = key
    order = [*making.about.keys, *(name for name in found if name not in _BESIDE), *_BESIDE]
    return {name: found[name] for name in dict.fromkeys(order) if name in found}


def _distribution(making: Making) -> list[Json]:
    """Describe the datasets as schema.org does; addresses are relative to the source's page."""
    here = addresses.Here(addresses.source(making.source))
    kinds = ((".csv", "text/csv"), (".parquet", "application/vnd.apache.parquet"))
    return [
        {"@type": "DataDownload", "contentUrl": here.to(key), "encodingFormat": media}
        for key in making.datasets
        for ext, media in kinds
        if key.endswith(ext)
    ]
