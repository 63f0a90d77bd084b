"""What kind of file an object is, as a bucket tells browsers that ask it for one.

Written down here, since what Python guesses depends on the machine, and no machine knows all.
"""

import re

_OTHER = "application/octet-stream"
_TYPES = {
    "atom": "application/atom+xml",
    "cff": "text/plain; charset=utf-8",  # no type is registered; as text it can be read
    "css": "text/css; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "prom": "text/plain; version=0.0.4",
    "sqlite": "application/vnd.sqlite3",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "xml": "application/xml",
}
_FEED = re.compile(r"(^|/)feed\.xml$")
_NOT_OURS = re.compile(r"(^|/)(raw|pages)/[^/]+/[0-9a-f]{64}\.(html|svg|xml|js|css)$")


def media_type(key: str) -> str:
    """Give the media type of an object by its key, with or without a prefix before it.

    What others wrote is never given as a page or a script: opened in a browser it would run, at
    the same origin as the catalogue.
    """
    if _NOT_OURS.search(key):
        return "text/plain"
    ext = "atom" if _FEED.search(key) else key.rpartition("/")[2].rpartition(".")[2]
    return _TYPES.get(ext, _OTHER)
