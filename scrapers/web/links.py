"""The address that a page's link means, whatever was pasted around it."""

import re
from urllib.parse import parse_qs, quote, urljoin, urlsplit, urlunsplit

SAFELINKS = "safelinks.protection.outlook.com"
"""Outlook's wrapper; its `data=` holds the e-mail addresses of staff (met on ice.gov in 2025)."""
EXTENSION = re.compile(r"chrome-extension://[^/]*/(?=https?:)", re.IGNORECASE)
"""Left by a browser's PDF viewer (met on ice.gov in 2025)."""
SLASHES = re.compile(r"^(https?):/*(?=[^/])", re.IGNORECASE)
"""`https:/www…` and `https:///www…` (met on ice.gov in 2025)."""
SAFE = "%/:=&?~#+!$,;'@()*[]"
MAX_WRAPPERS = 3
MAX_CHARACTERS = 4000


def clean(href: str, base: str) -> str | None:
    """Give the absolute address that an href means; None where it leads to no web address.

    Args:
        href: as written in the page.
        base: the page's address, or its <base>.
    """
    found = re.sub(r"[\t\r\n\0]", "", href).strip().strip("\u00a0\u200b\ufeff ")
    if not found or len(found) > MAX_CHARACTERS:
        return None
    try:
        found = urljoin(base, _repaired(found))
        for _ in range(MAX_WRAPPERS):
            inner = _unwrapped(found)
            if inner is None:
                return _absolute(found)
            found = _repaired(inner)
    except ValueError:
        return None
    return None


def _repaired(href: str) -> str:
    """Undo what browsers and typing did to an absolute address."""
    return SLASHES.sub(r"\1://", EXTENSION.sub("", href))


def _unwrapped(url: str) -> str | None:
    """Give what a safelink wraps (empty where it wraps nothing); None for any other address."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if host != SAFELINKS and not host.endswith("." + SAFELINKS):
        return None
    return parse_qs(parts.query).get("url", [""])[0].strip()


def _absolute(url: str) -> str | None:
    """Write an address in one form, without fragment; None where it is not of the web."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    netloc = parts.netloc.lower() if "@" not in parts.netloc else parts.netloc
    path, query = quote(parts.path or "/", SAFE), quote(parts.query, SAFE)
    return urlunsplit((parts.scheme, netloc, path, query, ""))
