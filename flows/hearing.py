"""Does anybody hear of it? What `recordkeep doctor` says of alerts, the ping and the figures."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from flows import alerts, heartbeat
from flows.settings import settings
from storage.checkup import Point


def examined(*, send: bool) -> Iterator[Point]:
    """Look at where alerts go, at the ping's address and at the folder for figures.

    Args:
        send: whether to send a test message to every address.
    """
    yield _alerts()
    if send and not alerts.unreadable():
        yield from _sent()
    yield _ping()
    yield _figures()


def _alerts() -> Point:
    known = alerts.addresses()
    if not known:
        says = "nobody is told of anything: set RECORDKEEP_ALERTS"
        return Point(name="alerts", passed=True, says=says)
    wrong = [alerts.name(number) for number in alerts.unreadable()]
    if wrong:
        says = f"RECORDKEEP_ALERTS: apprise cannot read {', '.join(wrong)}"
        return Point(name="alerts", passed=False, says=says)
    told = ", ".join(alerts.name(number) for number in range(1, len(known) + 1))
    return Point(name="alerts", passed=True, says=f"{told}; doctor --alert sends a test message")


def _sent() -> Iterator[Point]:
    taken = alerts.test()
    for number, arrived in taken.items():
        says = "took the test message; look whether it arrived"
        if not arrived:
            says = "did not take the test message: is the server reached, is the password right?"
        yield Point(name=f"alert to {alerts.name(number)}", passed=arrived, says=says)
    if not taken:
        yield Point(name="alert", passed=False, says="there is no address to send a test to")


def _ping() -> Point:
    url = heartbeat.address("SOURCE", "FLOW")
    if url is None:
        says = "none: that runs stopped is noticed by nobody; set RECORDKEEP_PING"
        return Point(name="ping", passed=True, says=says)
    if not heartbeat.is_good(url):
        says = "RECORDKEEP_PING is no http or https address"
        return Point(name="ping", passed=False, says=says)
    # The rest of it is a secret: whoever knows it can silence the alarm.
    says = f"{urlsplit(url).hostname} will be asked after each run"
    return Point(name="ping", passed=True, says=says)


def _figures() -> Point:
    folder = settings().metrics_dir
    if folder is None:
        says = "metrics/ in the archive; nowhere else (RECORDKEEP_METRICS_DIR)"
        return Point(name="figures", passed=True, says=says)
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        says = f"RECORDKEEP_METRICS_DIR, {folder}, is no folder that can be written"
        return Point(name="figures", passed=False, says=says)
    return Point(name="figures", passed=True, says=f"written to {folder} as well")
