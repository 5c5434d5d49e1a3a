"""One Chromium for the browser tests of a file, a fresh visitor for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from comanda.browser import launch_options
from tests.browser.open_market import OpenMarket
from tests.browser.scripted_shop import ScriptedShop

# A machine with two busy cores is slow, not wrong.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Not for the whole session: while Playwright's loop holds this thread no asynchronous test of another file can run.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """A person with a browser of their own: empty storage, no cookies, Spanish, a desktop screen."""
    context = chromium.new_context(viewport=DESKTOP, locale="es-CO", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    return visitor.new_page()


@pytest.fixture(scope="session")
def new_home(demo_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes homes in which the demo shop is filled already."""

    def make() -> Path:
        home = tmp_path_factory.mktemp("market")
        shutil.copy(demo_shop, home / "comanda.db")
        return home

    return make


@pytest.fixture(scope="module")
def market(new_home: Callable[[], Path]) -> Iterator[OpenMarket]:
    """The real public process with the demo market inside, for the tests of one file."""
    with OpenMarket(new_home()) as market:
        yield market


@pytest.fixture
def shop() -> Iterator[ScriptedShop]:
    with ScriptedShop() as shop:
        yield shop
