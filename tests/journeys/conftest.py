"""One running product for all journeys, and a Chromium to walk them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, sync_playwright

from comanda.browser import launch_options
from kernel.config import Settings
from tests.bot.stand_in_model import StandInModel, stand_in_model
from tests.bot.telegram import TOKEN as TELEGRAM_TOKEN
from tests.bot.telegram import Telegram
from tests.bot.twilio import ACCOUNT, Twilio
from tests.bot.twilio import TOKEN as TWILIO_TOKEN
from tests.journeys.collector import Collector
from tests.journeys.product import Product, free_row_of_ports

NEWS = f"HX{'3' * 32}"
TEMPLATES = f"notices: {{any: {{es: {{sid: {NEWS}, variables: [number, text]}}}}}}"


@dataclass(frozen=True, slots=True)
class Providers:
    """Who stands for Twilio and Telegram; each takes only what the real one's interface allows."""

    twilio: Twilio
    telegram: Telegram


@pytest.fixture(scope="package")
def providers() -> Iterator[Providers]:
    providers = Providers(Twilio(), Telegram())
    yield providers
    providers.twilio.stop()
    providers.telegram.stop()


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture(scope="package")
def language_model() -> Iterator[StandInModel]:
    """It knows no other words for anything, until a test has it say some."""
    with stand_in_model() as model:
        yield model


@pytest.fixture(scope="package")
def product(
    tmp_path_factory: pytest.TempPathFactory,
    providers: Providers,
    collector: Collector,
    language_model: StandInModel,
) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("journeys")
    (folder / "templates.yml").write_text(TEMPLATES)
    product = Product(folder / "home")
    product.environment |= {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_WHATSAPP_FROM": "+14155238886",
        "TWILIO_API_BASE": providers.twilio.url,
        "COMANDA_WHATSAPP_TEMPLATES": str(folder / "templates.yml"),
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_API_BASE": providers.telegram.url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "COMANDA_METRICS_PORT": str(free_row_of_ports(3)),
        "COMANDA_REPHRASE_URL": f"{language_model.url}/v1",
        "COMANDA_REPHRASE_MODEL": "told",
    }
    product.settings = Settings.model_validate(product.environment)
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
