"""What the headers of a body say of it: the file's name, the text's charset."""

import re
from email.message import Message

MAX_HEADER = 8192
"""Characters of a header that are read: the standard library takes their square in time."""
MAX_NAME = 150
"""Characters of a file name that are kept."""
UNUSABLE = (ValueError, TypeError)
"""What the standard library raises on parameters that it cannot use: in a coding such as `idna`, or
whose name holds a NUL; in parts with and without a number, or with one beyond all digits."""


def filename(disposition: str) -> str | None:
    """Read the file name that a Content-Disposition claims, without any path or odd character."""
    if not disposition:
        return None
    try:
        claimed = _header("content-disposition", disposition).get_filename()
    except UNUSABLE:
        return None
    if not claimed:
        return None
    name = re.sub(r"[^\w .,()+@=-]", "_", re.split(r"[/\\]", claimed)[-1]).strip(" .")
    return name[-MAX_NAME:] or None


def charset(content_type: str) -> str | None:
    """Read the charset that a Content-Type claims, in lower case; whether it is one is not told."""
    try:
        return _header("content-type", content_type).get_content_charset()
    except UNUSABLE:
        return None


def _header(name: str, said: str) -> Message:
    """Put a header where the standard library reads its parameters."""
    message = Message()
    message[name] = re.sub(r"[\r\n\0]", " ", said[:MAX_HEADER])
    return message
