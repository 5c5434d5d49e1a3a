"""One customer on two channels: a cart begun on the web is confirmed on the phone, and both see what came of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from comanda.web_chat import WebChat
from tests.journeys.conftest import Providers
from tests.journeys.product import Product
from tests.journeys.pushed import OnTelegram, OnWhatsApp, Pushed

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]


def said(chat: WebChat, words: str) -> str:
    return "\n".join(str(frame.get("text", "")) for frame in chat.say(words, timeout_s=60))


def order_in(talked: list[str]) -> str:
    found = re.findall(r"PED-\d+", talked[-1])
    assert found, "\n".join(talked)
    return str(found[0])


WISHES = {
    "es": ("2 leches enteras", "quiero seguir en {channel}", "Sí, fui yo", "¿dónde está mi pedido?"),
    "en": ("2 whole milks", "continue on {channel}", "Yes, it was me", "where is my order?"),
}
TALK = {
    "es": ["finalizar pedido", "Calle 45 # 12-30", "efectivo", "sí, confirmo"],
    "en": ["check out", "Calle 45 # 12-30", "cash", "yes, confirm it"],
}


def on_whatsapp(product: Product, providers: Providers, _language: str) -> Pushed:
    return OnWhatsApp(product, providers.twilio, f"+57300{secrets.randbelow(10**7):07d}")


def on_telegram(product: Product, providers: Providers, language: str) -> Pushed:
    return OnTelegram(product, providers.telegram, str(8_000_000 + secrets.randbelow(10**6)), language)


def first_words(link: str) -> str:
    """What a phone sends when the link is opened."""
    if link.startswith("https://t.me/"):
        return f"/start {link.partition('?start=')[2]}"
    return unquote(link.partition("?text=")[2])


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(("channel", "of_phone"), [("WhatsApp", on_whatsapp), ("Telegram", on_telegram)])
def test_a_cart_begun_on_the_web_is_confirmed_on_the_phone(
    product: Product,
    providers: Providers,
    language: str,
    channel: str,
    of_phone: Callable[[Product, Providers, str], Pushed],
) -> None:  # case 64
    wish, move, mine, ask = WISHES[language]
    product.wait_until_ready()
    phone = of_phone(product, providers, language)
    with product.chat(language) as web:
        said(web, wish)
        [link] = re.findall(r"https://(?:wa|t)\.me/\S+", said(web, move.format(channel=channel)))

        asked = phone.says(first_words(link))
        assert mine in asked
        phone.says(mine)
        talked = [phone.says(words) for words in TALK[language]]
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


SHARING = {
    "es": ("¿dónde está mi pedido?", "Compartir mi número", "Recibí un contacto, pero no puedo leerlo", "¡Listo!"),
    "en": ("where is my order?", "Share my number", "I got a contact, but I can't read it", "Done!"),
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_number_that_is_shared_on_telegram_shows_what_was_ordered_on_whatsapp(
    product: Product, providers: Providers, language: str
) -> None:  # case 88
    ask, share, not_theirs, done = SHARING[language]
    product.wait_until_ready()
    phone = OnWhatsApp(product, providers.twilio, f"+57300{secrets.randbelow(10**7):07d}")
    number = order_in([phone.says(words) for words in (WISHES[language][0], *TALK[language])])
    account = str(8_000_000 + secrets.randbelow(10**6))
    chat = OnTelegram(product, providers.telegram, account, language)

    assert share in chat.says(ask)
    assert not_theirs in chat.shares(phone.sender, owner="77")
    assert number not in chat.says(ask)
    assert done in chat.shares(phone.sender, owner=account)

    assert number in chat.says(ask)
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
