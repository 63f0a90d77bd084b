"""The front page: the sources, and what happened lately. The only page with dates that move."""

from collections.abc import Mapping

from storage.about import About
from storage.ledger import Manifest
from storage.objects import Objects
from storage.site import addresses
from storage.site.events import Event, of_source
from storage.site.overview import FEED_EVENTS
from storage.site.rendering import assets, render
from storage.site.shelf import put_changed, read_inventory

SHOWN = 20
"""So many events stand on the front page."""


def write_front(
    objects: Objects, manifests: Mapping[str, Manifest], abouts: Mapping[str, About]
) -> list[str]:
    """Write the front page, unless it stands there; and the feed, style sheet and script.

    All are looked at each time, few as they are: whoever wrote a source's pages last may have
    ended before these, or have known less of the other sources.

    Args:
        objects: the store.
        manifests: source -> its index, of all sources that are held.
        abouts: source -> the series in words; a source left out is named by its id.

    Returns:
        Keys written.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    inventories = {n: read_inventory(objects, addresses.inventory(n)) for n in manifests}
    # Of a source whose run goes on, or could publish nothing, pages may be yet to come.
    manifests = {n: m for n, m in manifests.items() if inventories[n].has(addresses.source(n))}
    events = [
        event
        for manifest in manifests.values()
        for event in of_source(manifest)
        if inventories[event.source].has(addresses.edition(event.source, event.edition))
    ]
    events.sort(key=lambda event: (event.at, event.source, event.order), reverse=True)
    told = {part: line for each in inventories.values() for part, line in each.told.items()}
    about = {name: abouts.get(name) or nameless(name) for name in manifests}
    key = addresses.front()
    page = render(
        "front.html",
        key,
        manifests=manifests,
        abouts=about,
        events=events[:SHOWN],
        more=max(0, len(events) - SHOWN),
        told=told,
        origins=sorted({origin for each in inventories.values() for origin in each.origins}),
    )
    written = put_changed(objects, key, page)
    return written + _write_shared(objects, events, about)


def _write_shared(objects: Objects, events: list[Event], abouts: Mapping[str, About]) -> list[str]:
    """Write the feed of all sources, and what all pages load."""
    key = addresses.feed()
    home, title = addresses.front(), "Recordkeep: what is new, corrected, removed"
    feed = {"home": home, "title": title, "events": events[:FEED_EVENTS], "abouts": abouts}
    written = put_changed(objects, key, render("feed.xml", key, **feed))
    for name, body in assets():
        written += put_changed(objects, addresses.asset(name), body)
    return written


def nameless(source: str) -> About:
    """Describe a source of which nobody knows more than its id."""
    return About(source=source, agency="", title=source, url="")
