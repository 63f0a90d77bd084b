"""The words of an alert: what happened, where to look, what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flows import links, remedies
from scrapers import source
from storage.alerts import Alert

RUNBOOK: Final = "deploy/RUNBOOK.md"
_LONGEST: Final = 300
"""A notice may be a page long; the archive has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to a person: what one run has to tell."""

    title: str
    body: str
    """Plain text, in lines."""
    needs_a_person: bool


def letter(name: str, alerts: Sequence[Alert], *, at: datetime) -> Letter:
    """Tell of some events of one source.

    Args:
        name: the source's.
        alerts: at least one.
        at: when the run ended.
    """
    needs = [alert for alert in alerts if alert.section]
    news = [alert for alert in alerts if not alert.section]
    lines = [f"{_title(name)}, as of {at:%Y-%m-%d %H:%M} UTC."]
    if needs:
        lines += ["", "This needs you:", *_needs(name, needs)]
    if news:
        lines += ["", "News:", *_news(name, news)]
    if front := links.front():
        lines += ["", f"Catalogue: {front}"]
    return Letter(
        title=_heading(name, needs, news), body="\n".join(lines), needs_a_person=bool(needs)
    )


def _title(name: str) -> str:
    return f"{source.load(name).title} ({name})" if name in source.names() else name


def _heading(name: str, needs: Sequence[Alert], news: Sequence[Alert]) -> str:
    if needs:
        sections = list(dict.fromkeys(str(alert.section) for alert in needs))
        more = f" (and {len(sections) - 1} more)" if len(sections) > 1 else ""
        return f"Recordkeep needs you: {name}: {sections[0]}{more}"
    more = f" (and {len(news) - 1} more)" if len(news) > 1 else ""
    return f"Recordkeep: {name}: {_short(news[0].text, 80)}{more}"


def _needs(name: str, alerts: Sequence[Alert]) -> Iterator[str]:
    for section in dict.fromkeys(str(alert.section) for alert in alerts):
        yield f"* {section}"
        for alert in alerts:
            if alert.section == section:
                yield f"    {_short(alert.text, _LONGEST)}"
        if section in remedies.REMEDIES:
            yield f"  Do: {remedies.REMEDIES[section]}"
        yield f'  How: the section "{section}" in {RUNBOOK}'
    yield f"  Look: recordkeep status {name}"


def _news(name: str, alerts: Sequence[Alert]) -> Iterator[str]:
    for alert in alerts:
        yield f"* {_short(alert.text, _LONGEST)}"
        if alert.edition:
            command = "diff" if "/revision/" in alert.key else "versions"
            yield f"  Look: recordkeep {command} {name} {alert.edition}"
            if page := links.edition(name, alert.edition):
                yield f"        {page}"
        elif alert.key.startswith("notice/") and name in source.names():
            yield f"  Look: {source.load(name).addresses[-1].url}"


def _short(text: str, most: int) -> str:
    """Fold onto one line, and cut what is very long."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
