"""A visitor of the reading room: Debian's Chromium, and the way that a visitor goes."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.stores import skip

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        skip("no browser here: Debian's package is chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def _failed(request: Request) -> list[str]:
    """Say what could not be had; what the visitor did not wait for is nothing wrong."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url}: {request.failure}"]


@contextmanager
def visit(browser: Browser, root: str, **options: object) -> Iterator[Page]:
    """A visitor's page; nothing may be asked beyond the root, and nothing go wrong."""
    context = browser.new_context(**options)  # type: ignore[arg-type] # as playwright names them
    page = context.new_page()
    beyond: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: beyond.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.extend(_failed(request)))
    page.goto(f"{root}/site/index.html")
    yield page
    context.close()
    assert [url for url in beyond if not url.startswith((f"{root}/", "data:"))] == []
    assert wrong == []


def downloaded(page: Page) -> str:
    """Download the original that the page offers; give its SHA-256.

    From a folder browsers show it instead, and the file is there already.
    """
    button = page.locator("a.button").first
    target = urlsplit(urljoin(page.url, button.get_attribute("href") or ""))
    path = Path(unquote(target.path))
    if target.scheme != "file":
        with page.expect_download() as download:
            button.click()
        path = Path(download.value.path())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def walk(page: Page) -> None:
    """Go from the front page to the correction, the original, its records, and a record's place."""
    page.get_by_role("link", name="issued: 4 removed; declined: 9 removed").click()
    expect(page.locator("#issued tbody tr")).to_have_count(4)
    expect(page.locator("#declined tbody tr")).to_have_count(9)
    expect(page.get_by_text("Correction: Due to a data processing error")).to_be_visible()
    page.locator("nav").get_by_role("link", name="2017-01-28").click()
    page.get_by_role("link", name="Version 1", exact=True).click()
    shown = page.locator("code.digest").first.inner_text()
    assert downloaded(page) == shown
    page.locator(".tiles a", has_text="declined").click()
    page.get_by_label("state", exact=True).select_option("Texas")
    expect(page.get_by_role("status")).to_contain_text("149 of 206 records")
    states = set(page.locator("#records tbody td:nth-child(3)").all_inner_texts())
    assert states == {"Texas"}
    page.get_by_label("search").fill("williamson mexico")
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"^[1-9]\d? of 206 records$"))
    page.locator("#records tbody a").first.click()
    expect(page.locator("rect.here")).to_be_in_viewport()
    expect(page.locator("figure:has(rect.here) img")).to_have_js_property("complete", value=True)
