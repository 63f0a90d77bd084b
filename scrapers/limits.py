"""How much a document may ask for before it is refused as `too-large` or `timed-out`."""

from dataclasses import asdict, dataclass

from storage.model import Json

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one reading may use. The defaults fit a report of some thousand pages."""

    memory_bytes: int = 1024 * MIB
    """Address space of the reading process."""
    deadline_s: float = 120.0
    """Wall-clock seconds that any document gets."""
    per_page_s: float = 1.0
    """What each page beyond the hundredth adds to the deadline."""
    longest_s: float = 3600.0
    """What the deadline never exceeds, however many pages a document claims to have."""
    file_bytes: int = 256 * MIB
    stream_bytes: int = 256 * MIB
    """What one compressed stream may expand to."""
    streams_bytes: int = 2048 * MIB
    """What all compressed streams together may expand to."""
    pages: int = 10_000
    page_objects: int = 500_000
    """Texts, paths and images on one page."""
    page_chars: int = 500_000
    output_bytes: int = 256 * MIB
    """Size of the reading itself."""

    def to_json(self) -> Json:
        """Shape: the fields by name."""
        return asdict(self)

    def deadline_for(self, pages: int) -> float:
        """Give the deadline, in seconds, of a document of that many pages."""
        return min(self.deadline_s + self.per_page_s * max(0, pages - 100), self.longest_s)
