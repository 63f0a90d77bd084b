"""Captures: each is one act of fetching a document, ours or the Wayback Machine's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.archived import MementoRef
from storage.model import SCHEMA, Json, iso, moment

Via = Literal["agency", "wayback"]
_WHERE_KNOWN = frozenset({"sha1", "memento"})
"""Fields that are written only where they say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One act of fetching a document."""

    source: str
    edition: str | None
    """The listing's claim. What the document prints decides, see `Reading.edition`."""
    url: str
    """Where the bytes came from in the end, after redirects."""
    redirects: tuple[str, ...] = ()
    """The addresses asked before `url`, first to last; the first is the listing's."""
    at: datetime
    """When the response came, UTC. For a Wayback capture: when the Archive captured it."""
    status: int
    headers: Mapping[str, str]
    """Response headers, names in lower case, cookies left out."""
    digest: str
    size_bytes: int
    ext: str
    """What the bytes are by their magic, without a dot: `pdf`, `html`, else `bin`."""
    sha1: str | None = None
    """Base32 SHA-1 of the same bytes: what the Archive's index knows them by, no fixity. None until
    they are kept (`Archive.keep`), and in captures of before this was taken down."""
    via: Via = "agency"
    site: str | None = None
    """The origin that was asked in place of the agency's (`--site`); None for the agency's own.
    Addresses are told as the agency's all the same."""

    memento: MementoRef | None = None
    """Which capture of the Archive's it was; None for one of ours."""

    def to_json(self) -> Json:
        """Shape: the fields by name, `at` as ISO text; `sha1` and `memento` only where known."""
        shown: Json = {name: getattr(self, name) for name in self.__dataclass_fields__}
        shown |= {"schema": SCHEMA, "redirects": list(self.redirects), "at": iso(self.at)}
        shown["headers"] = dict(self.headers)
        if self.memento:
            shown["memento"] = self.memento.to_json()
        return {name: value for name, value in shown.items() if value or name not in _WHERE_KNOWN}

    @classmethod
    def from_json(cls, value: Json) -> "Capture":
        """Read what `to_json` wrote."""
        names = cls.__dataclass_fields__.keys() - _WHERE_KNOWN
        known = {name: value[name] for name in names}
        known |= {"at": moment(value["at"]), "redirects": tuple(value["redirects"])}
        told = value.get("memento")
        memento = MementoRef.from_json(told) if told else None
        return cls(**known, sha1=value.get("sha1"), memento=memento)

    @property
    def archived_as(self) -> tuple[MementoRef, ...]:
        """As what the Archive's index has these bytes, wherever they were captured.

        By the capture that this was, if it was one, and by their SHA-1. That of no bytes at all
        says nothing: redirects and errors bear it, too.
        """
        known = (self.memento,) if self.memento else ()
        if not self.sha1 or not self.size_bytes:
            return known
        same = MementoRef(url=self.url, digest=self.sha1, timestamps=(), confirmed=True)
        return (*known, same)
