"""The demo shop's page in a real Chromium, with the real chat on it and the real OMS behind it."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import PHONE
from tests.browser.open_market import OpenMarket

pytestmark = pytest.mark.browser


def test_the_page_is_visibly_a_demo_and_shows_what_is_for_sale(page: Page, market: OpenMarket) -> None:
    page.goto(market.url)

    expect(page.get_by_text("Esta tienda es una demostración de Comanda")).to_be_visible()
    expect(page.get_by_role("heading", name="Lácteos y huevos")).to_be_visible()
    # Six of each shelf; of what partners make to order there are five.
    expect(page.locator(".shelf")).to_have_count(18)
    expect(page.locator(".good")).to_have_count(6 * 17 + 5)
    expect(page.get_by_role("link", name="Consola")).to_have_attribute("href", "/console/")
    expect(page.get_by_role("link", name="API de pedidos")).to_have_attribute("href", "/api/docs")


def test_a_category_shows_all_its_goods_with_their_prices(page: Page, market: OpenMarket) -> None:
    page.goto(market.url)
    page.get_by_role("link", name="Lácteos y huevos").click()

    expect(page.locator(".shelf")).to_have_count(1)
    milk = page.locator(".good").filter(has_text="Leche entera larga vida Prado Alto 1 L")
    expect(milk).to_contain_text("$5.300")
    assert page.locator(".good").count() > 6


def test_the_page_is_there_in_english(page: Page, market: OpenMarket) -> None:
    page.goto(market.url)
    page.get_by_role("link", name="English").click()

    expect(page.get_by_role("heading", name="Your corner market, one message away.")).to_be_visible()
    expect(page.get_by_role("heading", name="Dairy and eggs")).to_be_visible()
    expect(page.get_by_role("button", name="Open the chat")).to_be_visible()


def test_a_prompt_is_said_in_the_chat_and_reaches_the_staff(page: Page, market: OpenMarket) -> None:
    page.goto(market.url)
    page.get_by_role("button", name="¿A cómo está el arroz?").click()
    chat = ChatPage(page)
    chat.expect_sent("¿A cómo está el arroz?")
    expect(page.get_by_role("dialog", name="Mercado La Esquina")).to_be_visible()
    page.reload()
    chat = ChatPage(page)
    chat.open()
    chat.expect_bubbles("¿A cómo está el arroz?")
    answer = httpx.get(
        f"{market.url}/bot/api/conversations", headers={"Authorization": f"Bearer {market.token('staff')}"}
    )

    assert [each["last_message_text"] for each in answer.json()] == ["¿A cómo está el arroz?"]


def test_the_chat_on_the_page_survives_a_cut_without_doubles(page: Page, market: OpenMarket) -> None:
    page.goto(market.url)
    chat = ChatPage(page)
    chat.open()
    chat.say("hola")
    chat.expect_sent("hola")
    page.context.set_offline(True)
    chat.say("dos leches")
    chat.say("un pan")
    page.context.set_offline(False)
    chat.expect_sent("dos leches", "un pan")

    chat.expect_bubbles("hola", "dos leches", "un pan")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_keeps_its_policy(page: Page, market: OpenMarket, scheme: str) -> None:
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.add_init_script(
        "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"
    )
    answer = page.goto(market.url)
    ChatPage(page).open()

    assert answer
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate("window.violations") == []
