"""The same order by the same words on each channel; and what only a channel that is pushed to has."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from tests import shop_staff
from tests.bot.twilio import Twilio
from tests.journeys.conftest import NEWS, Providers
from tests.journeys.product import Product, wait_until
from tests.journeys.pushed import OnTelegram, OnWhatsApp, Pushed

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
DIALOGUES = {
    "es": ["2 leches enteras", "finalizar pedido", "Calle 45 # 12-30", "en efectivo", "sí, confirmo"],
    "en": ["2 whole milks", "check out", "Calle 45 # 12-30", "cash", "yes, confirm it"],
}


def order(product: Product, number: str) -> dict[str, Any]:
    """All that the shop has of an order but its number, its customer and its times."""
    [found] = product.rows("SELECT id, status, total_minor, payment_method FROM oms_order WHERE number = :n", n=number)
    lines = product.rows(
        "SELECT sku, base_quantity, unit_price_minor FROM oms_order_line WHERE order_id = :id ORDER BY position",
        id=found.pop("id"),
    )
    return found | {"lines": lines}


def places(customer: Pushed, language: str) -> str:
    said = [customer.says(words) for words in DIALOGUES[language]]
    return re.findall(r"PED-\d+", said[-1])[0]


@pytest.mark.parametrize("language", DIALOGUES)
def test_the_same_words_are_the_same_order_on_each_channel(
    product: Product, providers: Providers, language: str
) -> None:
    product.wait_until_ready()
    with product.chat(language) as visitor:
        said = [str(visitor.say(words, timeout_s=90)) for words in DIALOGUES[language]]
    numbers = {"web": re.findall(r"PED-\d+", said[-1])[0]}
    last = "1" if language == "es" else "2"
    for customer in (
        OnWhatsApp(product, providers.twilio, f"+57300111000{last}"),
        OnTelegram(product, providers.telegram, f"70000{last}"),
    ):
        numbers[customer.channel] = places(customer, language)

    orders = {channel: order(product, number) for channel, number in numbers.items()}
    print(f"{language}: {orders['web']}")
    assert len(set(numbers.values())) == 3
    assert orders["web"]["lines"] != []
    assert orders["whatsapp"] == orders["web"]
    assert orders["telegram"] == orders["web"]
    assert (providers.twilio.violations, providers.telegram.violations) == ([], [])


# case 21, 23
def test_news_after_a_day_is_a_template_and_none_comes_between_stop_and_start(
    product: Product, providers: Providers
) -> None:
    product.wait_until_ready()
    twilio = providers.twilio
    customer = OnWhatsApp(product, twilio, "+573001110009")
    number = places(customer, "es")
    is_silent_for_a_day(product, customer)

    product.staff("admin", lambda oms: shop_staff.ship(oms, number))
    wait_until(lambda: templates(twilio, number, "ya salió") == 1, 90, "the template")
    assert customer.was_told("ya salió") == 0

    customer.says("STOP", "no te volveré a escribir")
    product.staff("admin", lambda oms: shop_staff.deliver(oms, number, collected_minor=None))
    skipped = "SELECT 1 FROM bot_outgoing WHERE status = 'skipped' AND reason = 'opted_out'"
    wait_until(lambda: len(product.rows(skipped)) > 0, 90, "news that is not sent")
    assert (customer.was_told("Ya llegó"), templates(twilio, number, "Ya llegó")) == (0, 0)

    customer.says("START", "de vuelta")
    again = places(customer, "es")
    product.staff("admin", lambda oms: shop_staff.ship(oms, again))
    customer.hears(rf"{again}.* ya salió")
    assert twilio.violations == []


def test_telegram_hears_its_news_as_it_is(product: Product, providers: Providers) -> None:
    product.wait_until_ready()
    customer = OnTelegram(product, providers.telegram, "700009")
    customer.says("/start", "(?s)Hola|hola|Bienvenid")
    number = places(customer, "es")
    is_silent_for_a_day(product, customer)
    product.staff("admin", lambda oms: shop_staff.ship(oms, number))

    customer.hears("ya salió")
    customer.hears(rf"Tu factura \S+ por .*, del pedido {number}")
    wait_until(lambda: len(providers.telegram.of("sendDocument")) > 0, 90, "the invoice as a file")
    [sent] = [each for each in providers.telegram.of("sendDocument") if each["chat_id"] == "700009"]
    assert providers.telegram.files[sent["document"].removeprefix("attach://")].startswith(b"%PDF-")


def is_silent_for_a_day(product: Product, customer: Pushed) -> None:
    heard_at = (clock.now() - timedelta(hours=25)).isoformat(" ")
    product.does("UPDATE bot_contact SET heard_at = :at WHERE sender = :sender", at=heard_at, sender=customer.sender)


def templates(twilio: Twilio, number: str, words: str) -> int:
    """How often an order's news left as a template."""
    told = [json.loads(each["ContentVariables"]) for each in twilio.sent if each.get("ContentSid") == NEWS]
    return sum(each["1"] == number and words in each["2"] for each in told)
