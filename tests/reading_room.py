"""Archives with web pages, for tests: the demonstration's weeks, and made ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from posixpath import dirname, join, normpath
from threading import Thread
from urllib.parse import unquote, urlsplit

from storage import facts, layout, site
from storage.about import About
from storage.ledger import Manifest
from storage.model import Json, canonical
from storage.objects import Objects
from tests import histories

ABOUT = About(
    source=histories.SOURCE,
    agency="Some Agency",
    title="Weekly Report",
    url="https://www.ice.gov/page",
    keys={"issued": ("county",)},
)


def write(objects: Objects, manifest: Manifest, about: About = ABOUT) -> list[str]:
    """Write a source's pages and the front page; give what was written."""
    written = site.write_source(objects, manifest, about)
    fronts = {manifest.source: manifest}, {manifest.source: about}
    return written + site.write_front(objects, *fronts)


def demonstrate(store: Path | str) -> None:
    """Replay the demonstration's weeks into a store, without a Prefect server."""
    from flows import opening, weekly  # noqa: PLC0415 - Prefect takes seconds to import
    from flows.demo.site import HISTORY, ReplicaSite  # noqa: PLC0415 - kept with its only use

    with ReplicaSite() as replica:
        for state in HISTORY:
            replica.state = state
            asked = {"site": replica.url, "pause_s": 0.0, "at": state.at}
            with opening.opened("ice_ddor", str(store), **asked) as work:  # type: ignore[arg-type] # by name
                weekly.look_and_publish(work)


@dataclass
class Element:
    """One element of a page, without its place."""

    tag: str
    attributes: dict[str, str]


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it: its elements, in order, and its texts."""

    key: str = ""
    elements: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    """What stands in script elements."""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        is_script = bool(self.elements) and self.cdata_elem == "script"
        (self.data if is_script else self.texts).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Give the attributes of every element of a kind."""
        return [each.attributes for each in self.elements if each.tag == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def links(self) -> Iterator[str]:
        """Give what the page links to or loads, as keys; addresses elsewhere as they are."""
        for element in self.elements:
            for name in ("href", "src"):
                target = element.attributes.get(name)
                if target is None or target.startswith("#"):
                    continue
                split = urlsplit(target)
                is_here = not split.scheme and not split.netloc
                yield normpath(join(dirname(self.key), unquote(split.path))) if is_here else target


def pages(objects: Objects) -> dict[str, Page]:
    """Read every page of a store: key -> page."""
    found = {}
    for entry in objects.list("site/"):
        if entry.key.endswith(".html"):
            page = Page(key=entry.key)
            page.feed(objects.get(entry.key).decode())
            page.close()
            found[entry.key] = page
    return found


def long_reading(objects: Objects, rows: int) -> Manifest:
    """Hold one edition with so many records in its table."""
    manifest = histories.fill(objects)
    made = histories.reading("long", rows, edition="2018-01-27")
    states = ("Texas", "Iowa", "Ohio", "Utah")
    records = [
        replace(record, fields={**record.fields, "state": states[number % len(states)]})
        for number, record in enumerate(made.tables["issued"])
    ]
    made = replace(made, tables={"issued": tuple(records)})
    capture = histories.capture("long", histories.on(30), edition="2018-01-27")
    at = histories.on(30)
    put(objects, layout.capture(histories.SOURCE, at, made.digest), capture.to_json())
    put(objects, layout.table(histories.SOURCE, made.digest, made.parser), made.to_json())
    key = layout.raw(histories.SOURCE, made.digest, "pdf")
    objects.put(key, histories.body("long"), sha256=made.digest)
    return facts.refold(objects, manifest.source)


def put(objects: Objects, key: str, value: Json) -> None:
    """Store a fact as it is stored."""
    body = canonical(value)
    objects.put(key, body, sha256=histories.sha256(body))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as a bucket would be; give its address."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
