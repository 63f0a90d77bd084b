"""Times as HTTP's headers tell them (RFC 9110 §5.6.7). Standard library only, as the vocabulary."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(told: str | None) -> datetime | None:
    """Read a Date, Last-Modified, Retry-After or Memento-Datetime; None where it is no time.

    Whoever answers may write anything there: a year of eleven digits, or a zone that leads out
    of the calendar. Without a zone it is UTC, as HTTP has it.
    """
    try:
        read = parsedate_to_datetime(told or "")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
