"""What a person is told, and whether it arrived. The only module that imports apprise.

Addresses hold passwords: they come from the setting, go to apprise, and are named to nobody
else but by their place in the setting and their kind, as `address 2 (mailto)`.
"""

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final

from flows import events, remedies
from flows.endings import is_told, was_told
from flows.events import Seen
from flows.letters import Letter, letter
from flows.settings import settings
from storage.alerts import Alert

if TYPE_CHECKING:
    from storage.ledger import Manifest, RunSummary

DEADLINE_S = 60.0
"""An address that has not taken a message after this is given up for this run."""
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20})://")
_PARTING: Final = re.compile(r",*\s[\s,]*(?=\S)|,+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
"""Between addresses: a blank, or a comma before a scheme; within one, commas part people."""

logger = logging.getLogger("recordkeep")


def addresses() -> list[str]:
    """Give the addresses of the setting, as apprise reads them, in order."""
    chosen = settings().alerts
    return _PARTING.split(chosen.get_secret_value().strip(" \t\r\n,")) if chosen else []


def name(number: int) -> str:
    """Name an address without telling anything that is secret in it.

    Args:
        number: its place in the setting, from 1.
    """
    known = addresses()
    scheme = _SCHEME.match(known[number - 1]) if number <= len(known) else None
    return f"address {number} ({scheme[1]})" if scheme else f"address {number}"


def unreadable() -> list[int]:
    """Say which addresses of the setting apprise does not understand, by their places from 1."""
    return [number for number, each in enumerate(addresses(), 1) if not _Target(each).is_readable]


def tell(summary: "RunSummary", seen: Seen, manifest: "Manifest") -> "RunSummary":
    """Tell what is due at a run's end, and give the summary with what was told.

    A message that does not arrive costs the run nothing: it stands in its record, and the next
    run tries again. Nobody is told, and nothing taken down, where no address is set.
    """
    known = addresses()
    if not known:
        return summary
    ended = events.over(summary, seen, manifest)
    alerts = events.due(summary, seen, manifest)
    if not alerts:
        return replace(summary, alerts=tuple(ended))
    at = summary.finished_at
    told = {alert.key: replace(alert, owed=()) for alert in alerts}
    for number in range(1, len(known) + 1):
        mine = [each for each in alerts if not each.owed or number in each.owed]
        if mine and not _deliver(number, _letter(summary.source, mine, at)):
            for each in mine:
                owed = (*told[each.key].owed, number)
                told[each.key] = replace(told[each.key], owed=owed)
    failed = sorted({number for each in told.values() for number in each.owed})
    messages = tuple(f"{name(n)} took no alert; the next run tries it again" for n in failed)
    for message in messages:
        logger.warning("%s: %s", summary.source, message)
    alerts_ = (*told.values(), *ended)
    return replace(summary, alerts=alerts_, messages=(*summary.messages, *messages))


def cry(  # noqa: PLR0913 - what is told stands side by side
    source: str,
    flow: str,
    error: BaseException,
    at: datetime,
    *,
    says: str | None = None,
    has_record: bool = False,
) -> bool:
    """Tell what no record says: that a run ended without one, or what came after it.

    Gives whether anybody took it of those who are to be told, if there are any.

    Args:
        source: the source's name.
        flow: the run's.
        error: what happened.
        at: when.
        says: what it means, in a sentence; None where the run ended by it.
        has_record: whether the run had written its record before.
    """
    section = remedies.ending(error)
    if says is None:
        ended = "wrote its record, and then came" if has_record else "ended without a record:"
        says = f"the {flow} run {ended} {type(error).__name__}"
        if remedies.is_ours(error):
            says = f"{says}: {error}"
    alert = Alert(key="", at=at, text=says, section=section)
    taken = []
    for number in range(1, len(addresses()) + 1):
        taken.append(_deliver(number, _letter(source, [alert], at)))
        if not taken[-1]:
            logger.warning("%s: %s took no alert", source, name(number))
    return any(taken) or not taken


class Watch:
    """For as long as its block lasts, whatever ends it is told: no record will say so.

    One may stand within another, the command's around the flow's: each error is told once.
    """

    has_record: ClassVar[bool] = False
    """Whether the run wrote its record, see `RunRecord.finish`."""
    _told: ClassVar[BaseException | None] = None

    def __init__(self, source: str, flow: str) -> None:
        """Watch a run of that flow on that source."""
        self._source = source
        self._flow = flow

    def __enter__(self) -> None:
        Watch.has_record = False

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        # Who interrupts a run by hand knows that it ended.
        if isinstance(error, Exception) and Watch._told is not error:
            Watch._told = error
            ran, now = (self._source, self._flow), datetime.now(UTC)
            if was_told(error) or cry(*ran, error, now, has_record=Watch.has_record):
                is_told(error)


def test() -> Mapping[int, bool]:
    """Send a test message to every address; say which took it, by their places from 1."""
    body = "This is a test. Alerts of this archive arrive here."
    message = Letter(title="Recordkeep: a test", body=body, needs_a_person=False)
    return {number: _deliver(number, message) for number in range(1, len(addresses()) + 1)}


def _letter(source: str, alerts: list[Alert], at: datetime) -> Letter:
    return letter(source, alerts, at=at)


def _deliver(number: int, message: Letter) -> bool:
    """Send within `DEADLINE_S`; whatever an address does, it can hold up a run no longer."""
    target = _Target(addresses()[number - 1])
    taken: list[bool] = []
    thread = threading.Thread(target=lambda: taken.append(target.send(message)), daemon=True)
    thread.start()
    thread.join(DEADLINE_S)
    return taken == [True]


class _Target:
    """One address as apprise knows it."""

    def __init__(self, address: str) -> None:
        # Half a second, which runs that tell nothing need not wait for.
        from apprise import Apprise, AppriseAsset, NotifyFormat  # noqa: PLC0415

        # Its log may name what an address holds.
        logging.getLogger("apprise").disabled = True
        asset = AppriseAsset(async_mode=False, app_id="Recordkeep", app_desc="", app_url="")
        service = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        self.is_readable = service is not None
        self._apprise = Apprise(asset=asset)
        if service is not None:
            if "format=" not in address:
                service.notify_format = NotifyFormat.TEXT
            self._apprise.add(service)

    def send(self, message: Letter) -> bool:
        """Say whether it was taken; apprise raises nothing."""
        from apprise import NotifyFormat, NotifyType  # noqa: PLC0415 - as above

        kind = NotifyType.WARNING if message.needs_a_person else NotifyType.INFO
        taken = self._apprise.notify(
            title=message.title, body=message.body, notify_type=kind, body_format=NotifyFormat.TEXT
        )
        return bool(taken)
