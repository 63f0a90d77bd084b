"""What the site sends, down to where it breaks off."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; faults give an altered copy of it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    """Before the first byte."""
    head_drip_s: float = 0.0
    """After each byte of the headers."""
    drip: tuple[int, float] | None = None
    """Send so many bytes at a time, and wait so many seconds after each."""
    cut_at: int | None = None
    """Close the connection after so many bytes of the body."""
    framing: str = "length"
    """`length`, `chunked`, or `close`: how the body's end is told."""
    length: int | None = None
    """A Content-Length other than the true one."""
