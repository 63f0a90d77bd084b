"""The catalogue as static web pages, written into the store under `site/`.

Plain HTML that works from a folder or a bucket: no server, no outside request, and everything
readable without JavaScript. `site/index.html` is the front page, and the only one that changes in
a week without news. What is written, and where, stands in `storage/site/addresses.py`.
"""

from storage.site.front import nameless, write_front
from storage.site.source import is_current, write_source

__all__ = ["is_current", "nameless", "write_front", "write_source"]
