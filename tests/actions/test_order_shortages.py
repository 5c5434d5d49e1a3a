"""What was missing on the shelf: the customer decides by button or in words, once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import shop_staff
from tests.actions.conftest import Customer


def asked(number: str, shortage: str) -> dict[str, Any]:
    """The slot as the bot leaves it when it has asked (bot/answering/assistant.py)."""
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


async def lacks(customer: Customer, sku: str) -> tuple[str, str]:
    """An order of which one of two was not on the shelf; the question is open. The order and the shortage."""
    number = await customer.has_ordered(f"2 - {sku}", "1 - HUEVO-AA")
    await shop_staff.miss(customer.staff(), number, sku, found=1, short=1)
    [shortage] = await customer.oms.shortages(number)
    customer.slots |= asked(number, shortage.id)
    return number, shortage.id


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("nlu_fallback", "espero"),
        ("goodbye", "I'll wait for it"),
        ("goodbye", "bueno, lo espero"),
        ("order_track", "mejor espero a que llegue"),
        ("deny", "no lo quites, mejor espero"),
    ],
)
async def test_who_says_so_in_any_words_waits(customer: Customer, intent: str, words: str) -> None:
    number, _ = await lacks(customer, "LECHE-POLVO-380")

    await customer.say(intent, words)

    assert customer.asked == []
    assert f"El resto de tu pedido {number} sigue" in customer.said
    assert await customer.oms.shortages(number) == []


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("order_track", "llevo dos horas esperando"),
        ("order_track", "I have been waiting for two hours"),
        ("order_change", "quiero cambiar la dirección de mi pedido"),
        ("cart_remove", "quita el huevo del pedido"),
        ("deny", "no quiero esperar"),
        ("deny", "no lo quites"),
        ("order_track", "ya no espero más"),
        ("deny", "I don't want to wait"),
    ],
)
async def test_words_about_something_else_decide_nothing(customer: Customer, intent: str, words: str) -> None:
    number, shortage = await lacks(customer, "LECHE-POLVO-380")

    await customer.say(intent, words)

    assert [each.id for each in await customer.oms.shortages(number)] == [shortage]
    assert "order_shortage" in customer.asked
