"""A source cannot exist without a saved page, a PDF and the records that a person read from it."""

from pathlib import Path

import pytest

from scrapers import source

SAVED = Path(__file__).parent / "sources"


@pytest.mark.parametrize("name", source.names())
def test_every_source_has_a_saved_page_and_a_document_with_its_records(name: str) -> None:
    folder = SAVED / name
    assert list(folder.glob("*.html")), f"{folder} holds no listing page"
    documents = list(folder.glob("*.pdf"))
    assert documents, f"{folder} holds no document"
    for document in documents:
        known = [document.with_suffix(ending) for ending in (".json", ".csv")]
        assert any(path.is_file() for path in known), f"no expected records beside {document}"


@pytest.mark.parametrize("name", source.names())
def test_every_source_loads_under_its_own_name(name: str) -> None:
    assert source.load(name).name == name
