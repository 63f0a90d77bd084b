"""What a run may be told, as Prefect's forms and `prefect deployment run` give it.

Nobody is at hand who would see that a pause of -10 seconds is none at all: Prefect refuses what
does not fit before the run begins. The command line has the same bounds.
"""

from typing import Annotated

from pydantic import AwareDatetime, Field

Pause = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
"""Seconds between requests to a host."""
Weeks = Annotated[int, Field(ge=1, le=520)]
Minutes = Annotated[float, Field(ge=0, le=1440, allow_inf_nan=False)]
Workers = Annotated[int, Field(ge=0)]
At = AwareDatetime
"""A time that says how far it is from UTC."""
