"""What absences prove: a link that is gone from the page, an address that answers 404.

Only a site that was seen properly can show that something is not there. A `delisted` document's
address goes on being asked, one conditional request a run, until it is `gone` as well.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from flows import rechecks, remedies, week
from flows.work import NotThere, Work
from scrapers.errors import BlockedError, DisallowedError, LayoutError, SlowError, UnansweredError
from storage.documents import UNKNOWN
from storage.ledger import Manifest
from storage.model import Listing, Outcome
from storage.runs import Observation

GONE_AFTER = timedelta(days=6)
"""A 404 is a removal when it stands on two runs at least so far apart: servers answer 404 under
load (edgi-govdata-archiving/web-monitoring#122 waits 14 days of daily looks)."""
SLACK = timedelta(hours=1)
"""Two runs begun so far apart may meet the same address a little less apart."""
SHRUNK_AFTER = timedelta(weeks=5)
"""For so long a listing that has lost one of its pages is taken for broken, not for shorter; a
person is told so in each run."""
_MANY = 3
"""So many 404s, and more than half of what was asked, are a site in trouble."""


def settle(work: Work, listings: list[Listing]) -> None:
    """Take down what is no longer linked or no longer there, if the site was seen properly."""
    asked = len(listings)
    if work.record.pages_were_read and not work.source.rolling:
        _settle_links(work, listings)
    _settle_addresses(work, asked)
    if not work.record.pages_were_read:
        blocked = any(_is_refusal(error) for error in work.failures)
        known = _linked(work.archive.manifest)
        work.record.overlook(known, "blocked" if blocked else "failed")


def _settle_links(work: Work, listings: list[Listing]) -> None:
    if _unlinked(work, listings):
        # What this run saw must count whether it brought new bytes, which the index has at once,
        # or bytes that the Wayback Machine had shown, which wait for the record.
        work.record.write_down()
    absent, known = _unlinked(work, listings), _linked(work.archive.manifest)
    if why := _is_doubtful(work, len(absent), len(known)):
        work.record.pages_were_read = False
        work.record.need(remedies.FEW_LINKS, f"{why}, so no removal is reported")
        return
    manifest = work.archive.manifest
    before = {e for e in manifest.by_edition if manifest.found_removed(e) == "delisted"}
    missed = absent | (before - _found(work, listings))
    if missed:
        work.record.linked = _shown(manifest, listings)
    for edition in sorted(absent):
        detail = "the agency's page no longer links to it"
        work.record.observe(_observation(work, edition, "delisted", detail))
    _look_at_unlinked(work, sorted(missed))


def _unlinked(work: Work, listings: list[Listing]) -> set[str]:
    """Name the editions that the agency's pages linked to, and do no more."""
    return _linked(work.archive.manifest) - _found(work, listings)


def _found(work: Work, listings: list[Listing]) -> set[str]:
    """Name the editions of which this run met a link."""
    shown = work.archive.manifest.by_showing
    found = {listing.edition or "" for listing in listings} | work.record.met
    found |= {each.edition for each in work.not_there}
    return found | {d.edition for each in listings if (d := shown.get(each.url))}


def _linked(manifest: Manifest) -> set[str]:
    """Name the editions that the agency's pages linked to when they were last seen."""
    editions = {document.edition for document in manifest.by_showing.values()}
    return {edition for edition in editions if not manifest.found_removed(edition)}


def _shown(manifest: Manifest, listings: Iterable[Listing]) -> tuple[str, ...]:
    """Give what pages linked to, where that may turn out to be of other editions than known now."""
    if all(document.printed for document in manifest.by_showing.values()):
        return ()
    found = {listing.edition for listing in listings if listing.edition}
    linked = (manifest.by_showing.get(listing.url) for listing in listings)
    return tuple(sorted(found | {d.printed or d.digest for d in linked if d}))


def _is_doubtful(work: Work, absent: int, known: int) -> str | None:
    """Say why links that are missing prove nothing; None where they do."""
    if absent == 0:
        return None
    if absent * 2 > known:
        return f"only {known - absent} of {known} known reports are linked: the page may be broken"
    if lost := _lost_pages(work):
        return f"the listing went on to {', '.join(sorted(lost))} lately, and no longer does"
    return None


def _lost_pages(work: Work) -> set[str]:
    """Name listing pages that were read lately and that nothing led to in this run."""
    known = [p for p in work.record.pages_before.values() if p.ext == "html"]
    looked = [(p.looked_at, p.url) for p in known if p.looked_at]
    earlier = [at for at, _ in looked if at < work.record.started_at]
    if not earlier:
        return set()
    since = min(max(earlier) - SLACK, work.record.started_at - SHRUNK_AFTER)
    return {url for at, url in looked if at >= since and url not in work.record.looked_at}


def _look_at_unlinked(work: Work, editions: Iterable[str]) -> None:
    manifest = work.archive.manifest
    places: dict[str, tuple[datetime, str]] = {}
    for url, document in manifest.by_showing.items():
        if document.is_version:
            place = (document.shown[url][1], url)
            places[document.edition] = max(place, places.get(document.edition, place))
    listings = []
    for edition in editions:
        if edition in places:
            claim = None if edition.startswith(UNKNOWN) else edition
            title = f"{edition}, no longer linked"
            listing = Listing(
                source=manifest.source, edition=claim, url=places[edition][1], title=title
            )
            listings.append(listing)
    now, weeks = work.archive.now(), work.recheck_weeks
    asked = {listing.url for listing in listings}
    work.whole.update(rechecks.due(manifest, asked, now=now, weeks=weeks))
    for listing in listings:
        week.visit(work, listing, partial(week.look, linked=False), linked=False)


def _settle_addresses(work: Work, asked: int) -> None:
    """Say what each 404 proves: nothing while the site is in trouble."""
    linked = sum(each.linked for each in work.not_there)
    trouble = None
    if not work.record.pages_were_read or any(map(_is_trouble, work.failures)):
        trouble = "the site is in trouble, so it proves nothing"
    elif linked >= _MANY and linked * 2 > asked:
        trouble = f"so are {linked} of {asked} linked reports, so it proves nothing"
    for each in work.not_there:
        _settle_address(work, each, trouble)


def _settle_address(work: Work, each: NotThere, trouble: str | None) -> None:
    word: Outcome = "failed" if each.linked else "delisted"
    later = f"if it still does in a run {GONE_AFTER.days} days on, it counts as removed"
    if trouble is None and _is_gone(work.archive.manifest, each.edition, each.at):
        word, later = "gone", "it has done so for long enough to count as removed"
    observation = Observation(
        at=each.at,
        edition=each.edition,
        outcome=word,
        evidence="none" if trouble else "not-there",
        url=each.url,
        detail=f"{each.why}; {trouble or later}",
        linked=each.linked,
    )
    work.record.observe(observation, remedies.NOT_THERE if word == "failed" else None)


def _is_gone(manifest: Manifest, edition: str, at: datetime) -> bool:
    ours = [(span.state, span.ours) for span in manifest.timelines.get(edition, ()) if span.ours]
    if not ours or ours[-1][0] not in {"missing", "gone"}:
        return False
    state, (first, _) = ours[-1]
    return state == "gone" or at - first >= GONE_AFTER - SLACK


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, BlockedError)


def _is_trouble(error: Exception) -> bool:
    refused = isinstance(error, BlockedError) and not isinstance(error, DisallowedError)
    return refused or isinstance(error, UnansweredError | SlowError | LayoutError)


def _observation(work: Work, edition: str, word: Outcome, detail: str) -> Observation:
    return Observation(
        at=work.archive.now(), edition=edition, outcome=word, evidence="absent", detail=detail
    )
