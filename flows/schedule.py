"""When what runs: read by `recordkeep serve`; deploy/prefect.yaml and the timers say the same.

`tests/test_deployment.py` holds the three together. Times are the agencies' own.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

TIME_ZONE: Final = "America/New_York"
"""Where the agencies' offices are: nothing is published there at night."""
JITTER: Final = timedelta(minutes=15)
"""A look is up to so much later than planned, so that no site meets all archives at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One flow on one source, again and again."""

    name: str
    """Of the Prefect deployment."""
    flow: Literal["weekly", "audit"]
    source: str
    cron: str
    """Five fields, in `TIME_ZONE`; days of the week by name."""
    recheck_weeks: int | None = None
    """For `weekly`: fetch all that was not fetched whole within this time; None: the setting."""


PLAN: Final = (
    # 2017: the reports came out on a Monday (03-20) and a Wednesday (03-29), in the morning.
    Planned(name="weekly-ice_ddor", flow="weekly", source="ice_ddor", cron="17 12 * * WED"),
    Planned(name="weekly-fbi_nics", flow="weekly", source="fbi_nics", cron="47 12 * * WED"),
    # The rolling re-check: no server is believed that nothing has changed.
    Planned(
        name="recheck-ice_ddor",
        flow="weekly",
        source="ice_ddor",
        cron="17 5 1 1,4,7,10 *",
        recheck_weeks=1,
    ),
    Planned(
        name="recheck-fbi_nics",
        flow="weekly",
        source="fbi_nics",
        cron="47 5 10 * *",
        recheck_weeks=1,
    ),
    Planned(name="audit-ice_ddor", flow="audit", source="ice_ddor", cron="7 4 * * SUN"),
    Planned(name="audit-fbi_nics", flow="audit", source="fbi_nics", cron="37 4 * * SUN"),
)
