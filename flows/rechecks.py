"""Which documents are fetched whole, whatever their server says of them: validators lie."""

import math
from collections.abc import Collection
from datetime import datetime, timedelta

from storage.ledger import Manifest


def due(
    manifest: Manifest, addresses: Collection[str], *, now: datetime, weeks: int
) -> frozenset[str]:
    """Choose the addresses to ask without validators in this run, the longest unproven first.

    An address comes due half of `weeks` after its whole bytes last came; in each week as many of
    them are chosen as get all of them fetched within the other half. Where runs are rarer than
    weekly, those are chosen too that would be too old by the next one.

    Args:
        manifest: as it stands before the run.
        addresses: those that this run will ask.
        now: the time.
        weeks: within how many weeks each document is to come whole again.
    """
    shown = manifest.by_showing
    served = sorted(
        (whole.at, url)
        for url in set(addresses) & shown.keys()
        if (whole := shown[url].served_us(url))
    )
    half = timedelta(weeks=weeks) / 2
    share = math.ceil(len(served) * 2 / weeks)
    chosen = {url for at, url in served[:share] if now - at >= half}
    last = manifest.last_runs.get("weekly")
    pause = min(now - last.started_at, half) if last else timedelta()
    late = {url for at, url in served if now - at + pause > timedelta(weeks=weeks)}
    return frozenset(chosen | late)
