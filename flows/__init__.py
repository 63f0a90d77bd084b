"""The flows: the only code that knows Prefect, and the command line. Nothing imports it."""
