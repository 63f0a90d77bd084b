"""What can befall the agency's site in a week, and what a run makes of each: the table of faults.

The same table, for people, stands in deploy/RUNBOOK.md; `tests/test_ledger.py` holds the two
together.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from flows import remedies
from storage.model import Outcome
from tests.agency import AgencySite, Listing, Reply, faults
from tests.weeks import EDITIONS, FIRST, SECOND, THIRD, path, publish, report

PAGE = "/declined-detainer-outcome-report"
LATER = "2017-02-18"
OLDER = "2017-01-07"
MOVED = "/file-download/download/public/4711"
TITLE = "Declined Detainer Outcome Report"
TITLES = {
    FIRST: f"{TITLE} January 28, 2017 to February 3, 2017",
    SECOND: f"{TITLE} February 4, 2017 to February 10, 2017",
}
"""Words of links that claim an edition, whatever their address is called."""

Act = Callable[[AgencySite], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that befalls a site of three known reports, and what the next run says."""

    name: str
    act: Act
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """Of the editions that are not `unchanged`."""
    says: str = ""
    """What one of the messages has in it."""
    section: str | None = None
    """Of the RUNBOOK, where a person must see to it; the exit code is then 1, else 0."""
    removed: frozenset[str] = frozenset()
    """Editions that the agency took away in truth."""
    changed: frozenset[str] = frozenset()
    """Editions of which it put up other bytes in truth."""
    before: Act = lambda _site: None
    """How the site stood in the weeks before."""

    @property
    def code(self) -> int:
        return 1 if self.section else 0


def _all(word: Outcome, *but: str) -> dict[str, Outcome]:
    return {edition: word for edition in EDITIONS if edition not in but}


def _then(*acts: Act) -> Act:
    def act(site: AgencySite) -> None:
        for each in acts:
            each(site)

    return act


def _inflict(fault: faults.Fault, on: str, times: int | None = None) -> Act:
    return lambda site: site.inflict(fault, on=on, times=times)


def _revise(**made: object) -> Act:
    return lambda site: site.revise(path(FIRST), report(FIRST, **made))  # type: ignore[arg-type] # the names are report's


def _pages_of(number: int) -> Act:
    return lambda site: setattr(site.listing, "per_page", number)


def _lose(number: int) -> Act:
    return lambda site: setattr(site.listing, "lost", number)


def _without_pager(reply: Reply) -> Reply:
    return replace(
        reply, body=re.sub(rb"<nav aria-label.*?</nav>", b"", reply.body, flags=re.DOTALL)
    )


def _without_two(site: AgencySite) -> None:
    site.listing.entries = site.listing.entries[:1]


def _emptied(site: AgencySite) -> None:
    site.listing.entries = []
    site.say("There are currently no reports available.")


def _claim_wrongly(site: AgencySite, body: bytes) -> None:
    site.publish(path(LATER), body, f"{TITLE} {LATER}")


def _robots(text: str) -> Act:
    return lambda site: setattr(site, "robots", text)


FIRST_ON = path(FIRST)
ONE_BLOCKED: dict[str, Outcome] = {FIRST: "blocked"}
ONE_FAILED: dict[str, Outcome] = {FIRST: "failed"}
CHANGED = frozenset({FIRST})

