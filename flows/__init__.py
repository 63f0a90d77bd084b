"""The flows: the only code that knows Prefect, and the command line. Nothing imports it."""

import logging

from flows.plain import PlainLog

# Here, since whoever runs a flow (the command line, Prefect's workers) has handlers of its own.
logging.getLogger("recordkeep").addFilter(PlainLog())
