"""One running product for all journeys, and a Chromium to walk them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from comanda.browser import launch_options
from tests.journeys.product import Product


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("journeys") / "home")
    try:
        product.start()
        yield product
    finally:
        product.close()
        product.keep_logs("journeys")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()
