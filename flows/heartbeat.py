"""The dead-man's ping: an address is asked after each run that wrote its record.

Whoever stands there (healthchecks.io, an Uptime Kuma, a line of cron) alarms when it is not
asked in time, so that also a machine that is off, or a schedule that stopped, is noticed.
"""

import logging
import re
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit

from flows.settings import settings

if TYPE_CHECKING:
    from storage.ledger import RunSummary

TIMEOUT_S: Final = 10.0
ATTEMPTS: Final = 3

logger = logging.getLogger("recordkeep")


def address(source: str, flow: str) -> str | None:
    """Give the address to ask for that run; None where none is set."""
    chosen = settings().ping
    if chosen is None:
        return None
    return chosen.get_secret_value().replace("{source}", source).replace("{flow}", flow)


def is_good(url: str) -> bool:
    """Whether it is an address that can be asked."""
    try:
        parts = urlsplit(url)
        named = parts.hostname and parts.port != 0
    except ValueError:  # no port, or no IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(named) and not re.search(r"\s", url)


def ping(summary: "RunSummary") -> bool:
    """Ask the address of the setting, whatever the run found; say whether it answered well.

    That it did not is only logged: its own alarm will say so.
    """
    url = address(summary.source, summary.flow)
    if url is None:
        return False
    why = "it is no http or https address"
    if not is_good(url):
        logger.warning("%s: RECORDKEEP_PING is not used: %s", summary.source, why)
        return False
    for _ in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S):  # noqa: S310 - checked above
                return True
        except HTTPError as error:
            why = f"answered {error.code}"
        except (OSError, HTTPException, ValueError) as error:
            why = type(error).__name__
    # The address itself is a secret: whoever knows it can silence the alarm.
    logger.warning("%s: the address of RECORDKEEP_PING was not reached (%s)", summary.source, why)
    return False
