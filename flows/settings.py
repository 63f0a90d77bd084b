"""The environment, read once: every setting has a default that is safe for an unattended run."""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.errors import SettingError
from scrapers.web.policy import user_agent


class Settings(BaseSettings):
    """Settings by environment variable, as `RECORDKEEP_PAUSE_S=20`."""

    model_config = SettingsConfigDict(env_prefix="RECORDKEEP_", env_ignore_empty=True)

    store: str | None = None
    """Where the archive is: a folder, or `s3://bucket/prefix`."""
    about: str | None = None
    """A page that says who runs this archive; sites see it in the user agent."""
    contact: str | None = None
    """How agencies can reach the operator: an e-mail address, told in the user agent."""
    pause_s: float = Field(default=10.0, ge=0, le=3600, allow_inf_nan=False)
    """Seconds between requests to a host."""
    max_document_mib: int = Field(default=256, gt=0, le=2**20)
    """Documents larger than this are refused."""
    recheck_weeks: int = Field(default=8, gt=0, le=520)
    """Within how many weeks each document is fetched whole again, whatever its server says."""
    audit_weeks: int = Field(default=13, gt=0, le=520)
    """Within how many weeks the audit re-reads every original: a quarter of a year."""
    lock_days: int = Field(default=0, ge=0, le=36_500)
    """Object Lock: for how many days originals and captures may not be deleted; 0 for no lock."""
    lock_compliance: bool = False
    """Lock in COMPLIANCE mode, which nobody can undo before its time."""
    memory_mib: int = Field(default=1024, gt=0, le=2**20)
    """Memory that reading one document may take."""
    deadline_s: float = Field(default=120.0, gt=0, le=86_400, allow_inf_nan=False)
    """Seconds that reading one document may take; more is given to long ones."""
    alerts: SecretStr | None = None
    """Who is told of news and needs: apprise addresses, with commas or white space between them."""
    ping: SecretStr | None = None
    """An address to ask after each run that wrote its record, so that silence alarms; `{source}`
    and `{flow}` in it stand for the run's."""
    told: str = ""
    """Set by `serve`: what ended this run's earlier tries, of which a person was told."""
    tells: int | None = None
    """Set by `serve`: the pipe to it, see `flows/endings.py`."""
    site_url: str | None = None
    """Where the catalogue (`site/`) is to be seen, for links in alerts and in Prefect."""
    metrics_dir: Path | None = None
    """A folder to write each source's figures to as well: node_exporter's textfile collector."""

    @property
    def agent(self) -> str:
        """The user agent: an honest name, and how to reach us."""
        return user_agent(self.about, self.contact)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Give the settings, read from the environment at the first call.

    Raises:
        SettingError: one of them is none that it can have.
    """
    try:
        return Settings()
    except ValidationError as error:
        told = [(str(each["loc"][0]), each["msg"]) for each in error.errors()]
        wrong = "; ".join(f"RECORDKEEP_{name.upper()}: {why}" for name, why in told)
        raise SettingError(wrong) from error


def chosen_store(named: str | None) -> str:
    """Give the store that was named, or else the setting's.

    Raises:
        ValueError: neither names one, or a worker's run is given a folder by less than its whole
            path.
    """
    store = named or settings().store
    if not store:
        raise ValueError("which archive? set RECORDKEEP_STORE: a folder, or s3://bucket/prefix")
    # A worker gives each run a folder of its own, and clears it away afterwards.
    is_passing = "PREFECT__FLOW_RUN_ID" in os.environ and not store.startswith(("/", "~", "s3:"))
    if is_passing:
        raise ValueError(f"{store} would be cleared away with this run: give its whole path")
    return store
