"""What of requirements.lock an installation needs: `runtime_lock.py requirements.lock [ROOT …]`.

The lock holds the tools of development too, and says of each package what it came in by. Prints
the entries, with their hashes, that the package itself brings in, or those that the named roots do.
"""  # noqa: INP001 - a script for the image's build, where nothing is installed yet

import re
import sys
from pathlib import Path

OURS = "recordkeep (pyproject.toml)"
_ENTRY = re.compile(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", re.MULTILINE | re.DOTALL)
_VIA = re.compile(r"^    #(?: via)? +(\S.*)$", re.MULTILINE)


def entries(lock: str) -> dict[str, str]:
    """Name -> its lines; a package that is locked for several platforms has several entries."""
    found: dict[str, str] = {}
    for entry in _ENTRY.findall(lock):
        name = entry.partition("==")[0]
        found[name] = found.get(name, "") + entry
    return found


def needed(found: dict[str, str], roots: set[str]) -> set[str]:
    """Those that are roots, or came in by one that is needed."""
    chosen = {
        name for name, entry in found.items() if name in roots or roots & set(_VIA.findall(entry))
    }
    while True:
        more = {n for n, entry in found.items() if chosen & set(_VIA.findall(entry))} - chosen
        if not more:
            return chosen
        chosen |= more


if __name__ == "__main__":
    lock = entries(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.writelines(lock[name] for name in needed(lock, set(sys.argv[2:]) or {OURS}))
