"""What holds for every turn, whatever the skill."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actions import skills
from tests.actions.conftest import Customer, wish


def pressed(payload: str) -> tuple[str, dict[str, Any]]:
    """Intent and entities of a button's payload, as Rasa reads them."""
    intent, brace, rest = payload.removeprefix("/").partition("{")
    return intent, json.loads(brace + rest) if brace else {}


async def test_a_button_answers_its_own_question(customer: Customer) -> None:
    await customer.say("cart_add", "un pan tajado", order_line=wish("pan tajado", "1"))
    intent, entities = pressed(next(iter(customer.buttons.values())))

    await customer.say(intent, button=True, **entities)

    assert await customer.cart() == ["1 unidad PAN-TAJADO-BLANCO-450"]


async def test_a_button_of_an_answered_question_does_nothing(customer: Customer) -> None:
    # case 43
    await customer.say("cart_add", "un pan tajado", order_line=wish("pan tajado", "1"))
    intent, entities = pressed(next(iter(customer.buttons.values())))
    await customer.say(intent, button=True, **entities)
    await customer.say("cart_add", "una leche", order_line=wish("leche", "1"))

    await customer.say(intent, button=True, **entities)

    assert "ya no está vigente" in customer.said
    assert customer.asked == ["more", "variant"] or customer.asked == ["variant"]
    assert await customer.cart() == ["1 unidad PAN-TAJADO-BLANCO-450"]


async def test_every_button_is_a_payload_that_rasa_can_read(customer: Customer) -> None:
    await customer.at_the_summary()

    read = [pressed(payload) for payload in customer.buttons.values()]

    # Nine in ten customers are made an offer beside the summary, with two buttons of its own after these.
    intents = [intent for intent, _ in read if intent != "suggestion_answer"]
    assert intents[-4:] == ["affirm", "address_give", "payment_choose", "deny"]


async def test_a_word_that_looks_like_a_sku_entity_adds_nothing_without_a_button(customer: Customer) -> None:
    await customer.say("cart_add", "LECHE-ENTERA-1L", sku="LECHE-ENTERA-1L")

    assert await customer.cart() == []


def unsure(guess: str) -> dict[str, Any]:
    """What the bot is told of a message that served nothing."""
    return {"unsure": {"guess": guess, "confidence": 100, "is_misunderstood": True}}


async def test_the_third_misunderstanding_in_a_row_asks_for_a_person(customer: Customer) -> None:
    # case 42
    for _ in range(2):
        await customer.say("nlu_fallback", "qwerty")
        assert customer.directives == [unsure("nlu_fallback")]

    await customer.say("out_of_scope", "quién ganó")

    assert customer.directives == [{"handoff": {"reason": "misunderstood"}}, unsure("out_of_scope")]
    assert "no logro entenderte" in customer.said


async def test_a_misunderstanding_is_forgotten_when_something_is_understood(customer: Customer) -> None:
    await customer.say("nlu_fallback", "qwerty")
    await customer.say("nlu_fallback", "qwerty")
    await customer.say("thanks", "gracias")

    await customer.say("nlu_fallback", "qwerty")

    assert customer.directives == [unsure("nlu_fallback")]


@pytest.mark.parametrize(("intent", "reason"), [("human_request", "requested"), ("complaint", "complaint")])
async def test_a_person_is_asked_for_and_nothing_else_is_asked(customer: Customer, intent: str, reason: str) -> None:
    await customer.say("cart_add", "un pan tajado", order_line=wish("pan tajado", "1"))

    await customer.say(intent, "quiero hablar con alguien")

    assert customer.directives == [{"handoff": {"reason": reason}}]
    assert "¿Cuál prefieres?" not in customer.said


async def test_no_skill_answers_with_silence(customer: Customer) -> None:
    # case 33
    for intent in skills.SKILLS:
        customer.slots = {"language": "es"}
        assert await customer.say(intent, "xyz") != "", intent


async def test_the_new_language_is_told_to_the_bot(customer: Customer) -> None:
    await customer.say("language_switch", "in english please", language="en")

    assert customer.directives == [{"language": "en"}]
    assert customer.slots["language"] == "en"


async def test_an_order_of_someone_else_is_not_found(customer: Customer) -> None:
    # case 85
    await customer.say("order_track", "PED-10001", order_number="PED-10001")
    await customer.say("order_cancel", "PED-10001", order_number="PED-10001")

    assert "No encuentro ese pedido" in customer.said
    assert customer.asked == []


async def test_a_long_session_goes_on_in_a_new_one_that_remembers(customer: Customer) -> None:
    earlier = [{"event": "user"}] * skills.TURNS_IN_A_SESSION

    customer.events = earlier[1:]
    await customer.say("cart_add", "un pan tajado", order_line=wish("pan tajado", "1"))
    assert customer.followups == []

    customer.events = earlier
    await customer.say("thanks", "gracias")
    assert customer.followups == ["action_session_start"]
    assert customer.asked == ["variant"]


async def test_a_wish_for_nothing_we_know_counts_as_not_understood(customer: Customer) -> None:
    for _ in range(3):
        await customer.say("cart_add", "zxmcn qwlekj", order_line=wish("zxmcn qwlekj"))

    assert customer.directives == [{"handoff": {"reason": "misunderstood"}}, unsure("cart_add")]


async def test_an_order_that_is_named_is_told_even_when_the_rest_is_not_understood(customer: Customer) -> None:
    number = await customer.has_ordered()

    await customer.say("nlu_fallback", f"qué hubo de {number}", order_number=number)

    assert f"Pedido {number}" in customer.said


REPHRASED = {"is_rephrased": True}


async def test_a_language_models_words_confirm_nothing(customer: Customer) -> None:
    await customer.at_the_summary()

    for intent, text in (("affirm", "sí"), ("option_choose", "1"), ("deny", "no")):
        await customer.say(intent, text, told=REPHRASED)

    assert (await customer.oms.orders()) == []
    assert customer.step == "confirm"


async def test_a_language_models_words_that_serve_nothing_count_once_with_the_customers(customer: Customer) -> None:
    for _ in range(2):
        await customer.say("nlu_fallback", "qwerty")
        await customer.say("nlu_fallback", "asdfgh", told=REPHRASED)
        assert customer.slots["misunderstandings"] in (1, 2)
        assert customer.directives == [unsure("nlu_fallback")]

    await customer.say("nlu_fallback", "qwerty")
    assert customer.directives == [{"handoff": {"reason": "misunderstood"}}, unsure("nlu_fallback")]
