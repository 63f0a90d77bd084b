"""The digests by which datasets and web pages are known to be of an index: what changes them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from storage.about import About
from storage.datasets.state import state as of_datasets
from storage.directory import Directory
from storage.ledger import Manifest, Notice
from storage.site.source import _state as of_pages
from tests import histories
from tests.filing import ABOUT
from tests.histories import on

Change = Callable[[Manifest, About], tuple[Manifest, About]]
NOTICE = Notice(
    kind="correction",
    text="Corrected.",
    said_on=None,
    url="https://www.ice.gov/page",
    page="0" * 64,
    first=on(1),
    last=on(2),
)


def noticed(manifest: Manifest, said_on: str = "2017-04-11") -> Manifest:
    return replace(manifest, notices={NOTICE.text: replace(NOTICE, said_on=said_on)})


def without(manifest: Manifest, name: str) -> Manifest:
    """As if one of the documents had never been."""
    gone = histories.digest(name)
    documents = {d: entry for d, entry in manifest.documents.items() if d != gone}
    spans = {
        e: tuple(s for s in told if s.digest != gone) for e, told in manifest.timelines.items()
    }
    return replace(manifest, documents=documents, timelines=spans)


CHANGES: dict[str, Change] = {
    "another agency": lambda index, about: (index, replace(about, agency="Another")),
    "another title": lambda index, about: (index, replace(about, title="Another")),
    "another page": lambda index, about: (index, replace(about, url="https://www.ice.gov/moved")),
    "a field is described": lambda index, about: (
        index,
        replace(about, fields={"county": "Where"}),
    ),
    "a notice": lambda index, about: (noticed(index), about),
    "a notice of another day": lambda index, about: (noticed(index, said_on="2017-04-12"), about),
    "without a version": lambda index, about: (without(index, "two"), about),
    "without an edition": lambda index, about: (without(index, "other"), about),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return histories.fill(Directory(tmp_path_factory.mktemp("filled") / "archive"))


@pytest.mark.parametrize("state", [of_datasets, of_pages])
def test_whatever_is_shown_changes_the_state(
    index: Manifest, state: Callable[[Manifest, About], str]
) -> None:
    states = {name: state(*change(index, ABOUT)) for name, change in CHANGES.items()}
    states["as it is"] = state(index, ABOUT)
    assert len({*states.values()}) == len(states)


@pytest.mark.parametrize("state", [of_datasets, of_pages])
def test_a_quiet_week_and_the_order_of_learning_change_nothing(
    index: Manifest, state: Callable[[Manifest, About], str]
) -> None:
    later = {
        edition: (*spans[:-1], replace(spans[-1], last=on(100), count=spans[-1].count + 1))
        for edition, spans in index.timelines.items()
    }
    turned = dict([*index.documents.items()][::-1])
    quiet = replace(index, timelines=dict([*later.items()][::-1]), documents=turned)
    assert state(quiet, ABOUT) == state(index, ABOUT)
