"""Where the marks of the small charts stand; the templates draw them as SVG.

All places are in thousandths of the chart's width and height, from its upper left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from storage.ledger import Manifest
from storage.site.events import told_spans

_WIDE = 1000.0
_BAR_SHARE = 0.7
_THINNEST, _THICKEST = 2.0, 40.0
_OPEN_SHARE = 0.12
"""How much of a time line stands for the time since the last change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One edition's number of records."""

    x: float
    width: float
    y: float
    height: float
    is_revised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """How many records of one table each edition has."""

    table: str
    most: int
    first: str
    last: str
    """First and last edition."""
    bars: tuple[Bar, ...]

    def path(self, *, is_revised: bool) -> str:
        """Draw the bars of one kind as one path."""
        return "".join(
            f"M{bar.x:g} {bar.y:g}h{bar.width:g}v{bar.height:g}h{-bar.width:g}z"
            for bar in self.bars
            if bar.is_revised == is_revised
        )


def bars(manifest: Manifest, tables: Sequence[str]) -> list[Bars]:
    """Give a chart for each table, over all editions; none where nothing is to be compared."""
    held = [(e, manifest.latest(e)) for e in manifest.by_edition]
    read = [(e, d.table.counts) for e, d in held if d and d.table]
    if len(read) < 2:  # noqa: PLR2004 - a chart compares
        return []
    places, width = _places([edition for edition, _ in read])
    revised = {e for e, _ in read if len(manifest.versions(e)) > 1}
    found = []
    for table in tables:
        counts = [tally.get(table, 0) for _, tally in read]
        most = max(counts)
        if not most:
            continue
        drawn = tuple(
            Bar(
                x=round(x, 2),
                width=round(width, 2),
                y=round(_WIDE * (1 - count / most), 2),
                height=round(_WIDE * count / most, 2),
                is_revised=edition in revised,
            )
            for (edition, _), x, count in zip(read, places, counts, strict=True)
        )
        first, last = read[0][0], read[-1][0]
        found.append(Bars(table=table, most=most, first=first, last=last, bars=drawn))
    return found


def _places(editions: Sequence[str]) -> tuple[list[float], float]:
    """Place editions by their dates, so that silences show; evenly where they bear none."""
    try:
        days = [date.fromisoformat(edition).toordinal() for edition in editions]
    except ValueError:
        days = list(range(len(editions)))
    gap = min(max(1, late - early) for early, late in pairwise(days))
    whole = days[-1] - days[0]
    width = min(max(_BAR_SHARE * gap / (whole + gap) * _WIDE, _THINNEST), _THICKEST)
    return [(day - days[0]) / max(whole, 1) * (_WIDE - width) for day in days], width


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An unbroken time in which one thing was seen."""

    lane: int
    """The version's number; 0 for the time after a removal."""
    x: float
    width: float
    is_open: bool
    """Whether it is what was seen last; its end is then not drawn as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """When each version of an edition was seen."""

    first: datetime
    last: datetime
    """The first sighting, and the last change."""
    lanes: int
    has_removal: bool
    stretches: tuple[Stretch, ...]


def time_line(manifest: Manifest, edition: str) -> TimeLine | None:
    """Place an edition's sightings; None where it was never seen."""
    numbers = {v.document.digest: v.number for v in manifest.versions(edition)}
    spans = [s for s in told_spans(manifest, edition) if s.state != "seen" or s.digest in numbers]
    if not spans or not numbers:
        return None
    first = spans[0].first
    last = max(spans[-1].first, *(span.last for span in spans[:-1])) if spans[1:] else first
    whole = max((last - first) / (1 - _OPEN_SHARE), timedelta(hours=1))

    def place(at: datetime) -> float:
        return round((at - first) / whole * _WIDE, 2)

    return TimeLine(
        first=first,
        last=last,
        lanes=len(numbers),
        has_removal=any(span.state != "seen" for span in spans),
        stretches=tuple(
            Stretch(
                lane=numbers.get(span.digest or "", 0),
                x=place(span.first),
                width=round(
                    (_WIDE if span is spans[-1] else place(span.last)) - place(span.first), 2
                ),
                is_open=span is spans[-1],
            )
            for span in spans
        ),
    )
