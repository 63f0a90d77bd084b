"""What pages, reports and headers say, as it may go to a terminal: without what steers one."""

import logging
import re
from contextlib import suppress

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1: escapes begin with these
    "\u202a-\u202e\u2066-\u2069"  # what turns the direction of text, and so shows it as another
    "\ud800-\udfff]"  # halves of characters, which cannot be written
)


def plain(text: str) -> str:
    """Give text with U+FFFD for each character that would do something to a terminal."""
    return _STEERING.sub("\ufffd", text)


def line(text: str) -> str:
    """Give text that is `plain` and one line: a name with a line feed makes no line of its own."""
    return plain(text).replace("\n", "\ufffd")


class PlainLog(logging.Filter):
    """Makes what is logged plain before any handler takes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let each record through, its message written out and plain."""
        # What cannot be written out is a bug of ours, which handlers tell and let pass.
        with suppress(TypeError, ValueError, KeyError):
            record.msg, record.args = plain(record.getMessage()), None
        return True
