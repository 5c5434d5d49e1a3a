"""After a delivery: a yes is thanked for, a no opens one claim and brings a person, by button and in words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.conftest import Customer


def asked(number: str) -> dict[str, Any]:
    """The slot as the bot leaves it when it has asked (bot/answering/assistant.py)."""
    context = {"order_number": number}
    return {"open_questions": [{"kind": "delivery_feedback", "options": [], "context": context, "id": "n1:0"}]}


async def test_a_yes_is_thanked_for_and_the_question_is_closed(customer: Customer) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number)

    assert await customer.say("affirm", "sí, gracias") == "¡Qué bueno! Gracias por contarme."
    assert (customer.asked, customer.directives) == ([], [])


@pytest.mark.parametrize("words", ["yes, thanks", "sí, muchas gracias, todo llegó bien"])
async def test_a_yes_with_thanks_is_a_yes(customer: Customer, words: str) -> None:
    customer.slots |= asked(await customer.has_ordered())

    assert await customer.say("thanks", words) == "¡Qué bueno! Gracias por contarme."


@pytest.mark.parametrize("words", ["no, la leche llegó rota", "sí, pero faltó la leche"])
async def test_what_went_wrong_opens_a_claim(customer: Customer, words: str) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number)

    await customer.say("affirm", words)

    assert (await customer.oms.open_claim(number, key="again")).state == "open"
    assert customer.directives == [{"handoff": {"reason": "claim"}}]


@pytest.mark.parametrize("is_button", [True, False])
async def test_a_no_opens_a_claim_and_brings_a_person(customer: Customer, is_button: bool) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number)
    if is_button:
        await customer.say("delivery_feedback", button=True, order_number=number, ok=False)
    else:
        await customer.say("deny", "no")

    assert number in customer.said
    assert (customer.directives, customer.asked) == ([], ["claim_kind"])
    await customer.press("Faltó algo")
    assert customer.directives == [{"handoff": {"reason": "claim"}}]
    assert customer.asked == []
    claim = await customer.oms.open_claim(number, key="again")
    assert (claim.order_number, claim.state, claim.kind) == (number, "open", "missing")


async def test_the_button_still_works_when_the_question_is_forgotten(customer: Customer) -> None:
    number = await customer.has_ordered()

    assert await customer.say("delivery_feedback", button=True, order_number=number, ok=True) == (
        "¡Qué bueno! Gracias por contarme."
    )


async def test_someone_elses_order_is_not_claimed_about(customer: Customer) -> None:
    await customer.say("delivery_feedback", button=True, order_number="PED-1", ok=False)

    assert customer.directives == []


async def test_talking_of_something_else_drops_the_question(customer: Customer) -> None:
    customer.slots |= asked(await customer.has_ordered())
    await customer.say("thanks", "gracias")

    assert customer.asked == []


async def test_a_question_of_a_kind_we_do_not_know_is_passed_over(customer: Customer) -> None:
    customer.slots |= {"open_questions": [{"kind": "tomorrow", "options": [], "context": {}, "id": "x"}]}
    await customer.say("thanks", "gracias")

    assert customer.asked == []


async def test_who_wants_no_more_messages_is_believed_and_may_come_back(customer: Customer) -> None:
    await customer.say("opt_out", "no más mensajes")
    assert not (await customer.oms.preferences()).order_updates
    await customer.say("opt_in", "sí quiero mensajes")

    wanted = await customer.oms.preferences()
    assert (wanted.order_updates, wanted.marketing) == (True, False)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("no, me faltó el pan", "missing"),
        ("no, llego otra cosa", "wrong"),
        ("no, los huevos llegaron kebrados, quebrados", "faulty"),
        ("no, the milk is missing", "missing"),
        ("no, you sent the wrong bread", "wrong"),
        ("no, it came damaged", "faulty"),
        ("no, el domiciliario fue grosero", "unknown"),
    ],
)
async def test_the_claim_is_of_the_kind_that_is_said(customer: Customer, words: str, kind: str) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number)

    await customer.say("deny", words)

    claim = await customer.oms.open_claim(number, key="again")
    assert (claim.kind, claim.note) == (kind, words)


async def test_what_is_said_of_it_afterwards_is_the_claim(customer: Customer) -> None:
    number = await customer.has_ordered()
    customer.slots |= asked(number)
    await customer.say("deny", "no")

    await customer.say("complaint", "la leche venía abierta y regada")

    claim = await customer.oms.open_claim(number, key="again")
    assert (claim.kind, claim.note) == ("faulty", "la leche venía abierta y regada")
