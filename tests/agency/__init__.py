"""A simulated agency: a real web site on the loopback, and everything that can go wrong with it.

    with AgencySite() as site:
        site.publish("/doclib/ddor/ddor2017_01-28to02-03.pdf", pdf("week 1"), "Jan. 28 – Feb. 3")
        site.inflict(faults.cut(1000), on="/doclib/ddor/ddor2017_01-28to02-03.pdf")

It serves robots.txt, one listing page and the documents it was given, as ice.gov does as far as is
known: If-Modified-Since is answered with 304, If-None-Match is ignored. It knows nothing of pytest.
"""

from tests.agency import faults
from tests.agency.documents import pdf
from tests.agency.listing import Listing
from tests.agency.replies import Reply
from tests.agency.site import AgencySite, Request

__all__ = ["AgencySite", "Listing", "Reply", "Request", "faults", "pdf"]
