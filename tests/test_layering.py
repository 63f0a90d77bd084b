"""What is true of the tree as a whole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("flows", "scrapers", "storage")
ONE_HOME = {
    "httpx": ["scrapers/web/wire.py"],
    "bs4": ["scrapers/page.py"],
    "boto3": ["storage/s3_client.py"],
    "pyarrow": ["storage/datasets/arrow.py"],
    "jinja2": ["storage/site/rendering.py"],
    "bagit": ["storage/bag.py"],
    "warcio": ["storage/warc.py"],
    "protego": ["scrapers/web/robots.py"],
    "apprise": ["flows/alerts.py"],
}
"""Third-party library -> the one module that imports it."""


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("library", ONE_HOME)
def test_a_library_is_imported_in_one_module(library: str) -> None:
    imports = re.compile(rf"^\s*(?:import|from) {library}\b", re.MULTILINE)
    found = [p.relative_to(ROOT).as_posix() for p in modules() if imports.search(p.read_text())]
    assert found == ONE_HOME[library]


def test_only_flows_import_prefect() -> None:
    imports = re.compile(r"^\s*(?:import|from) prefect\b", re.MULTILINE)
    found = {p.relative_to(ROOT).parts[0] for p in modules() if imports.search(p.read_text())}
    assert found == {"flows"}


def test_no_module_is_too_long() -> None:
    assert [str(p) for p in modules() if len(p.read_text().splitlines()) > 300] == []


@pytest.mark.parametrize("library", ["prefect", "pdfplumber", "boto3", "pyarrow", "rich"])
def test_the_command_line_starts_without_heavy_libraries(library: str) -> None:
    code = f"import sys, flows.cli; sys.exit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_nothing_that_is_kept_names_a_registry_or_a_path_of_some_machine() -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if names.returncode:
        pytest.skip("not a git checkout")
    told = re.compile(rb"/(?:home|root|work)/[a-z]|pypi[.]org|pythonhosted[.]org|npmjs[.]")
    found = [
        name
        for name in names.stdout.split("\0")
        if name and not name.endswith((".pdf", ".lock")) and name != "tests/test_layering.py"
        if (ROOT / name).is_file() and told.search((ROOT / name).read_bytes())
    ]
    assert found == []
