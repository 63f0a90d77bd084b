"""Where redirects led that the Wayback Machine captured: asked for once, and known since. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.archived import captured_at
from storage.model import Json

Targets = Mapping[str, str | None]
"""Timestamp of a capture -> where it led; None where that was no address of the agency's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One captured redirect, as it was played back."""

    url: str
    """The address as captured."""
    timestamp: str
    """14 digits, UTC."""
    target: str | None
    """Where it led; None where that was no address of the agency's."""

    def to_json(self) -> Json:
        """Shape: the fields by name."""
        return {"url": self.url, "timestamp": self.timestamp, "target": self.target}

    @classmethod
    def from_json(cls, value: Json) -> "Redirect":
        """Read what `to_json` wrote.

        Raises:
            ValueError: the timestamp is none.
        """
        captured_at(value["timestamp"])
        return cls(**value)


def fold(known: Mapping[str, Targets], fresh: Iterable[Redirect]) -> dict[str, Targets]:
    """Take further redirects in; of two targets of one capture the same one stands in any order."""
    found = dict(known)
    for each in fresh:
        targets = found.get(each.url, {})
        told = [targets.get(each.timestamp), each.target]
        best = min((target for target in told if target), default=None)
        found[each.url] = {**targets, each.timestamp: best}
    return found
