"""What the replica holds: captures, and how the Archive lists them."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

REVISIT = "warc/revisit"


@dataclass(slots=True, kw_only=True)
class Capture:
    """One capture. Alter it freely."""

    url: str
    at: datetime
    body: bytes
    status: int
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)
    """What the agency sent, names in lower case."""
    is_revisit: bool = False
    """Whether the index lists it as `warc/revisit`, with the digest of the first."""
    is_played: bool = True
    """Whether playback gives it; else it answers 404."""
    leads_to: datetime | None = None
    """Another capture to which playback redirects."""
    digest: str = ""
    """What the index says; by default that of the body."""

    @property
    def timestamp(self) -> str:
        """Its time as 14 digits."""
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def fields(self) -> dict[str, str]:
        """Its row in the index."""
        return {
            "urlkey": urlkey(self.url),
            "timestamp": self.timestamp,
            "original": self.url,
            "mimetype": REVISIT if self.is_revisit else self.media_type,
            "statuscode": "-" if self.is_revisit else str(self.status),
            "digest": self.digest,
            "length": str(500 + len(self.body) // (50 if self.is_revisit else 2)),
        }


def urlkey(url: str) -> str:
    """Give the index's key of an address: `gov,ice)/doclib/ddor/a.pdf`."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    query = f"?{parts.query.lower()}" if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}){parts.path.lower() or '/'}{query}"


def cdx_digest(body: bytes) -> str:
    """Give the base32 SHA-1 of a body."""
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
