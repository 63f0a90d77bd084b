"""Is what we hold still what was recorded? Re-reads and re-hashes, folds anew, finds strays.

It changes nothing; `storage/repair.py` does.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from storage import facts, layout, manifest, sealed
from storage.errors import FixityError, MissingError, UnreadableError
from storage.ledger import RULES, Manifest
from storage.manifest import Fact
from storage.objects import Entry, Objects

Kind = Literal[
    "altered",
    "truncated",
    "missing",
    "deleted",
    "replaced",
    "stray",
    "manifest-edited",
    "manifest-missing",
]
"""`deleted`: a delete marker stands over older versions. `replaced`: other bytes stand over an
older version that is right. `stray`: nobody names the object. The rest as they say."""

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as recorded."""

    kind: Kind
    key: str
    detail: str
    expected: str | None = None
    """The SHA-256 to restore; None where nothing can be restored by digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of the originals, so that successive audits re-read all of them in turn."""

    number: int
    """From 0."""
    of: int
    also: frozenset[str] = frozenset()
    """Digests that belong to it whatever their place."""

    def has(self, digest: str) -> bool:
        """Whether the document belongs to this part."""
        return digest in self.also or int(digest[:8], 16) % self.of == self.number % self.of


ALL = Share(number=0, of=1)


