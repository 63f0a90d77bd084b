"""What of a run is worth telling a person, once. Pure: the run and the manifest in, events out."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from storage.alerts import Alert, ended
from storage.ledger import Manifest, RunSummary
from storage.model import NEWS, Outcome
from storage.needs import Need
from storage.runs import NoticeSeen

TOLD: Final[frozenset[Outcome]] = NEWS | {"returned", "gone", "delisted"}
"""Outcomes that are news."""
OWED_FOR: Final = timedelta(days=30)
"""What did not arrive within this time is not tried again."""
MANY: Final = 20
"""More events of one kind than this in one run become one, with their number."""
LOOKS: Final = "weekly"
"""The flow that reads the agency's page: only it can tell that a trouble there is over."""
LOADS: Final = "backfill"
"""The flow that loads the past."""
TELLS: Final = frozenset({LOOKS, LOADS})
"""The flows that tell of news: the end of any other says nothing of what one that died had seen."""
PUBLISHES: Final = "publishing"
"""The flow under which it is recorded that datasets or web pages could not be written."""

_SAYS: Final[dict[Outcome, str]] = {
    "new": "is new",
    "revision": "was revised: its records differ from those of the version before",
    "amendment": "was amended: its text differs from that of the version before",
    "reissue": "was issued again: only its bytes differ from those of the version before",
    "returned": "returned: the agency shows again what it had taken away or replaced",
    "gone": "was removed: its address no longer answers",
    "delisted": "was delisted: the agency's page no longer links to it",
}


