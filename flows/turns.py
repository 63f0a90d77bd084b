"""One run at a host at a time, where a Prefect server sees to it.

Two runs at once do no harm to the archive; but each waits between its own requests only. Without
a standing server nothing is limited: a temporary one knows of its own run alone.
"""

import logging
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import (
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
)
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.settings import get_current_settings

from flows.stopping import Stop, StoppedError

WAIT_S: Final = 3600.0
"""A host that is busy for longer is asked all the same: better twice at once than never."""
LOOK_S: Final = 5.0
"""One that waits looks so often whether it is asked to stop."""
LEASE_S: Final = 300.0
"""A run that is killed loses its turn after this, unless the server restarts meanwhile."""

logger = logging.getLogger("recordkeep")


@contextmanager
def taken(hosts: Iterable[str], stop: Stop) -> Generator[None]:
    """Wait for these hosts to be free, and take the turn at them for as long as the block lasts.

    The limits are Prefect's global concurrency limits `host:NAME`, made with 1 where they are not
    there: who sets another number keeps it. Who is asked to stop waits no longer.
    """
    names = sorted(f"host:{host}" for host in hosts)
    if get_current_settings().api.url is None or not names:
        yield
        return
    until = monotonic() + WAIT_S
    with ExitStack() as turn:
        while not stop.asked and not _has_begun(turn, names):
            if monotonic() >= until:
                logger.warning("%s were busy for %.0f minutes; going on", names, WAIT_S / 60)
                _set_free(names)
                _has_begun(turn, names)
                break
            with suppress(StoppedError):
                stop.rest(min(LOOK_S, WAIT_S))
        yield


def _set_free(names: list[str]) -> None:
    """Free hosts that were taken for too long: a server that restarts forgets whose turn it was.

    Then nobody gives the turn back, and each later run would wait as long.
    """
    with get_client(sync_client=True) as client:
        for name in names:
            client.update_global_concurrency_limit(
                name, GlobalConcurrencyLimitUpdate(active_slots=0)
            )


def _has_begun(turn: ExitStack, names: list[str]) -> bool:
    """Whether the hosts are free: then it is our turn, until the stack's end."""
    # Looked at first: Prefect logs an error for each time that it waits in vain.
    if not all(list(map(_is_free, names))):  # which makes those that are not there
        return False
    ours = concurrency(
        names,
        timeout_seconds=LOOK_S,
        lease_duration=LEASE_S,
        raise_on_lease_renewal_failure=False,
    )
    try:
        turn.enter_context(ours)
    except TimeoutError:  # another run was quicker
        return False
    return True


def _is_free(name: str) -> bool:
    """Whether nobody has that turn; the limit is made where it is not there."""
    with get_client(sync_client=True) as client:
        try:
            known = client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            limit = GlobalConcurrencyLimitCreate(name=name, limit=1)
            try:
                client.create_global_concurrency_limit(limit)
            except ObjectAlreadyExists:
                logger.debug("%s was made by another run just now", name)
            return True
    return not known.active or known.active_slots < known.limit
