"""A Prefect server that does not answer: one sentence in place of its client's errors."""

import os
import re

from flows.errors import ServerError
from flows.remedies import is_ours


class Reported:
    """For as long as its block lasts, which runs a flow, what ends that may be the server.

    What was kept until then is kept. Its client raises what its own libraries do: so the server
    itself is asked.

    Raises:
        ServerError: the flow ended by an error that is not ours, and the server does not answer.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        where = server()
        if where is None or not isinstance(error, Exception) or is_ours(error):
            return
        if why := silence():
            raise ServerError(where, type(why).__name__) from error


def server() -> str | None:
    """Name the server that runs report to, without a password; None for a temporary one."""
    url = os.environ.get("PREFECT_API_URL")
    return re.sub(r"//[^/@]*@", "//…@", url) if url else None


def silence() -> Exception | None:
    """Ask Prefect's server whether it is well; give what is wrong, None where it answers."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - it takes seconds

    with get_client(sync_client=True) as client:
        return client.api_healthcheck()