class News(NamedTuple):
    """What became of an edition, where that is among `TOLD`."""

    edition: str
    outcome: Outcome
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run found that may be news."""

    news: tuple[News, ...]
    notices: tuple[NoticeSeen, ...]
    """Those that stood on no page before."""
    pages_were_read: bool
    reread: Callable[[str], bool] | None = None
    """Of an audit: whether the object of that key was re-read."""


def due(summary: RunSummary, seen: Seen, manifest: Manifest) -> list[Alert]:
    """Give what is to be told at a run's end: new, worse than when it was told, or still owed.

    Args:
        summary: how the run ends.
        seen: what it found.
        manifest: with what was told before.
    """
    found = [*_news(summary, seen), *_untold(summary, seen, manifest), *_needs(summary)]
    found += _begun(summary, manifest)
    fresh = [alert for alert in found if _is_fresh(alert, manifest.alerts.get(alert.key))]
    passed = {alert.key for alert in (*fresh, *over(summary, seen, manifest))}
    owed = [
        alert
        for key, alert in manifest.alerts.items()
        if is_owed(alert, summary.finished_at) and key not in passed
    ]
    return fresh + sorted(owed, key=lambda each: (each.at, each.key))


def over(summary: RunSummary, seen: Seen, manifest: Manifest) -> list[Alert]:
    """Give what was to be told before and no longer is: should it come back, it is told anew.

    A run that did not see the site properly ends nothing; an audit only what it re-read.
    """
    if summary.flow == LOOKS and not seen.pages_were_read:
        return []
    standing = {alert.key for alert in _needs(summary)}
    begins = f"need/{summary.flow}/"
    return [
        ended(alert, summary.finished_at)
        for key, alert in sorted(manifest.alerts.items())
        if key.startswith(begins) and key not in standing and not alert.over
        if seen.reread is None or seen.reread(key.split("/", 3)[3])
    ]


def is_owed(alert: Alert, at: datetime) -> bool:
    """Whether an alert is still to be tried at a time: what needs a person, for ever."""
    return bool(alert.owed) and (bool(alert.section) or alert.at >= at - OWED_FOR)


def _is_fresh(alert: Alert, known: Alert | None) -> bool:
    return known is None or known.over or alert.grave > known.grave


def _need_key(flow: str, section: str, about: str) -> str:
    return f"need/{flow}/{section}/{about}"


def _news(summary: RunSummary, seen: Seen) -> list[Alert]:
    at = summary.finished_at
    by_outcome: dict[Outcome, list[Alert]] = defaultdict(list)
    for each in seen.news:
        by_outcome[each.outcome].append(_told(each.edition, each.outcome, each.digest, at))
    found = [
        alert
        for outcome, alerts in by_outcome.items()
        for alert in _gathered(
            sorted(alerts, key=lambda each: each.key),
            f"news/{summary.run}/{outcome}",
            f"{{}} editions: each {_SAYS[outcome]}",
        )
    ]
    notices = [_notice(notice.text, at) for notice in seen.notices]
    return found + _gathered(notices, f"news/{summary.run}/notices", "{} notices on the page")


def _begun(summary: RunSummary, manifest: Manifest) -> list[Alert]:
    """Say that it is the first run: where it is not, this is another store than it should be."""
    if manifest.last_runs:
        return []
    text = "This is the first run on this archive. If it is not, is its disk mounted?"
    return [Alert(key="run/first", at=summary.finished_at, text=text)]


def _told(edition: str, outcome: Outcome, digest: str | None, at: datetime) -> Alert:
    # The same document may leave and return more than once: a removal is named by its day.
    about = digest[:12] if digest and outcome in NEWS else f"{at:%Y-%m-%d}"
    text = f"{edition} {_SAYS[outcome]}"
    return Alert(key=f"news/{edition}/{outcome}/{about}", at=at, text=text, edition=edition)


def _notice(text: str, at: datetime) -> Alert:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Alert(key=f"notice/{digest[:12]}", at=at, text=f"The agency's page says: {text}")


def _untold(summary: RunSummary, seen: Seen, manifest: Manifest) -> Iterator[Alert]:
    """Find what a run saw that died before it could tell."""
    ends = [run.finished_at for flow, run in manifest.last_runs.items() if flow in TELLS]
    if not ends or summary.flow != LOOKS:
        return
    since, now = max(ends), summary.finished_at
    here = {each.digest for each in seen.news}
    for edition in manifest.by_edition:
        for version in manifest.versions(edition):
            observed = version.document.observed
            if not observed or observed[0] <= since or version.document.digest in here:
                continue
            if version.document.is_reported:
                yield _told(edition, version.kind, version.document.digest, now)
    texts = {notice.text for notice in seen.notices}
    for notice in manifest.notices.values():
        if notice.first > since and notice.text not in texts:
            yield _notice(notice.text, now)


def _needs(summary: RunSummary) -> list[Alert]:
    by_section: dict[str, list[Alert]] = defaultdict(list)
    for need in summary.needs:
        by_section[need.section].append(_needed(need, summary))
    found = []
    for section, alerts in by_section.items():
        key = _need_key(summary.flow, section, "many")
        found += _gathered(alerts, key, f"{{}} times: {alerts[0].text}", section)
    return found


def _needed(need: Need, summary: RunSummary) -> Alert:
    return Alert(
        key=_need_key(
            summary.flow, need.section, "/".join(filter(None, (need.edition, need.about)))
        ),
        at=summary.finished_at,
        text=f"{need.edition}: {need.text}" if need.edition else need.text,
        section=need.section,
        edition=need.edition,
        grave=need.grave,
    )


def _gathered(
    alerts: Iterable[Alert], key: str, text: str, section: str | None = None
) -> list[Alert]:
    """Give each event once, the gravest of its name; very many of a kind as one."""
    by_key: dict[str, Alert] = {}
    for alert in alerts:
        known = by_key.get(alert.key, alert)
        by_key[alert.key] = alert if alert.grave > known.grave else known
    if len(by_key) <= MANY:
        return list(by_key.values())
    at, number = next(iter(by_key.values())).at, len(by_key)
    # Told again when there are twice as many.
    grave = number.bit_length()
    return [Alert(key=key, at=at, text=text.format(number), section=section, grave=grave)]
