"""One customer on two channels: a cart begun on the web is confirmed on WhatsApp, and both see what came of it."""

from __future__ import annotations

import re
import secrets
from urllib.parse import unquote

import pytest

from comanda.web_chat import WebChat
from tests.journeys.conftest import Providers
from tests.journeys.product import Product
from tests.journeys.pushed import OnWhatsApp

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]


def said(chat: WebChat, words: str) -> str:
    return "\n".join(str(frame.get("text", "")) for frame in chat.say(words, timeout_s=60))


def order_in(talked: list[str]) -> str:
    found = re.findall(r"PED-\d+", talked[-1])
    assert found, "\n".join(talked)
    return str(found[0])


@pytest.mark.parametrize(
    ("language", "wish", "move", "mine", "talk", "ask"),
    [
        (
            "es",
            "2 leches enteras",
            "quiero seguir en WhatsApp",
            "Sí, fui yo",
            ["finalizar pedido", "Calle 45 # 12-30", "efectivo", "sí, confirmo"],
            "¿dónde está mi pedido?",
        ),
        (
            "en",
            "2 whole milks",
            "continue on WhatsApp",
            "Yes, it was me",
            ["check out", "Calle 45 # 12-30", "cash", "yes, confirm it"],
            "where is my order?",
        ),
    ],
)
def test_a_cart_begun_on_the_web_is_confirmed_on_whatsapp(
    product: Product,
    providers: Providers,
    language: str,
    wish: str,
    move: str,
    mine: str,
    talk: list[str],
    ask: str,
) -> None:  # case 64
    product.wait_until_ready()
    phone = OnWhatsApp(product, providers.twilio, f"+57300{secrets.randbelow(10**7):07d}")
    with product.chat(language) as web:
        said(web, wish)
        link = re.findall(r"https://wa\.me/14155238886\?text=(\S+)", said(web, move))[0]

        asked = phone.says(unquote(link))
        assert mine in asked
        phone.says(mine)
        talked = [phone.says(words) for words in talk]
        number = order_in(talked)

        assert number in said(web, ask)
        assert number in phone.says(ask)

    lines = product.rows(
        "SELECT sku, base_quantity FROM oms_order_line JOIN oms_order ON oms_order.id = order_id "
        "WHERE number = :number",
        number=number,
    )
    assert [(line["sku"], line["base_quantity"]) for line in lines] == [("LECHE-ENTERA-1L", 2)]
    proofs = product.rows(
        "SELECT act, oms_identity_entry.method FROM oms_identity_entry JOIN oms_channel_identity ON "
        "oms_channel_identity.customer_id = person_id WHERE external_id = :number",
        number=phone.sender,
    )
    assert [(each["act"], each["method"]) for each in proofs] == [("linked", "link")]
    assert product.findings() == []


def test_the_code_on_the_phone_shows_its_orders_on_the_web_and_nothing_does_before(
    product: Product, providers: Providers
) -> None:  # case 88
    product.wait_until_ready()
    phone = OnWhatsApp(product, providers.twilio, f"+57300{secrets.randbelow(10**7):07d}")
    talk = ["un litro de leche entera", "finalizar pedido", "Calle 45 # 12-30", "efectivo", "sí, confirmo"]
    number = order_in([phone.says(words) for words in talk])
    with product.chat("es") as web:
        before = said(web, f"¿dónde está mi pedido {number}?")
        assert "Calle 45" not in before
        said(web, "soy el mismo que les escribe por WhatsApp")
        said(web, phone.sender)
        [code] = re.findall(r"\b\d{6}\b", phone.hears(r"\b\d{6}\b"))
        assert "¡Listo!" in said(web, code)

        assert number in said(web, "¿dónde está mi pedido?")
    stored = str(product.rows("SELECT text FROM bot_message WHERE author = 'assistant'"))
    assert code not in stored
