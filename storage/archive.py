"""The write side: what a run keeps, files, quarantines, decides and writes down, for one source.

Every method writes immutable facts (or raw bytes), looks first whether they are held, and may be
repeated: a run that dies anywhere is run again, and nothing is lost or twice.
"""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import facts, layout, manifest, sealed
from storage.errors import ParserNotRaisedError
from storage.files import reaching
from storage.ledger import Manifest
from storage.manifest import Fact
from storage.model import SCHEMA, Capture, Json, Reading, canonical
from storage.objects import Body, Objects, Put, copy_verified, put_all, size_bytes
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
            FixityError: a fact is not readable.
            StoreUnreachableError: the store did not answer.
        """
        self.objects = objects
        self.source = source
        self.manifest = known or facts.load(objects, source)
        self.warnings: list[str] = []
        self._clock = clock
        self._shift = self._behind(clock())
        self._written_at = self.manifest.newest or datetime.min.replace(tzinfo=UTC)
        self._stamping = threading.Lock()
        self._captured: set[str] = set()
        """Digests of what was kept since the index was read, whether it was taken in or not."""

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
            arrivals: captures, each with the bytes that it brought, of which `digest` tells.

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
        written = {digest: self._capture(capture) for digest, (capture, _) in new.items()}
        put_all(self.objects, raws, [put for put, _ in written.values()])
        self._captured |= new.keys()
        return [written.pop(c.digest)[1] if c.digest in written else None for c, _ in arrivals]

    def _has(self, digest: str) -> bool:
        known = self.manifest.documents.get(digest)
        return digest in self._captured or (known is not None and bool(known.captures))

    def _is_stored(self, raw: Put) -> bool:
        found = self.objects.find(raw.key)
        return found is not None and found.size_bytes == size_bytes(raw.body)

    def _capture(self, capture: Capture) -> tuple[Put, Fact]:
        key = layout.capture(self.source, self._stamp(), capture.digest)
        body = canonical(capture.to_json())
        put = Put(key=key, body=body, sha256=hashlib.sha256(body).hexdigest())
        return put, manifest.captured(key, put.sha256, capture)

    def admit(self, *facts: Fact | None) -> None:
        """Take what `keep` wrote into the index."""
        self._fold(*filter(None, facts))

    def page(self, seen: PageSeen, body: bytes) -> None:
        """Store a listing page, or robots.txt, once.

        Raises:
            FixityError: `body` is not `seen.digest`; nothing was stored.
            StoreUnreachableError: the store did not take it.
        """
        key = layout.page(self.source, seen.digest, seen.ext)
        if self.objects.find(key) is None:
            self.objects.put(key, body, sha256=seen.digest)
        self._fold(Fact(key=key, sha256=seen.digest, body={}))

    def file(self, reading: Reading) -> str:
        """Store what was read from a document; give its key.

        Raises:
            ParserNotRaisedError: the same parser read it differently before.
            StoreUnreachableError: the store did not take it.
        """
        key = layout.table(self.source, reading.digest, reading.parser)
        body = canonical(reading.to_json(), sort=False)
        if not self.adopt(reading.digest, reading.parser):
            self._put(key, body)
        elif self.objects.get(key) != body:
            raise ParserNotRaisedError(key)
        return key

    def adopt(self, digest: str, parser: int) -> bool:
        """Take in what the parser read from the document, if it is held.

        A run that died may have filed it and told nobody.

        Returns:
            Whether it is held.
        """
        key = layout.table(self.source, digest, parser)
        if key in self.manifest.facts:
            return True
        return self.filed(digest, parser) is not None and self.take(key)

    def filed(self, digest: str, parser: int) -> str | None:
        """Give the key of what the parser read from the document; None if that is not held.

        Raises:
            StoreUnreachableError: the store did not answer.
        """
        key = layout.table(self.source, digest, parser)
        return key if self.objects.find(key) else None

    def take(self, key: str) -> bool:
        """Take in a fact that somebody else wrote; give whether it is there.

        Raises:
            FixityError: it is not readable as what its key says.
            StoreUnreachableError: the store did not answer.
        """
        if key in self.manifest.facts:
            return True
        found = facts.fact(self.objects, key)
        if found:
            self._fold(found)
        return found is not None

    def quarantine(self, reading: Reading, limits: Json) -> str:
        """Write down why a document was refused; its bytes stay where they are. Give the key.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        key = layout.quarantine(self.source, self._stamp(), reading.digest, reading.parser)
        self._put(key, canonical({**reading.to_json(), "limits": limits}))
        return key

    def decide(self, digest: str, kind: str, *, why: str, who: str, parser: int | None) -> str:
        """Write down what a person decided about a document; give the key.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        key = layout.decision(self.source, self._stamp(), digest)
        said: Json = {"schema": SCHEMA, "digest": digest, "kind": kind, "why": why, "who": who}
        self._put(key, canonical({**said, "parser": parser}))
        return key

    def record(self, part: RunPart) -> str:
        """Write down one part of the run's record; give its key.

        Raises:
            StoreUnreachableError: the store did not take it.
        """
        key = layout.run(self.source, self._stamp(), part.run, part.part)
        body = canonical(part.to_json())
        sha256 = hashlib.sha256(body).hexdigest()
        self.objects.put(key, body, sha256=sha256)
        # Not as read back: what the index knows by then of the same documents is shared.
        self._fold(manifest.recorded(key, sha256, part))
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
            with path.open("w+b") as file:
                warning = copy_verified(self.objects, key, digest, file)
            if warning:
                self.warnings.append(warning)
            yield path

    def publish(self) -> Manifest:
        """Fold what was written, by this run and by others, and replace the manifest.

        Raises:
            FixityError: a fact is not readable.
            StoreUnreachableError: the store did not answer.
        """
        stored: Manifest | None = None
        for _ in range(_ROUNDS):
            known = facts.refresh(self.objects, self.manifest)
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

    def _put(self, key: str, body: bytes) -> None:
        """Store a fact and fold it at once, so that the run goes on from what it has done."""
        sha256 = hashlib.sha256(body).hexdigest()
        self.objects.put(key, body, sha256=sha256)
        self._fold(manifest.fact(key, body))

    def _fold(self, *fresh: Fact) -> None:
        try:
            self.manifest = manifest.fold(self.manifest, fresh)
        except RefoldError:
            self.manifest = facts.refold(self.objects, self.source, known=self.manifest)