@dataclass(slots=True, kw_only=True)
class Report:
    """What a verification found."""

    source: str
    objects: int = 0
    """How many objects were read and hashed."""
    size_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is worth saying and no fault."""


Progress = Callable[[str], None]
"""Told the key of each object as it is read."""


def verify(
    objects: Objects, source: str, *, share: Share = ALL, progress: Progress = lambda _key: None
) -> Report:
    """Re-read what a source's manifest names, and compare.

    Args:
        objects: the store.
        source: the source's name.
        share: which of the originals to re-read; facts are all re-read each time.
        progress: told each key.

    Raises:
        StoreUnreachableError: the store did not answer.
    """
    verifier = _Verifier(objects, Report(source=source), progress)
    verifier.run(share)
    return verifier.report


class _Verifier:
    """One verification: what was listed, what was found."""

    def __init__(self, objects: Objects, report: Report, progress: Progress) -> None:
        self.objects = objects
        self.report = report
        self.source = report.source
        self._progress = progress
        self._listed: dict[str, Entry] = {}

    def run(self, share: Share) -> None:
        kinds = (*layout.FACTS, "raw", "previews")
        for kind in kinds:
            for entry in self.objects.list(layout.prefix(kind, self.source)):
                self._listed[entry.key] = entry
        stored = self._stored()
        good = list(self._facts(stored))
        folded = manifest.fold(Manifest(source=self.source), good)
        whole = stored is not None and stored.facts.keys() <= folded.facts.keys()
        if stored and whole:
            self._compare(stored, good, folded)
        # What a fact said that is damaged now still names an original that is not.
        known = [stored, folded] if stored else [folded]
        self._originals(known, share)
        self._strays(known)

    def _stored(self) -> Manifest | None:
        key = layout.manifest(self.source)
        try:
            return facts.held(self.objects, self.source)
        except FixityError as error:
            self._find("manifest-edited", key, f"it is not as it was written ({error.found[:12]}…)")
        return None

    def _facts(self, stored: Manifest | None) -> Iterator[Fact]:
        """Give the facts that are as recorded, or newer than the manifest; tell of the others."""
        whole = stored if stored and stored.facts else None
        known = whole.facts if whole else facts.recorded(self.objects, self.source)
        newer = 0
        for key in sorted(known.keys() | self._fact_keys()):
            self._progress(key)
            if key not in known:
                fact = self._newer(key)
                newer += fact is not None
            else:
                fact = self._recorded(key, known[key])
            if fact:
                yield fact
        if stored and newer:
            said = f"the manifest lacked {newer} newer facts; they were folded"
            self.report.notes.append(said)
        if stored and not whole and (known or newer):
            self._find("manifest-missing", layout.manifest(self.source), "facts are held, no index")

    def _fact_keys(self) -> set[str]:
        return {key for key in self._listed if layout.is_fact(key)}

    def _newer(self, key: str) -> Fact | None:
        """Read a fact that the manifest does not name; None if it is not what its key says."""
        try:
            body = self.objects.get(key)
            fact = manifest.fact(key, body)
        except (FixityError, MissingError):
            return None
        self._count(len(body))
        return fact

    def _recorded(self, key: str, sha256: str) -> Fact | None:
        try:
            body = self.objects.get(key)
        except (MissingError, UnreadableError):
            body = b""
        if hashlib.sha256(body).hexdigest() != sha256:
            self.check(key, sha256)
            return None
        self._count(len(body))
        return manifest.fact(key, body)

    def check(self, key: str, sha256: str, size_bytes: int | None = None) -> bool:
        """Re-read one object; tell what is wrong with it, and give whether nothing is."""
        try:
            found, size = self._hash(key)
        except MissingError:
            self._tell_missing(key, sha256)
            return False
        except UnreadableError as error:
            self._find("altered", key, str(error).removeprefix(f"{key} "), sha256)
            return False
        if found == sha256:
            return True
        older = self._older(key, sha256)
        if older:
            self._find("replaced", key, f"version {older} is right", sha256)
        elif size_bytes is not None and size < size_bytes:
            self._find("truncated", key, f"{size:,} of {size_bytes:,} bytes", sha256)
        else:
            self._find("altered", key, f"SHA-256 is {found[:12]}…, not {sha256[:12]}…", sha256)
        return False

    def _tell_missing(self, key: str, sha256: str) -> None:
        held = [entry for entry in self.objects.versions(key) if entry.key == key]
        if any(entry.is_deleted for entry in held):
            self._find("deleted", key, "a delete marker stands over it", sha256)
        else:
            self._find("missing", key, "nothing is held under it", sha256)

    def _older(self, key: str, sha256: str) -> str | None:
        for entry in self.objects.versions(key):
            if entry.key != key or entry.is_current or entry.is_deleted:
                continue
            with suppress(UnreadableError):
                if self._hash(key, entry.version_id)[0] == sha256:
                    return entry.version_id
        return None

    def _hash(self, key: str, version_id: str | None = None) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with self.objects.open(key, version_id=version_id) as file:
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
        self._count(size)
        return digest.hexdigest(), size

    def _count(self, size: int) -> None:
        self.report.objects += 1
        self.report.size_bytes += size

    def _compare(self, stored: Manifest, good: list[Fact], folded: Manifest) -> None:
        """Hold the stored manifest against a fold of just the facts that it names.

        Where other rules made it, its seal alone says that nobody edited it.
        """
        if stored.rules != RULES:
            return
        again = folded
        if folded.facts.keys() != stored.facts.keys():
            named = [fact for fact in good if fact.key in stored.facts]
            again = manifest.fold(Manifest(source=self.source), named)
        if sealed.encode(again) != sealed.encode(stored):
            key = layout.manifest(self.source)
            self._find("manifest-edited", key, "it says otherwise than the facts")

    def _originals(self, known: Sequence[Manifest], share: Share) -> None:
        documents = (d for each in known for d in each.documents.values() if d.captures)
        for digest, document in {each.digest: each for each in documents}.items():
            if share.has(digest):
                key = layout.raw(self.source, digest, document.ext)
                self._progress(key)
                self.check(key, digest, document.size_bytes)

    def _strays(self, known: Sequence[Manifest]) -> None:
        documents = [document for each in known for document in each.documents.values()]
        digests = {document.digest for document in documents}
        captured = {layout.raw(self.source, d.digest, d.ext) for d in documents if d.captures}
        seen = {
            layout.page(self.source, p.digest, p.ext) for each in known for p in each.pages.values()
        }
        told = {finding.key for finding in self.report.findings}
        for key in self._listed:
            kind = layout.kind(key)
            if kind == "pages":
                named = key in seen
            elif kind == "previews":
                named = not digests.isdisjoint(key.split("/"))
            elif kind in layout.FACTS:
                named = any(key in each.facts for each in known)
            else:
                named = key in captured
            if not named and key not in told:
                self._find("stray", key, "nobody names it")

    def _find(self, kind: Kind, key: str, detail: str, expected: str | None = None) -> None:
        found = Finding(kind=kind, key=key, detail=detail, expected=expected)
        self.report.findings.append(found)


def strays(objects: Objects, sources: set[str]) -> list[Finding]:
    """Find objects that belong to no source and to no kind that we write."""
    found = []
    for entry in objects.list(""):
        kind = layout.kind(entry.key)
        ours = kind in layout.SHARED or (
            kind in layout.KINDS and layout.source(entry.key) in sources
        )
        if not ours:
            found.append(Finding(kind="stray", key=entry.key, detail="nobody names it"))
    return found
