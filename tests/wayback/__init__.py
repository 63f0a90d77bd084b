"""A replica of web.archive.org: a real web site on the loopback, and what goes wrong with it.

    with WaybackSite() as archive:
        archive.capture("https://www.ice.gov/doclib/ddor/a.pdf", at, pdf("week 1"))
        archive.inflict(faults.throttle(), on="index", times=1)

It answers `/cdx/search/cdx` and `/web/<14 digits>id_/<address>` as the Archive does as far as is
known. It knows nothing of pytest.
"""

from tests.agency import Reply, Request
from tests.wayback import faults
from tests.wayback.captures import Capture, cdx_digest, urlkey
from tests.wayback.site import WaybackSite

__all__ = ["Capture", "Reply", "Request", "WaybackSite", "cdx_digest", "faults", "urlkey"]
