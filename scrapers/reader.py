"""The process that reads one document, and ends: what `scrapers.sandbox` starts.

Prints JSON lines on standard output: `{"parser": 1}`, `{"pages": 35}`, then `{"reading": …}`,
`{"refused": {"reason": …, "detail": …, "page": …}}` or `{"bug": "Traceback …"}`.
"""

import errno
import gc
import importlib
import json
import os
import resource
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from scrapers.errors import RefusedError
from scrapers.limits import Limits
from storage.model import Json, Reading

LIBRARIES = ("pdfminer", "pdfplumber")
"""What these raise, a document made them raise."""
GRACE_S = 5
"""CPU seconds beyond the deadline: the parent should end us first."""


_told: Json = {}


def _tell(**parts: object) -> None:
    """Write one line at once, so that it is there even if what follows kills this process."""
    _told.update(parts)
    left = json.dumps(parts).encode() + b"\n"
    while left:  # at the limit of the file's size, only a part is written, and then nothing
        left = left[os.write(_told_to, left) :]


def _bound(limits: Limits) -> None:
    """Give up the right to more memory, time and disk than the limits say, and to core dumps."""
    cpu = int(limits.longest_s) + GRACE_S
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def _read(task: Json, limits: Limits) -> Reading:
    # Imported under the limits, and only what this source needs.
    from scrapers.pdf import Document  # noqa: PLC0415 - see above

    source = importlib.import_module(task["module"]).SOURCE
    _tell(parser=source.parser)
    with Document(Path(task["path"]), limits=limits) as document:
        _tell(pages=document.page_count)
        reading: Reading = source.extract(document)
        notes = tuple(note for note in document.notes if note not in reading.notes)
        return replace(
            reading,
            notes=reading.notes + notes,
            pages=reading.pages or document.page_count,
            text_digest=reading.text_digest or document.text_digest(),
        )


def _is_the_documents(trace: TracebackType | None) -> bool:
    """Whether an exception came out of a library that was reading the document."""
    return any(
        frame.f_globals.get("__name__", "").split(".")[0] in LIBRARIES
        for frame, _ in traceback.walk_tb(trace)
    )


def _refuse(reason: str, detail: str, page: int | None = None) -> None:
    _tell(refused={"reason": reason, "detail": detail, "page": page})


def _begin_again() -> None:
    """Make room where the file is full of a reading that did not fit."""
    os.ftruncate(_told_to, 0)
    os.lseek(_told_to, 0, os.SEEK_SET)
    _tell(**{name: value for name, value in _told.items() if name != "reading"})


def main(task: Json) -> None:
    """Read the document that the task names, and tell how it went."""
    limits = Limits(**task["limits"])
    _bound(limits)
    # What is read hangs together in no circles and stays until the end of this process: looking for
    # garbage among it took a tenth of the time of a long document.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        _tell(reading=_read(task, limits).to_json())
    except RefusedError as error:
        _refuse(error.reason, error.detail, error.page)
    except MemoryError:
        _refuse("too-large", f"reading needs more than {limits.memory_bytes // 2**20} MiB")
    except Exception as error:  # noqa: BLE001 - the last resort of this process: told, not swallowed
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            _begin_again()
            _refuse("too-large", f"the reading is larger than {limits.output_bytes} bytes")
        elif _is_the_documents(error.__traceback__):
            _refuse("damaged", f"the document broke its reader: {type(error).__name__}: {error}")
        else:
            _tell(bug=traceback.format_exc())


_told_to = sys.stdout.fileno() if __name__ != "__main__" else os.dup(1)

if __name__ == "__main__":
    os.dup2(2, 1)  # what a library prints must not get among our lines
    main(json.loads(sys.argv[1]))
