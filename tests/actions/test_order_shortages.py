"""What was missing on the shelf: the customer decides by button or in words, once."""

from __future__ import annotations

import json
from typing import Any

from tests.actions.conftest import Customer


def asked(number: str, shortage: str) -> dict[str, Any]:
    """The slot as the bot leaves it when it has asked (bot/assistant.py)."""
    options = [
        {"value": json.dumps({"choice": "wait"}), "title": "Esperar", "also": ""},
        {"value": json.dumps({"choice": "drop"}), "title": "Quitarlo", "also": ""},
    ]
    context = {"order_number": number, "shortage": shortage, "name": "Leche", "name_en": "Milk"}
    return {"open_questions": [{"kind": "order_shortage", "options": options, "context": context, "id": "n1:0"}]}


async def test_a_shortage_that_is_no_more_is_said_to_be_settled(customer: Customer) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number, "gone")
    await customer.say(
        "shortage_resolve", button=True, order_number=number, shortage="gone", choice="substitute", sku="X"
    )
    by_button = customer.said
    customer.slots |= asked(number, "gone")
    await customer.say("option_choose", "la segunda", option=2)

    assert by_button == customer.said == "Esa opción ya no está vigente."
    assert customer.asked == []


async def test_the_question_is_put_again_after_something_else(customer: Customer) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number, "gone")
    await customer.say("thanks", "gracias")

    assert f"De tu pedido {number} falta Leche. ¿Qué prefieres?" in customer.said
    assert list(customer.buttons) == ["Esperar", "Quitarlo"]
    assert customer.asked == ["order_shortage"]


async def test_a_button_of_nonsense_does_nothing(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.say("shortage_resolve", button=True, order_number=number, shortage="x", choice="explode")

    assert customer.said == "Esa opción ya no está vigente."
