"""Whatever is written into the chat is shown as it was written, and never runs.

The page here sets no Content-Security-Policy: the widget has to be safe by itself.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import ChatPage
from tests.browser.scripted_shop import ScriptedShop, wait_until
from tests.browser.xss_payloads import PAYLOADS, Canary

pytestmark = pytest.mark.browser


def shown_texts(page: Page) -> list[str]:
    return page.locator("comanda-chat .text").evaluate_all("texts => texts.map(text => text.textContent)")


def test_the_canary_sings_when_a_payload_does_run(page: Page, shop: ScriptedShop) -> None:
    canary = Canary(page)
    page.goto(f"{shop.url}/?policy=false")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=canary(8)>')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=//canary.invalid/pixel.png>')")

    with pytest.raises(AssertionError):
        canary.assert_silent()
    assert canary.sung == [8]
    assert canary.fetched == ["http://canary.invalid/pixel.png"]


# case 96, case 97
@pytest.mark.parametrize("author", ["assistant", "agent"])
def test_what_the_shop_says_is_text(page: Page, shop: ScriptedShop, author: str) -> None:
    canary = Canary(page)
    page.goto(f"{shop.url}/?policy=false")
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    for payload in PAYLOADS:
        shop.say(payload, author=author)
    expect(chat.bubbles).to_have_count(len(PAYLOADS))
    assert shown_texts(page) == list(PAYLOADS)
    canary.assert_silent()
    page.reload()
    chat = ChatPage(page)
    chat.open()
    expect(chat.bubbles).to_have_count(len(PAYLOADS))

    assert shown_texts(page) == list(PAYLOADS)
    assert page.locator("comanda-chat .text :not(a)").count() == 0
    canary.assert_silent()


# case 96
def test_what_the_customer_writes_is_text(page: Page, shop: ScriptedShop) -> None:
    canary = Canary(page)
    page.goto(f"{shop.url}/?policy=false")
    chat = ChatPage(page)
    chat.open()
    for payload in PAYLOADS:
        chat.say(payload)
    wait_until(lambda: len(shop.texts) == len(PAYLOADS))

    assert shop.texts == list(PAYLOADS)
    assert shown_texts(page) == list(PAYLOADS)
    canary.assert_silent()


# case 96
def test_choices_names_and_refusals_are_text(page: Page, shop: ScriptedShop) -> None:
    canary = Canary(page)
    shop.name = "<img src=x onerror=canary(8)>"
    page.goto(f"{shop.url}/?policy=false")
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    shop.say("¿Cuál?", *PAYLOADS)
    titles = page.locator("comanda-chat .choice")
    expect(titles).to_have_count(len(PAYLOADS))
    expect(page.locator("comanda-chat h2")).to_have_text(shop.name)
    shop.send(type="error", code="new_code", detail="<svg onload=canary(17)>")
    expect(chat.dialog.get_by_role("alert")).to_have_text("<svg onload=canary(17)>")

    assert titles.evaluate_all("titles => titles.map(title => title.textContent)") == list(PAYLOADS)
    canary.assert_silent()


# case 97
def test_only_web_addresses_become_links_and_they_lead_nowhere_near_our_page(page: Page, shop: ScriptedShop) -> None:
    page.goto(shop.url)
    chat = ChatPage(page)
    chat.open()
    wait_until(lambda: shop.conversations)
    shop.say("mira https://mercado.example/pan?a=1&b=2, o (http://mercado.example/leche).")
    shop.say("javascript:alert(1) data:text/html,x ftp://mercado.example www.mercado.example file:///etc/passwd")
    links = chat.log.get_by_role("link")
    expect(links).to_have_count(2)

    assert links.evaluate_all("links => links.map(link => link.getAttribute('href'))") == [
        "https://mercado.example/pan?a=1&b=2",
        "http://mercado.example/leche",
    ]
    for link in links.all():
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
