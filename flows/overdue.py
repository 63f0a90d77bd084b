"""Should the agency have published something by now? By its own word, as the source cites it."""

from datetime import date, datetime, timedelta

from scrapers.source import Cadence

GRACE = 2
"""Something is overdue when nothing new came for so many times the interval: ICE's second weekly
report came nine days after the first (2017-03-29)."""


def due_on(
    cadence: tuple[Cadence, ...], last_new_at: datetime | None, now: datetime
) -> date | None:
    """Give the last day on which something new is in time; None in a known silence.

    Args:
        cadence: what the source states.
        last_new_at: when something was last new; None if nothing ever was, and then the interval
            counts from the day on which the cadence began.
        now: the time, which decides which cadence holds.
    """
    begun = [each for each in cadence if each.since <= now.date()]
    if not begun or begun[-1].every_days is None:
        return None
    since = begun[-1].since
    if last_new_at is not None:
        since = max(since, last_new_at.date())
    return since + timedelta(days=begun[-1].every_days * GRACE)


def is_overdue(cadence: tuple[Cadence, ...], last_new_at: datetime | None, now: datetime) -> bool:
    """Say whether that day is past."""
    due = due_on(cadence, last_new_at, now)
    return due is not None and now.date() > due
