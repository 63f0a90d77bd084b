"""Extraction in a process of its own, bounded in memory and time.

A PDF is a program of strangers, and the libraries that run it are written in C. So each document
is read by a fresh interpreter that sees no secrets, may use so much memory and time, and is killed
with all that it started. Whatever it does, the caller gets a `Reading`, or a bug's traceback.

The child writes JSON lines to a file: what parser it is, how many pages there are, the result.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from scrapers.errors import ExtractionBugError
from scrapers.limits import Limits
from scrapers.shelter import sheltered
from storage.model import Json, Reading, Reason

PACKAGES = Path(__file__).resolve().parent.parent
"""Where the child finds this package, installed or not."""
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What of the environment the child is given: nothing that may be a secret."""
TOLD_BYTES = 8192
"""How much of what the child said on standard error is kept."""
_OUT_OF_MEMORY = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL)
"""How pdfium ends when it is given no more memory."""


def read(path: Path, source: str, *, limits: Limits | None = None) -> Reading:
    """Read a document with a source's `extract`, whatever the document may do.

    Args:
        path: the file.
        source: the source's name; with dots, the whole name of a module that defines `SOURCE`.
        limits: how much it may use; the defaults where None.

    Returns:
        The reading; `quarantined` where the document was refused, crashed the reader, or asked for
        too much.

    Raises:
        ExtractionBugError: the source, or this package, has a bug; not the document's doing.
    """
    limits = limits or Limits()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        code, seconds = _run(path, source, limits, out, told)
        lines = _lines(out)
        name = source.rpartition(".")[2]
        blame = _Blame(name, digest, lines)
        if "reading" in lines:
            return Reading.from_json(lines["reading"])
        if "refused" in lines:
            return blame.quarantined(**lines["refused"])
        if code is None or -code == signal.SIGXCPU:
            detail = f"reading was stopped after {seconds:.0f} s"
            return blame.quarantined("timed-out", detail)
        if code < 0:
            return _crashed(blame, signal.Signals(-code), limits)
        told.seek(max(0, told.seek(0, os.SEEK_END) - TOLD_BYTES))
        said = lines.get("bug") or told.read().decode("utf-8", "replace")
        raise ExtractionBugError(name, digest, said)


class _Blame:
    """What is known of a document that gave no reading."""

    def __init__(self, source: str, digest: str, lines: Json) -> None:
        self._source, self._digest, self._lines = source, digest, lines

    def quarantined(self, reason: Reason, detail: str, page: int | None = None) -> Reading:
        """Give the reading of a document that is refused."""
        return Reading(
            source=self._source,
            parser=self._lines.get("parser", 0),
            digest=self._digest,
            pages=self._lines.get("pages"),
            status="quarantined",
            reason=reason,
            detail=detail,
            page=page,
        )


def _crashed(blame: _Blame, died_of: signal.Signals, limits: Limits) -> Reading:
    memory = limits.memory_bytes // 2**20
    if died_of == signal.SIGKILL:  # a person's is like the system's
        found = "the reader was killed (SIGKILL), as by the system for want of memory"
        return blame.quarantined("too-large", f"{found}; its own limit is {memory} MiB")
    if died_of in _OUT_OF_MEMORY:
        detail = f"the reader ran out of memory ({died_of.name}); the limit is {memory} MiB"
        return blame.quarantined("too-large", detail)
    return blame.quarantined("damaged", f"the document crashed its reader ({died_of.name})")


def _run(
    path: Path, source: str, limits: Limits, out: IO[bytes], told: IO[bytes]
) -> tuple[int | None, float]:
    """Run the child; give its exit code (None: stopped at the deadline) and the seconds it took."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    # The child finds what we find, this package first.
    environment["PYTHONPATH"] = os.pathsep.join([str(PACKAGES), *filter(None, sys.path)])
    module = source if "." in source else f"scrapers.sources.{source}"
    task = json.dumps({"path": str(path.absolute()), "module": module, "limits": limits.to_json()})
    started = time.monotonic()
    with sheltered():
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "scrapers.reader", task],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=told,
            env=environment,
            start_new_session=True,
        )
    try:
        code = _waited(child, limits, out, started)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return code, time.monotonic() - started


def _waited(
    child: subprocess.Popen[bytes], limits: Limits, out: IO[bytes], started: float
) -> int | None:
    """Wait until the child ends or its time is over; its pages may have earned it more."""
    deadline = limits.deadline_s
    while True:
        try:
            return child.wait(timeout=max(0.0, started + deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            earned = limits.deadline_for(_lines(out).get("pages") or 0)
            if earned <= deadline:
                return None
            deadline = earned


def _lines(out: IO[bytes]) -> Json:
    """Join the whole lines that the child has written so far; a line cut by its end is left out."""
    size = os.fstat(out.fileno()).st_size
    found: Json = {}
    for line in os.pread(out.fileno(), size, 0).split(b"\n"):
        with contextlib.suppress(json.JSONDecodeError, UnicodeDecodeError):
            found |= json.loads(line)
    return found
