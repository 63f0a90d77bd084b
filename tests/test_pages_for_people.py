"""What the pages for people point to is there: files, sections of other pages, units to copy."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "deploy/README.md", "deploy/RUNBOOK.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(page: Path) -> set[str]:
    """The names by which a page's sections are linked, as code forges make them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    kept = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.replace(" ", "-") for title in kept}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text())
    assert links
    for path, anchor in links:
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_the_installation_copies_units_that_are_there_and_all_of_them() -> None:
    text = (ROOT / "deploy" / "README.md").read_text()
    named = set(re.findall(r"[\w-]+\.(?:service|timer)\b", text))
    assert named == {unit.name for unit in (ROOT / "deploy" / "systemd").iterdir()}
