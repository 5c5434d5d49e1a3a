"""The assistant goes on after a person: where the customer was, in their language."""

from __future__ import annotations

import pytest

from kernel.config import get_settings
from tests.actions.conftest import Customer

TOLD = {"handed_back": {"agent": "Rosa", "reason": "requested", "done": "Cambié la dirección.", "messages": 3}}


async def goes_on(customer: Customer) -> str:
    return await customer.say("handed_back", "/handed_back", button=True, told=TOLD)


async def test_without_a_cart_and_a_question_it_asks_what_else(customer: Customer) -> None:
    assert await goes_on(customer) == "Aquí sigo yo, el asistente de la tienda. ¿En qué más te ayudo?"


async def test_it_says_how_the_orders_stand_that_it_was_about_and_of_nobody_elses(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.oms.cancel_order(number, key="the person's")
    total = (await customer.oms.order(number)).total
    told = {"handed_back": TOLD["handed_back"] | {"numbers": ["RMA-10001", "PED-99999", number]}}

    said = await customer.say("handed_back", "/handed_back", button=True, told=told)

    assert total.currency == "COP"
    assert said.replace("\u00a0", " ") == (
        f"El pedido {number} quedó así: cancelado. Total: ${total.amount_minor // 100:,}.\n".replace(",", ".")
        + "Aquí sigo yo, el asistente de la tienda. ¿En qué más te ayudo?"
    )


@pytest.mark.parametrize(
    ("language", "asks", "title"),
    [
        ("es", "Aquí sigo yo, el asistente de la tienda. ¿Seguimos con tu pedido? Llevas ", "Finalizar pedido"),
        ("en", "It's me again, the shop's assistant. Shall we go on with your order? You have ", "Check out"),
    ],
)
async def test_an_open_cart_is_gone_on_with(customer: Customer, language: str, asks: str, title: str) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")
    customer.slots["language"] = language

    assert (await goes_on(customer)).startswith(asks)
    assert title in customer.buttons


async def test_what_was_asked_is_asked_again_and_can_be_answered(customer: Customer) -> None:
    number = await customer.has_ordered()
    question = {"kind": "delivery_feedback", "options": [], "context": {"order_number": number}, "id": "n1:0"}
    customer.slots |= {"open_questions": [question], "misunderstandings": 2}

    said = await goes_on(customer)

    assert said.startswith("Aquí sigo yo, el asistente de la tienda. ¿Seguimos donde íbamos?")
    assert customer.asked == ["delivery_feedback"]
    assert customer.slots["misunderstandings"] == 0
    assert await customer.say("affirm", "sí, gracias") == "¡Qué bueno! Gracias por contarme."


@pytest.mark.parametrize(
    ("most", "directives"), [(1, [{"handoff": {"reason": "large_amount"}}]), (10**12, []), (0, [])]
)
async def test_a_person_goes_on_with_who_orders_for_very_much(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, most: int, directives: list[object]
) -> None:
    monkeypatch.setattr(get_settings(), "handoff_over_minor", most)
    await customer.at_the_summary()

    said = await customer.say("affirm", "sí")

    assert ("Como es un pedido grande" in said) is bool(directives)
    assert customer.directives == directives