FAULTS = (
    Fault(name="nothing new", act=lambda _site: None),
    Fault(
        name="a report's records are revised",
        act=_revise(rows=3),
        outcomes={FIRST: "revision"},
        says=f"{FIRST}: revision: its records differ",
        changed=CHANGED,
    ),
    Fault(
        name="a report's text is amended",
        act=_revise(words="other"),
        outcomes={FIRST: "amendment"},
        says=f"{FIRST}: amendment: its text differs",
        changed=CHANGED,
    ),
    Fault(
        name="only a report's furniture changes",
        act=_revise(furniture="p2"),
        outcomes={FIRST: "reissue"},
        says=f"{FIRST}: reissue: its bytes differ",
        changed=CHANGED,
    ),
    Fault(
        name="only the page's furniture changes",
        act=lambda site: setattr(site.listing, "furniture", "Last viewed by visitor 2"),
    ),
    Fault(
        name="a report is republished under another name",
        act=lambda site: site.republish(path(FIRST), MOVED),
    ),
    Fault(
        name="a report moves and is revised",
        act=_then(
            lambda site: site.republish(path(FIRST), MOVED),
            lambda site: site.revise(MOVED, report(FIRST, rows=3)),
        ),
        outcomes={FIRST: "revision"},
        says=f"{FIRST}: revision",
        changed=CHANGED,
    ),
    Fault(
        name="a report with an older period comes out",
        act=lambda site: publish(site, OLDER),
        outcomes={OLDER: "new"},
    ),
    Fault(
        name="a report is delisted",
        act=lambda site: site.delist(path(FIRST)),
        outcomes={FIRST: "delisted"},
        says=f"{FIRST}: delisted: the agency's page no longer links to it",
        removed=CHANGED,
    ),
    Fault(
        name="a report is not found (404)",
        act=lambda site: site.remove(path(FIRST)),
        outcomes=ONE_FAILED,
        says="if it still does in a run 6 days on, it counts as removed",
        section=remedies.NOT_THERE,
        removed=CHANGED,
    ),
    Fault(
        name="a report is gone (410)",
        act=lambda site: site.remove(path(FIRST), 410),
        outcomes=ONE_FAILED,
        says="answered 410",
        section=remedies.NOT_THERE,
        removed=CHANGED,
    ),
    Fault(
        name="the site refuses everything (403)",
        act=_inflict(faults.block(), "*"),
        outcomes=_all("blocked"),
        says="answered 403",
        section=remedies.BLOCKED,
    ),
    Fault(
        name="the site refuses a report (403)",
        act=_inflict(faults.block(), FIRST_ON),
        outcomes=ONE_BLOCKED,
        says="answered 403",
        section=remedies.BLOCKED,
    ),
    Fault(
        name="a challenge stands in place of the page",
        act=_inflict(faults.challenge(), PAGE),
        outcomes=_all("blocked"),
        says="a challenge",
        section=remedies.BLOCKED,
    ),
    Fault(
        name="a challenge stands in place of a report",
        act=_inflict(faults.challenge(), FIRST_ON),
        outcomes=ONE_BLOCKED,
        says="a challenge",
        section=remedies.BLOCKED,
    ),
    Fault(
        name="the site asks us to wait, and answers then (429)",
        act=_inflict(faults.throttle("30"), FIRST_ON, 1),
        says="asked us to wait 30 s, and we did",
    ),
    Fault(
        name="the site asks us to wait, again and again (429)",
        act=_inflict(faults.throttle("30"), FIRST_ON),
        outcomes=ONE_BLOCKED,
        says="answered 429",
        section=remedies.BLOCKED,
    ),
    Fault(
        name="the site asks for a longer rest than a run can give (503)",
        act=_inflict(faults.throttle("3600", 503), FIRST_ON),
        outcomes=ONE_FAILED,
        says="asks to be left alone for 3600 s",
        section=remedies.UNANSWERED,
    ),
    Fault(
        name="robots.txt is refused (403)",
        act=_inflict(faults.block(), "/robots.txt"),
        says="is unknown (a challenge stands in its place",
    ),
    Fault(
        name="robots.txt disallows the reports",
        act=_robots("User-agent: *\nDisallow: /doclib/\n"),
        outcomes=_all("blocked"),
        says="robots.txt of",
        section=remedies.ROBOTS,
    ),
    Fault(
        name="the site is down",
        act=lambda site: site.down(),
        outcomes=_all("failed"),
        says=PAGE,
        section=remedies.UNANSWERED,
    ),
    Fault(
        name="the page is not found (404)",
        act=_inflict(faults.answer(404), PAGE),
        outcomes=_all("failed"),
        says="answered 404",
        section=remedies.LAYOUT,
    ),
    Fault(
        name="the page fails (500)",
        act=_inflict(faults.answer(500), PAGE),
        outcomes=_all("failed"),
        says="answered 500",
        section=remedies.UNANSWERED,
    ),
    Fault(
        name="the page is a soft 404",
        act=_inflict(faults.soft_404(), PAGE),
        outcomes=_all("failed"),
        says="with status 200",
        section=remedies.LAYOUT,
    ),
    Fault(
        name="a report fails (500)",
        act=_inflict(faults.answer(500), FIRST_ON),
        outcomes=ONE_FAILED,
        says="answered 500",
        section=remedies.UNANSWERED,
    ),
    Fault(
        name="a report does not answer in time",
        act=_inflict(faults.late(30), FIRST_ON),
        outcomes=ONE_FAILED,
        says=FIRST_ON,
        section=remedies.UNANSWERED,
    ),
    Fault(
        name="a revised report is cut short",
        act=_then(_revise(rows=3), _inflict(faults.cut(30), FIRST_ON)),
        outcomes=ONE_FAILED,
        says="broke off after 30 bytes",
        section=remedies.UNANSWERED,
        changed=CHANGED,
    ),
    Fault(
        name="a revised report comes in broken gzip",
        act=_then(_revise(rows=3), _inflict(faults.gzipped(broken=True), FIRST_ON)),
        outcomes=ONE_FAILED,
        says=FIRST_ON,
        section=remedies.UNANSWERED,
        changed=CHANGED,
    ),
    Fault(
        name="a report leads to a private address",
        act=_inflict(faults.redirect("http://192.168.0.1/report.pdf"), FIRST_ON),
        outcomes=ONE_FAILED,
        says="192.168.0.1",
        section=remedies.UNSAFE,
    ),
    Fault(
        name="the page leads to another host",
        act=_inflict(faults.redirect("https://example.org/reports"), PAGE),
        outcomes=_all("failed"),
        says="example.org",
        section=remedies.UNSAFE,
    ),
    Fault(
        name="a report leads elsewhere on the site",
        act=_then(
            lambda site: site.store(MOVED, report(FIRST)),
            _inflict(faults.redirect(MOVED), FIRST_ON),
        ),
    ),
    Fault(
        name="a report is larger than allowed",
        act=lambda site: site.revise(FIRST_ON, report(FIRST) + b"%" * 400_000),
        outcomes=ONE_FAILED,
        says="bytes",
        section=remedies.TOO_LARGE,
        changed=CHANGED,
    ),
    Fault(
        name="HTML is served as a PDF",
        act=_inflict(faults.html_as_pdf(), FIRST_ON),
        outcomes={FIRST: "quarantined"},
        says="not-a-pdf",
        section=remedies.QUARANTINE,
    ),
    Fault(
        name="a report is a soft 404",
        act=_inflict(faults.soft_404(), FIRST_ON),
        outcomes=ONE_FAILED,
        says="with status 200",
        section=remedies.NOT_THERE,
    ),
    Fault(
        name="a report cannot be read for a bug of ours",
        act=_revise(words="bug"),
        outcomes=ONE_FAILED,
        says="has a bug",
        section=remedies.BUG,
        changed=CHANGED,
    ),
    Fault(
        name="another week's report stands under a link",
        act=lambda site: _claim_wrongly(site, report(FIRST)),
        outcomes={LATER: "failed"},
        says=f"the link claims {LATER}, the document prints {FIRST}",
        section=remedies.WRONG_LINK,
    ),
    Fault(
        name="a revised report stands under another week's link",
        act=lambda site: _claim_wrongly(site, report(FIRST, rows=5)),
        outcomes={FIRST: "revision", LATER: "failed"},
        says=f"the link claims {LATER}, the document prints {FIRST}",
        section=remedies.WRONG_LINK,
        changed=CHANGED,
    ),
    Fault(
        name="the page loses more than half of its links",
        act=_without_two,
        outcomes=_all("failed", THIRD),
        says="only 1 of 3 known reports are linked",
        section=remedies.FEW_LINKS,
    ),
    Fault(
        name="all reports are delisted at once",
        act=_emptied,
        outcomes=_all("failed"),
        says="only 0 of 3 known reports are linked",
        section=remedies.FEW_LINKS,
    ),
    Fault(
        name="the page's markup is renamed",
        act=lambda site: setattr(site.listing, "renamed", True),
        outcomes=_all("failed"),
        says="no such link",
        section=remedies.LAYOUT,
    ),
    Fault(name="the page is split into pages", act=_pages_of(1)),
    Fault(
        name="a page of the listing comes empty",
        act=_lose(1),
        before=_pages_of(1),
        outcomes=_all("failed", THIRD),
        says="no such link",
        section=remedies.LAYOUT,
    ),
    Fault(
        name="the last page of the listing comes empty",
        act=_lose(2),
        before=_pages_of(1),
        outcomes=_all("failed", THIRD, SECOND),
        says="no such link",
        section=remedies.LAYOUT,
    ),
    Fault(
        name="the listing loses its way to its last page",
        act=_inflict(_without_pager, PAGE),
        before=_pages_of(2),
        outcomes=ONE_FAILED,
        says="the listing went on to",
        section=remedies.FEW_LINKS,
    ),
    Fault(
        name="a page of the listing fails (500)",
        act=_inflict(faults.answer(500), f"{PAGE}?page=1"),
        before=_pages_of(2),
        outcomes=ONE_FAILED,
        says="answered 500",
        section=remedies.UNANSWERED,
    ),
)


def well_again(site: AgencySite, listing: Listing) -> None:
    """Let a site recover: its page as it was, its documents there, whatever they now are."""
    site.heal()
    if site._server._running is None:
        site.up()
    site.listing = listing
    site.robots = None
    for edition in EDITIONS:
        site.restore(path(edition))
