"""What can be wrong with how a flow is set up."""


class SettingError(Exception):
    """A setting in the environment is none that it can have. Remedy: set another one."""
