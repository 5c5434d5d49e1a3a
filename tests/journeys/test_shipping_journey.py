"""From a sentence to the door: ordered in chat, shipped by the warehouse, told in the same chat, the books right."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from backend.client import BackendClient
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.journeys.product import Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
NOTICE_S = 60


@pytest.mark.parametrize(
    ("language", "talk", "told"),
    [
        (
            "es",
            ["2 leches enteras", "finalizar pedido", "Calle 45 # 12-30", "nequi", "sí, confirmo"],
            ["ya salió", "Ya llegó"],
        ),
        (
            "en",
            ["2 whole milks", "check out", "Calle 45 # 12-30", "nequi", "yes, confirm it"],
            ["is on its way", "has delivered"],
        ),
    ],
)
def test_an_order_is_shipped_and_its_customer_hears_of_it_in_the_chat(
    product: Product, language: str, talk: list[str], told: list[str]
) -> None:
    product.wait_until_ready()
    with product.chat(language) as customer:
        said = [str(customer.say(words, timeout_s=60)) for words in talk]
        number = re.findall(r"PED-\d+", said[-1])[0]
        asyncio.run(_ship(product, number))
        wait_until(lambda: told[0] in _texts(product, customer.conversation_id), NOTICE_S, told[0])
        asyncio.run(_deliver(product, number))
        wait_until(lambda: told[1] in _texts(product, customer.conversation_id), NOTICE_S, told[1])

    (order,) = product.rows("SELECT id, status FROM oms_order WHERE number = :number", number=number)
    assert order["status"] == "closed"
    shipped = product.rows("SELECT status FROM oms_shipment WHERE order_id = :id", id=order["id"])
    assert [parcel["status"] for parcel in shipped] == ["delivered"]


def _texts(product: Product, conversation_id: str) -> str:
    rows = product.rows("SELECT text FROM bot_message WHERE conversation_id = :id", id=conversation_id)
    return "\n".join(row["text"] or "" for row in rows)


async def _ship(product: Product, number: str) -> None:
    async with _staff(product) as oms:
        await shop_staff.ship(oms, number)


async def _deliver(product: Product, number: str) -> None:
    async with _staff(product) as oms:
        await shop_staff.deliver(oms, number)


def _staff(product: Product) -> BackendClient:
    token = mint(
        Principal("staff", "warehouse", grants=frozenset({"role:admin"})),
        product.settings.signing_key(),
        timedelta(minutes=5),
    )
    return BackendClient(product.settings.backend_url, token)
