"""Captures as the Wayback Machine lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_TIMESTAMP = "%Y%m%d%H%M%S"


def captured_at(timestamp: str) -> datetime:
    """Read the Archive's 14 digits.

    Raises:
        ValueError: they are no time.
    """
    return datetime.strptime(timestamp, _TIMESTAMP).replace(tzinfo=UTC)


def timestamp(at: datetime) -> str:
    """Write a time as the Archive does, to the second: text order is time order."""
    return f"{at.astimezone(UTC):{_TIMESTAMP}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MementoRef:
    """Captures of the Archive: of one address, with one CDX digest."""

    url: str
    """The address as captured."""
    digest: str
    """Their CDX digest; empty for captures of an absence (404, 410)."""
    timestamps: tuple[str, ...]
    """14 digits each, UTC, in order of time."""
    confirmed: bool = False
    """Whether bytes were played back that have this CDX digest."""

    def to_json(self) -> dict[str, Any]:
        """Shape: the fields by name."""
        shown: dict[str, Any] = {"url": self.url, "digest": self.digest}
        shown["timestamps"] = list(self.timestamps)
        return shown | ({"confirmed": True} if self.confirmed else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "MementoRef":
        """Read what `to_json` wrote.

        Raises:
            ValueError: a timestamp is none.
        """
        for timestamp in value["timestamps"]:
            captured_at(timestamp)
        return cls(**{**value, "timestamps": tuple(value["timestamps"])})
