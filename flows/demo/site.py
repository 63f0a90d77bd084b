"""A replica of the agency's site, on loopback: a listing page and replica reports.

Everything it serves is labelled as a replica with invented rows.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Self

PAGE = "/declined-detainer-outcome-report"
LABEL = "Replica for demonstration: every row about a person is invented"
HEADER = "X-Replica"
"""Header of every answer, so that captures tell what they are of."""

CORRECTION = (
    "Correction: Due to a data processing error, the Jan. 28 - Feb 03, 2017 Declined Detainer "
    "Outcome Report incorrectly attributed issued detainers to Franklin County, Iowa; Franklin "
    "County, New York; Franklin County, Pennsylvania; and Montgomery County, Iowa that were in "
    "fact issued to agencies outside of the respective county’s jurisdiction in similarly named "
    "locations. Additionally, detainers that appeared as being declined by Williamson County, TX "
    "and Bastrop County, TX were cases where the individual was transferred to another facility "
    "where they were released. Finally, detainers appeared as being declined by Chester County, "
    "PA and Richmond County, NC when those detainers were incorrectly issued to those locations. "
    "The subjects of those detainers were in different locations."
)
"""As the agency's page carried it (AILA Doc. 17032002)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report as the site serves it."""

    title: str
    file: str
    """The replica's file in this package."""
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The site as it stood at some time: address -> report, and what the page says."""

    at: datetime
    reports: Mapping[str, Report]
    notices: tuple[str, ...] = ()


def _at(month: int, day: int) -> datetime:
    return datetime(2017, month, day, 12, tzinfo=UTC)


_WEEK_1 = "/doclib/ddor/ddor2017_01-28to02-03.pdf"
_WEEK_2 = "/doclib/ddor/ddor2017_02-04to02-10.pdf"
_TITLE_1 = "Declined Detainer Outcome Report: Jan. 28 – Feb. 3, 2017"
_FIRST = Report(title=_TITLE_1, file="week1-original.pdf", modified_at=_at(3, 20))
_CORRECTED = Report(title=_TITLE_1, file="week1-corrected.pdf", modified_at=_at(4, 3))
_SECOND = Report(
    title="Declined Detainer Outcome Report: Feb 4 – Feb 10, 2017",
    file="week2.pdf",
    modified_at=_at(3, 29),
)

HISTORY = (
    State(at=_at(3, 20).replace(hour=14), reports={_WEEK_1: _FIRST}),
    State(at=_at(3, 29).replace(hour=14), reports={_WEEK_1: _FIRST, _WEEK_2: _SECOND}),
    State(
        at=_at(4, 5).replace(hour=14),
        reports={_WEEK_1: _CORRECTED, _WEEK_2: _SECOND},
        notices=(CORRECTION,),
    ),
)
"""What happened in spring 2017, and the times at which the demonstration looks."""


def listing_page(state: State) -> str:
    """Write the listing page, in the manner of the agency's other pages (USWDS, Drupal)."""
    items = "\n".join(
        f'      <li class="usa-collection__item"><h4 class="usa-collection__heading">'
        f'<a href="{address}">{report.title}</a></h4></li>'
        for address, report in state.reports.items()
    )
    notices = "\n".join(f"    <p>{notice}</p>" for notice in state.notices)
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Declined Detainer Outcome Report | ICE (replica)</title></head>
<body>
  <p class="usa-banner">{LABEL}.</p>
  <main id="main-content">
    <h1>Declined Detainer Outcome Report</h1>
{notices}
    <ul class="usa-collection">
{items}
    </ul>
  </main>
</body>
</html>
"""


class ReplicaSite:
    """The site as a real HTTP server on loopback; use it in a `with`, and set its `state`."""

    def __init__(self, state: State = HISTORY[0]) -> None:
        """Bind a free port; nothing is served until the block is entered."""
        self.state = state
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _answer(self, site.state)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
                """Say nothing: the run tells what it asked."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The site's origin, as `http://127.0.0.1:43210`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answer(request: BaseHTTPRequestHandler, state: State) -> None:
    headers, body, status = {HEADER: LABEL}, b"", HTTPStatus.NOT_FOUND
    report = state.reports.get(request.path)
    if request.path == PAGE:
        body, status = listing_page(state).encode(), HTTPStatus.OK
        headers["Content-Type"] = "text/html; charset=utf-8"
    elif report:
        headers["Last-Modified"] = format_datetime(report.modified_at, usegmt=True)
        since = request.headers.get("If-Modified-Since")
        if since and parsedate_to_datetime(since) >= report.modified_at:
            status = HTTPStatus.NOT_MODIFIED
        else:
            body = resources.files(__package__).joinpath(report.file).read_bytes()
            headers["Content-Type"], status = "application/pdf", HTTPStatus.OK
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    if status != HTTPStatus.NOT_MODIFIED:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
