"""One run at a host at a time, where a Prefect server sees to it.

Two runs at once do no harm to the archive; but each waits between its own requests only. Without
a standing server nothing is limited: a temporary one knows of its own run alone.
"""

import logging
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.settings import get_current_settings

WAIT_S: Final = 3600.0
"""A host that is busy for longer is asked all the same: better twice at once than never."""
LEASE_S: Final = 300.0
"""A run that is killed loses its turn after this."""

logger = logging.getLogger("recordkeep")


@contextmanager
def taken(hosts: Iterable[str]) -> Generator[None]:
    """Wait for these hosts to be free, and take the turn at them for as long as the block lasts.

    The limits are Prefect's global concurrency limits `host:NAME`, made with 1 where they are not
    there: who sets another number keeps it.
    """
    names = sorted(f"host:{host}" for host in hosts)
    if get_current_settings().api.url is None or not names:
        yield
        return
    for name in names:
        _provide(name)
    with ExitStack() as turn:
        try:
            turn.enter_context(
                concurrency(
                    names,
                    timeout_seconds=WAIT_S,
                    lease_duration=LEASE_S,
                    raise_on_lease_renewal_failure=False,
                )
            )
        except TimeoutError:
            logger.warning("%s were busy for %.0f minutes; going on", names, WAIT_S / 60)
        yield


def _provide(name: str) -> None:
    with get_client(sync_client=True) as client:
        try:
            client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            limit = GlobalConcurrencyLimitCreate(name=name, limit=1)
            try:
                client.create_global_concurrency_limit(limit)
            except ObjectAlreadyExists:
                logger.debug("%s was made by another run just now", name)
