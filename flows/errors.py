"""What can be wrong with how a flow is set up, or befall its process."""


class SettingError(Exception):
    """A setting in the environment is none that it can have. Remedy: set another one."""


class EndedError(Exception):
    """A run's process ended, and told nobody why. Remedy: see what the system says of it.

    Attributes:
        by: the signal or the exit code.
    """

    def __init__(self, by: str) -> None:
        """Say by what."""
        super().__init__(f"its process ended by {by}")
        self.by = by


class ServerError(Exception):
    """Prefect's server does not answer. Remedy: start it, run again."""

    def __init__(self, where: str, why: str) -> None:
        """Say which server, and what kept it from answering."""
        told = f"Prefect's server at {where} does not answer ({why})"
        super().__init__(f"{told}: start it, or unset PREFECT_API_URL, and run again")


class NotStartedError(Exception):
    """Prefect's temporary server does not start. Remedy: see that its folder can be written."""

    def __init__(self, why: str, home: str) -> None:
        """Say what kept it from starting, and where it keeps its state."""
        super().__init__(
            f"the temporary Prefect server does not start ({why}): see that {home} can be written"
            " and that its disk has room, or name another folder in PREFECT_HOME, and run again; a"
            " slow machine can grant it longer, by PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"
        )
