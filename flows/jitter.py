"""Some minutes' patience, so that no site meets all archives at once.

Of those who keep the plan: `serve` rests so much longer; Prefect's schedules, which know of no
such thing, and who else starts a run by a clock, let the run itself wait before its first request.
A run by hand waits for nothing. systemd's timers have their own.
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from flows.schedule import JITTER
from flows.stopping import Stop

_LOOK_S: Final = 1.0
"""A signal is heeded within this."""

logger = logging.getLogger("recordkeep")


def drawn(at_most: timedelta = JITTER) -> timedelta:
    """Draw how much later than planned it is to be this time."""
    return at_most * random.random()  # noqa: S311 - no secret


def wait(minutes: float, stop: Stop, *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Wait for a time that is drawn, or until asked to stop.

    Args:
        minutes: the longest; 0 for not at all.
        stop: whether this process was asked to stop.
        sleep: waits so many seconds.
    """
    left_s = drawn(timedelta(minutes=minutes)).total_seconds()
    if left_s:
        said = (
            "waiting %d min %02d s before the first request, so that not all archives ask at once"
        )
        logger.info(said, *divmod(round(left_s), 60))
    while left_s > 0 and not stop.asked:
        sleep(min(_LOOK_S, left_s))
        left_s -= _LOOK_S
