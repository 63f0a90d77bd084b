"""What Content-Disposition says of a document."""

import re
from email.message import Message

MAX_NAME = 150
"""Characters of a file name that are kept."""


def filename(disposition: str) -> str | None:
    """Read the file name that a Content-Disposition claims, without any path or odd character."""
    if not disposition:
        return None
    message = Message()
    message["content-disposition"] = re.sub(r"[\r\n\0]", " ", disposition)
    try:
        claimed = message.get_filename()
    except ValueError:  # a coding that Python knows and cannot use, as `idna`
        return None
    if not claimed:
        return None
    name = re.sub(r"[^\w .,()+@=-]", "_", re.split(r"[/\\]", claimed)[-1]).strip(" .")
    return name[-MAX_NAME:] or None
