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
