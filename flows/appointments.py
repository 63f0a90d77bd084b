"""The times of the plan: when each flow is next, and which are due. Pure: no clock, no store."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flows.schedule import PLAN, TIME_ZONE, Planned
from storage.ledger import Manifest, RunSummary

_FARTHEST: Final = timedelta(days=366)
"""The rarest plan is a day of the year."""
_AHEAD: Final = timedelta(days=1)
"""So far an archive's time may run ahead of a clock of which nobody says that it was wrong."""
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_ZONE: Final = ZoneInfo(TIME_ZONE)


def of(source: str) -> tuple[Planned, ...]:
    """Give what is planned for a source."""
    return tuple(planned for planned in PLAN if planned.source == source)


def next_after(planned: Planned, moment: datetime) -> datetime:
    """Give the first time after `moment`, in UTC or whatever zone `moment` is in.

    Raises:
        ValueError: there is none within a year, or the plan is not of our plain kind.
    """
    return _nearest(planned, moment, timedelta(days=1))


def last_before(planned: Planned, moment: datetime) -> datetime:
    """Give the last time at or before `moment`; raises as `next_after`."""
    return _nearest(planned, moment, timedelta(days=-1))


def next_run(source: str, moment: datetime) -> datetime | None:
    """Give when the agency's site is next looked at by the plan; None where none is planned.

    Only Prefect's schedules and `serve` make the further looks that fetch all anew.
    """
    looks = [each for each in of(source) if each.flow == "weekly" and not each.recheck_weeks]
    return min((next_after(each, moment) for each in looks), default=None)


def _nearest(planned: Planned, moment: datetime, step: timedelta) -> datetime:
    day, begins = moment.astimezone(_ZONE).date(), moment.astimezone(_ZONE).date()
    while abs(day - begins) <= _FARTHEST:
        if _is_on(planned, day):
            at = datetime.combine(day, _time(planned), _ZONE).astimezone(moment.tzinfo)
            if (at > moment) if step > timedelta() else (at <= moment):
                return at
        day += step
    raise ValueError(f"{planned.name}: {planned.cron} names no day within a year")


def _time(planned: Planned) -> time:
    minute, hour, *_ = planned.cron.split()
    return time(int(hour), int(minute))


def _is_on(planned: Planned, day: date) -> bool:
    _, _, days, months, weekdays = planned.cron.split()
    weekday = _WEEKDAYS[day.isoweekday() % 7]
    return _has(days, str(day.day)) and _has(months, str(day.month)) and _has(weekdays, weekday)


def _has(field: str, value: str) -> bool:
    return field == "*" or value in field.split(",")


def due(manifests: Mapping[str, Manifest], now: datetime) -> list[Planned]:
    """Give what should have run by now and did not, one of each flow and source.

    The archive says what ran: whoever started it, and wherever. An archive that was never looked
    into is due at once; there is nothing to audit before something is held.

    Args:
        manifests: by source; those that are served.
        now: the time.
    """
    found: dict[tuple[str, str], Planned] = {}
    for planned in PLAN:
        manifest = manifests.get(planned.source)
        if manifest and _is_due(planned, manifest, now):
            # A look that asks for everything anew is also a look.
            known = found.get((planned.source, planned.flow), planned)
            found[planned.source, planned.flow] = known if known.recheck_weeks else planned
    return list(found.values())


def _is_due(planned: Planned, manifest: Manifest, now: datetime) -> bool:
    last = manifest.last_runs.get(planned.flow)
    if planned.recheck_weeks:
        return last is not None and last.started_at < last_before(planned, now)
    if last is None:
        return planned.flow != "audit" or bool(manifest.facts)
    # What the clock said that was set back since says nothing of what ran.
    return last.stopped or last.started_at < last_before(planned, now) or is_ahead(last, now)


def is_ahead(last: RunSummary, now: datetime) -> bool:
    """Whether a run is recorded at a time that is yet to come: the clock was wrong, or is."""
    return last.started_at - now > _AHEAD


def wake(sources: Iterable[str], now: datetime) -> datetime:
    """Give when the plan of these sources next asks for anything.

    Raises:
        ValueError: nothing is planned for them.
    """
    return min(next_after(planned, now) for source in sources for planned in of(source))
