"""Every object key, and nobody else builds one.

    raw/<source>/<digest>.<ext>                          the document's bytes
    captures/<source>/<time>-<digest>.json               the capture that brought new bytes
    pages/<source>/<digest>.<ext>                        a listing page (or robots.txt) as seen
    tables/<source>/<digest>.<parser>.json               what was read from it
    previews/<source>/<digest>/<page>.png                page images
    quarantine/<source>/<time>-<digest>.<parser>.json    why it was refused
    decisions/<source>/<time>-<digest>.json              what a person decided
    runs/<source>/<time>-<run>.<part>.json               what a run observed
    manifests/<source>.json                              the index: the fold of the above
    datasets/<source>/…                                  records of all versions
    site/…                                               the catalogue
    metrics/<source>.prom                                the last run's figures
    doctor/round-trip.txt                                what `doctor` writes and reads back

`<time>` is when the object was written, `20170320T140000.000000Z`: text order is time order, and
what was written since a day can be listed. All keys are ASCII; the last four kinds and the
manifest are replaced, all others are written once.
"""

import re
from datetime import UTC, datetime

FACTS = ("captures", "pages", "tables", "quarantine", "decisions", "runs")
"""Kinds of object that the manifest is a fold over."""

TIMED = ("captures", "quarantine", "decisions", "runs")
"""Those of them whose keys begin with the time of writing."""

KINDS = (*FACTS, "raw", "previews", "manifests", "datasets", "metrics")
"""Kinds of object whose keys name a source."""

SHARED = ("site", "doctor")
"""Kinds that are of all sources together."""

_TIME = "%Y%m%dT%H%M%S.%fZ"
_STAMP = re.compile(r"/(\d{8}T\d{6}\.\d{6}Z)-")
_SOURCE = r"([a-z0-9_]+)"
_NAMING = re.compile(
    rf"manifests/{_SOURCE}\.json|metrics/{_SOURCE}\.prom|(?!manifests/|metrics/)[a-z]+/{_SOURCE}/.+",
    re.DOTALL,
)
_FACT = re.compile(
    rf"(?:captures|quarantine|decisions|runs)/{_SOURCE}/\d{{8}}T\d{{6}}\.\d{{6}}Z-[A-Za-z0-9._-]+\.json"
    rf"|tables/{_SOURCE}/[0-9a-f]{{64}}\.\d+\.json|pages/{_SOURCE}/[0-9a-f]{{64}}\.[a-z0-9]+"
)
_PREVIEW = re.compile(rf"previews/{_SOURCE}/[0-9a-f]{{64}}/[1-9]\d*\.png", re.ASCII)
_DIGEST = re.compile(r"\b([0-9a-f]{64})\b")
_SAFE = re.compile(r"[A-Za-z0-9._/-]+")


def _key(*parts: str) -> str:
    """Join, and refuse what is no plain ASCII key (names never come unchecked from outside)."""
    key = "/".join(parts)
    if not is_plain(key):
        raise ValueError(f"{key!r} is no object key")
    return key


def is_plain(key: str) -> bool:
    """Whether a key is plain ASCII, as all of ours are."""
    return _SAFE.fullmatch(key) is not None and ".." not in key


def stamp(at: datetime) -> str:
    """Write a time as it stands in keys."""
    return at.astimezone(UTC).strftime(_TIME)


def written_at(key: str) -> datetime:
    """Read the time of writing from the key of a timed object.

    Raises:
        ValueError: the key bears no time.
    """
    found = _STAMP.search(key)
    if not found:
        raise ValueError(f"{key} bears no time")
    return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)


def raw(source: str, digest: str, ext: str) -> str:
    """Key of a document's bytes."""
    return _key("raw", source, f"{digest}.{ext}")


def capture(source: str, at: datetime, digest: str) -> str:
    """Key of a capture written at `at`."""
    return _key("captures", source, f"{stamp(at)}-{digest}.json")


def page(source: str, digest: str, ext: str) -> str:
    """Key of a listing page's bytes, or robots.txt's."""
    return _key("pages", source, f"{digest}.{ext}")


def table(source: str, digest: str, parser: int) -> str:
    """Key of what one parser read from one document."""
    return _key("tables", source, f"{digest}.{parser}.json")


def preview(source: str, digest: str, page_number: int) -> str:
    """Key of the image of one page, from 1."""
    return _key("previews", source, digest, f"{page_number}.png")


def is_preview(key: str) -> bool:
    """Whether a key is one of a page's image."""
    return _PREVIEW.fullmatch(key) is not None


def quarantine(source: str, at: datetime, digest: str, parser: int) -> str:
    """Key of a refusal written at `at`."""
    return _key("quarantine", source, f"{stamp(at)}-{digest}.{parser}.json")


def decision(source: str, at: datetime, digest: str) -> str:
    """Key of a person's decision written at `at`."""
    return _key("decisions", source, f"{stamp(at)}-{digest}.json")


def run(source: str, at: datetime, run_id: str, part: int) -> str:
    """Key of one part of a run's record, parts from 1."""
    return _key("runs", source, f"{stamp(at)}-{run_id}.{part}.json")


def manifest(source: str) -> str:
    """Key of a source's index."""
    return _key("manifests", f"{source}.json")


def dataset(source: str, name: str) -> str:
    """Key of one file of a source's datasets."""
    return _key("datasets", source, name)


def metrics(source: str) -> str:
    """Key of the figures of a source's last run."""
    return _key("metrics", f"{source}.prom")


def site(*parts: str) -> str:
    """Key of one file of the catalogue's web pages."""
    return _key("site", *parts)


def round_trip() -> str:
    """Key of what `doctor` writes and reads back."""
    return _key("doctor", "round-trip.txt")


def kind(key: str) -> str:
    """Give the first part of a key, as `raw` or `captures`."""
    return key.split("/", 1)[0]


def prefix(kind_: str, source: str) -> str:
    """Give what all keys of one kind and source begin with."""
    return _key(kind_, f"{source}/")


def digest(key: str) -> str:
    """Read the digest out of a key that bears one.

    Raises:
        ValueError: it bears none.
    """
    found = _DIGEST.search(key)
    if not found:
        raise ValueError(f"{key} bears no digest")
    return found[1]


def is_source(name: str) -> bool:
    """Whether a source may be called so."""
    return re.fullmatch(_SOURCE, name) is not None


def is_fact(key: str) -> bool:
    """Whether a key is one of a fact's: what else stands among facts was put there by others."""
    return _FACT.fullmatch(key) is not None


def source(key: str) -> str | None:
    """Give the source that a key of one of `KINDS` names; None where no such key is ours.

    What people and their tools leave beside our files, as `manifests/ice_ddor (copy).json`, names
    no source.
    """
    found = _NAMING.fullmatch(key)
    return found[found.lastindex or 0] if found else None
