"""The write side: what a run keeps, files, quarantines, decides and writes down, for one source.

Every method writes immutable facts (or raw bytes), looks first whether they are held, and may be
repeated: a run that dies anywhere is run again, and nothing is lost or twice.
"""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import facts, layout, manifest, sealed
from storage.capture import Capture
from storage.digests import base32_sha1
from storage.errors import ParserNotRaisedError
from storage.files import passing, reaching
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.model import SCHEMA, Json, Reading, canonical
from storage.objects import Body, Objects, Put, copy_verified, put_all, sha256_of, size_bytes
from storage.runs import PageSeen, RunPart
from storage.timeline import RefoldError

_ROUNDS = 5
"""How often publishing looks again for another writer's facts before leaving them to the next."""


class Archive:
    """One source's facts in a store, open for writing by one run."""

    def __init__(
        self,
        objects: Objects,
        source: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        known: Manifest | None = None,
    ) -> None:
        """Read what is held, so that the run knows what is new.

        Args:
            objects: the store.
            source: the source's name.
            clock: gives the time. Where it stands behind the newest fact, the whole run's time
                is moved to one second after that fact, and `warnings` says so.
            known: the index to go by; None reads what is held.

        Raises:
            StoreUnreachableError: the store did not answer.
        """
        self.objects = objects
        self.source = source
        self.warnings: list[str] = []
        """What was found wrong and did not keep the run from going on, a sentence each."""
        self.manifest = known or facts.load(objects, source, self._warn)
        self._overlap = facts.overlap(self.manifest)
        self._clock = clock
        self._shift = self._behind(clock())
        self._written_at = self.manifest.newest or datetime.min.replace(tzinfo=UTC)
        self._stamping = threading.Lock()
        self._captured: set[str] = set()
        """Digests of what was kept since the index was read, whether it was taken in or not."""

    def _warn(self, sentence: str) -> None:
        """Say a thing once, however often it is met."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def _behind(self, now: datetime) -> timedelta:
        newest = self.manifest.newest
        if newest is None or now > newest:
            return timedelta()
        said = f"the clock ({now:%Y-%m-%d %H:%M:%S}) stands behind the newest fact in the archive"
        self.warnings.append(f"{said} ({newest:%Y-%m-%d %H:%M:%S}); that time goes on instead")
        return newest + timedelta(seconds=1) - now

    def now(self) -> datetime:
        """Give the time by which this run goes."""
        return self._clock() + self._shift

    def _stamp(self) -> datetime:
        """Give the time of a write: later than every write before it."""
        with self._stamping:
            self._written_at = max(self.now(), self._written_at + timedelta(microseconds=1))
            return self._written_at

    def keep(self, *arrivals: tuple[Capture, Body]) -> list[Fact | None]:
        """Store documents' bytes once, before anyone tries to read them; then what brought them.

        The index stays as it is, so that it may be used meanwhile: `admit` takes the captures in.

        Args:
            arrivals: captures, each with the bytes that it brought, of which `digest` tells. Their
                `sha1` is taken down here, and only of what is new.

        Returns:
            Of each the fact that the capture was written as; None where one was held.

        Raises:
            FixityError: a body is not its capture's `digest`.
            StoreUnreachableError: the store did not take something; what it took is held.
        """
        new: dict[str, tuple[Capture, Body]] = {}
        for capture, body in arrivals:
            if not self._has(capture.digest):
                new.setdefault(capture.digest, (capture, body))
        raws = [
            Put(key=layout.raw(self.source, digest, capture.ext), body=body, sha256=digest)
            for digest, (capture, body) in new.items()
        ]
        raws = [raw for raw in raws if not self._is_stored(raw)]
        written = {digest: self._capture(*arrival) for digest, arrival in new.items()}
        put_all(self.objects, raws, [put for put, _ in written.values()])
        self._captured |= new.keys()
        return [written.pop(c.digest)[1] if c.digest in written else None for c, _ in arrivals]

    def _has(self, digest: str) -> bool:
        known = self.manifest.documents.get(digest)
        return digest in self._captured or (known is not None and bool(known.captures))

    def _is_stored(self, raw: Put) -> bool:
        """Whether a run that died before it wrote the capture left the bytes, and whole."""
        found = self.objects.find(raw.key)
        if found is None or found.size_bytes != size_bytes(raw.body):
            return False
        return sha256_of(self.objects, raw.key) == raw.sha256

    def _capture(self, capture: Capture, brought: Body) -> tuple[Put, Fact]:
        capture = replace(capture, sha1=base32_sha1(brought))
        key = layout.capture(self.source, self._stamp(), capture.digest)
        body = canonical(capture.to_json())
        put = Put(key=key, body=body, sha256=hashlib.sha256(body).hexdigest())
        return put, manifest.captured(key, put.sha256, capture)

    def admit(self, *facts: Fact | None) -> None:
        """Take what `keep` wrote into the index."""
        self.manifest = self._folded(*filter(None, facts))

    def page(self, seen: PageSeen, body: bytes) -> None:
        """Store a listing page, or robots.txt, once.

        Raises:
            FixityError: `body` is not `seen.digest`; nothing was stored.
            StoreUnreachableError: the store did not take it.
        """
        key = layout.page(self.source, seen.digest, seen.ext)
        if self.objects.find(key) is None:
            self.objects.put(key, body, sha256=seen.digest)
        self.manifest = self._folded(Fact(key=key, sha256=seen.digest, body={}))

    def file(self, reading: Reading) -> str:
        """Store what was read from a document; give its key.

        Where it was lost or damaged, reading the document again puts it back.

        Raises:
            ParserNotRaisedError: the same parser read it differently before.
            StoreUnreachableError: the store did not take it.
        """
        key = layout.table(self.source, reading.digest, reading.parser)
        body = canonical(reading.to_json(), sort=False)
        fact = manifest.fact(key, body)
        is_held = self.adopt(reading.digest, reading.parser)
        if self.manifest.facts.get(key, fact.sha256) != fact.sha256:
            raise ParserNotRaisedError(key)
        if not is_held:
            self._put(fact, body)
        return key

    def adopt(self, digest: str, parser: int) -> bool:
        """Take in what the parser read from the document, if it is held.

        A run that died may have filed it and told nobody.

        Returns:
            Whether it is held, as it was recorded where it was.

        Raises:
            StoreUnreachableError: the store did not answer.
        """
        document = self.manifest.documents.get(digest)
        if document and parser in document.tables:
            return True
        key = layout.table(self.source, digest, parser)
        return self.objects.find(key) is not None and self.take(key)

    def take(self, key: str) -> bool:
        """Take in a fact that somebody else wrote; give whether it is there as it was recorded.

        Raises:
            StoreUnreachableError: the store did not answer.
        """
        found = facts.fact(self.objects, key, sha256=self.manifest.facts.get(key), warn=self._warn)
        if found:
            self.manifest = self._folded(found)
        return found is not None

    def quarantine(self, reading: Reading, limits: Json) -> str:
        """Write down why a document was refused; its bytes stay where they are. Give the key.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        key = layout.quarantine(self.source, self._stamp(), reading.digest, reading.parser)
        body = canonical({**reading.to_json(), "limits": limits})
        self._put(manifest.fact(key, body), body)
        return key

    def decide(self, digest: str, kind: str, *, why: str, who: str, parser: int | None) -> str:
        """Write down what a person decided about a document; give the key.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        key = layout.decision(self.source, self._stamp(), digest)
        said: Json = {"schema": SCHEMA, "digest": digest, "kind": kind, "why": why, "who": who}
        body = canonical({**said, "parser": parser})
        self._put(manifest.fact(key, body), body)
        return key

    def record(self, part: RunPart) -> str:
        """Write down one part of the run's record; give its key.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        key = layout.run(self.source, self._stamp(), part.run, part.part)
        body = canonical(part.to_json())
        # Not as read back: what the index knows by then of the same documents is shared.
        self._put(manifest.recorded(key, hashlib.sha256(body).hexdigest(), part), body)
        return key

    @contextmanager
    def original(self, digest: str, ext: str) -> Generator[Path]:
        """Give a held document as a local file, verified, for as long as the block lasts.

        Raises:
            FixityError: no version of it has its digest any more.
            MissingError: it is not there at all.
        """
        key = layout.raw(self.source, digest, ext)
        with tempfile.TemporaryDirectory(prefix="recordkeep-") as folder:
            path = Path(folder) / f"document.{ext}"
            with passing(path) as file:
                warning = copy_verified(self.objects, key, digest, file)
            if warning:
                self._warn(warning)
            yield path

    def publish(self) -> Manifest:
        """Fold what was written, by this run and by others, and replace the manifest.

        Raises:
            StoreUnreachableError: the store did not answer.
        """
        stored: Manifest | None = None
        for _ in range(_ROUNDS):
            known = facts.refresh(self.objects, self.manifest, self._overlap, self._warn)
            if known is stored:
                break
            self._replace_manifest(known)
            stored = self.manifest = known
        return self.manifest

    def _replace_manifest(self, known: Manifest) -> None:
        found = hashlib.sha256()
        folder = tempfile.gettempdir()
        with reaching(folder), tempfile.NamedTemporaryFile(prefix="recordkeep-") as file:
            for piece in sealed.pieces(known):
                found.update(piece)
                file.write(piece)
            file.flush()
            key = layout.manifest(self.source)
            self.objects.put(key, Path(file.name), sha256=found.hexdigest())

    def _put(self, fact: Fact, body: bytes) -> None:
        """Store a fact and take it in, so that the run goes on from what it has done.

        It is folded first: what cannot be would stand in every later run's way for ever.
        """
        folded = self._folded(fact)
        self.objects.put(fact.key, body, sha256=fact.sha256)
        self.manifest = folded

    def _folded(self, *fresh: Fact) -> Manifest:
        try:
            return manifest.fold(self.manifest, fresh)
        except RefoldError:
            return facts.refold(
                self.objects, self.source, known=self.manifest, fresh=fresh, warn=self._warn
            )
