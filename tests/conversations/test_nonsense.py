"""Two hundred messages that ask for nothing: none places an order, and nobody is asked the same for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from actions.skills import MISUNDERSTANDINGS_TO_HAND_OFF
from backend.schemas.carts import CartChange
from tests.rasa_server import Assistant, Chat

NONSENSE = (Path(__file__).parent / "nonsense.txt").read_text(encoding="utf-8").splitlines()
# Every third conversation stands before the summary of an order, which a yes would place.
AT_THE_SUMMARY = 3


# case 42
@pytest.mark.rasa
@pytest.mark.timeout(900)
def test_nonsense_orders_nothing_and_soon_meets_a_person(assistant: Assistant) -> None:
    told = [NONSENSE[at : at + MISUNDERSTANDINGS_TO_HAND_OFF] for at in range(0, len(NONSENSE), 3)]
    ordered, handed_over, silent, read_as_something = 0, 0, 0, []
    for number, messages in enumerate(told):
        customer_id = asyncio.run(_customer(assistant, has_cart=number % AT_THE_SUMMARY == 0))
        chat = Chat(assistant, customer_id, locale="es")
        if number % AT_THE_SUMMARY == 0:
            chat.send("finalizar pedido")
        directives = []
        for text in messages:
            items = chat.send(text)
            silent += not items
            directives += [item["custom"] for item in items if "custom" in item]
        if any("handoff" in each for each in directives):
            handed_over += 1
        else:
            read_as_something.append(messages)
        ordered += asyncio.run(_orders(assistant, customer_id))

    print(
        f"{len(NONSENSE)} messages in {len(told)} chats: orders {ordered}, silent {silent}, with a person {handed_over}"
    )
    assert len(NONSENSE) == 201
    assert (ordered, silent) == (0, 0)
    assert handed_over >= 0.5 * len(told), read_as_something


async def _customer(assistant: Assistant, *, has_cart: bool) -> str:
    async with assistant.service() as oms:
        customer_id = (await oms.resolve_identity("web", str(uuid4()))).customer_id
    if has_cart:
        async with assistant.customer(customer_id) as oms:
            await oms.change_cart([CartChange(op="add", sku="LECHE-ENTERA-1L", quantity="1")], key="cart")
            await oms.choose_checkout(
                address_text="Calle 45 # 12-30", payment_method="cash_on_delivery", key="checkout"
            )
    return customer_id


async def _orders(assistant: Assistant, customer_id: str) -> int:
    async with assistant.customer(customer_id) as oms:
        return len(await oms.orders())
