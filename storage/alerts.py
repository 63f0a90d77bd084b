"""What a person was told, as a run's record and the manifest keep it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from storage.model import Json, iso, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One event that a run told of, or tried to."""

    key: str
    """Names the event: what kind, and what it is about. What has the same key is told once."""
    at: datetime
    """When it was first to be told."""
    text: str
    """What happened, in a sentence."""
    section: str | None = None
    """Of the RUNBOOK, where a person must see to it; None for news."""
    edition: str | None = None
    grave: int = 0
    """It is told again when this rises."""
    owed: tuple[int, ...] = ()
    """Which addresses of the setting, from 1, did not take it: the next run tries again."""
    over: bool = False
    """Nothing was told but that it no longer is: should it come back, it is told anew."""

    def to_json(self) -> Json:
        """Shape: the fields by name; what says nothing is left out."""
        shown: Json = {"key": self.key, "at": iso(self.at), "text": self.text}
        for name in ("section", "edition", "grave", "over"):
            if getattr(self, name):
                shown[name] = getattr(self, name)
        return shown | ({"owed": list(self.owed)} if self.owed else {})

    @classmethod
    def from_json(cls, value: Json) -> "Alert":
        """Read what `to_json` wrote."""
        parsed = {"at": moment(value["at"]), "owed": tuple(value.get("owed", ()))}
        return cls(**value | parsed)


def fold(known: Mapping[str, Alert], told: Iterable[Alert]) -> dict[str, Alert]:
    """Keep of each event what was told of it last; the order of folding does not matter.

    What is tried again keeps its time: of two of one time, the one that is owed to fewer is later.
    """
    last = dict(known)
    for alert in told:
        both = (last.get(alert.key, alert), alert)
        last[alert.key] = max(both, key=lambda each: (each.at, -len(each.owed), str(each)))
    return last


def ended(alert: Alert, at: datetime) -> Alert:
    """Say of an event that it no longer is."""
    return replace(alert, at=at, grave=0, owed=(), over=True)
