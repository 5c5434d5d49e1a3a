"""The e-mail address: asked for once with an order, given any time, judged by the OMS."""

from __future__ import annotations

import pytest

from tests.actions.conftest import Customer


async def test_an_order_asks_for_it_and_the_answer_is_kept(customer: Customer) -> None:
    await customer.at_the_summary()
    await customer.say("affirm", "sí")
    assert "¿A qué correo te mando la confirmación y la factura?" in customer.said

    await customer.say("nlu_fallback", "ana@ejemplo.co")

    assert "te escribo a ana@ejemplo.co" in customer.said
    assert (await customer.oms.me()).email == "ana@ejemplo.co"
    assert customer.asked == []


async def test_it_is_skipped_with_a_button_and_not_asked_for_again(customer: Customer) -> None:
    await customer.at_the_summary()
    await customer.say("affirm", "sí")

    await customer.press("Sin correo")
    assert "sin correo" in customer.said
    await customer.at_the_summary()
    await customer.say("affirm", "sí")

    assert "¿A qué correo" not in customer.said
    assert (await customer.oms.me()).email is None


async def test_who_gave_it_is_not_asked(customer: Customer) -> None:
    await customer.say("email_give", "mi correo es Ana@Ejemplo.co")
    await customer.at_the_summary()

    await customer.say("affirm", "sí")

    assert "¿A qué correo" not in customer.said
    assert (await customer.oms.me()).email == "ana@ejemplo.co"


@pytest.mark.parametrize("text", ["mi correo es ana@ejemplo", "ana@", "mi correo es a b@x..y"])
async def test_what_is_no_address_is_refused_and_asked_for_again(customer: Customer, text: str) -> None:
    await customer.say("email_give", text)

    assert customer.asked == ["email"]
    assert (await customer.oms.me()).email is None


async def test_other_talk_leaves_the_question_behind(customer: Customer) -> None:
    await customer.at_the_summary()
    await customer.say("affirm", "sí")

    await customer.say("store_info", "a qué hora cierran")

    assert customer.asked == []


async def test_an_order_is_said_to_be_placed_though_the_address_cannot_be_looked_up(customer: Customer) -> None:
    await customer.at_the_summary()
    customer.line.fault, customer.line.on = "cut", "/customers/me"

    await customer.say("affirm", "sí")

    assert "quedó confirmado" in customer.said
    assert customer.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "sin correo",
        "No tengo correo",
        "no quiero el correo, gracias",
        "no e-mail",
        "I don't have an email",
        "without email please",
    ],
)
async def test_who_has_none_says_so_at_any_time_and_is_not_asked(customer: Customer, text: str) -> None:
    await customer.say("email_give", text)

    assert customer.said.startswith(("Vale, sin correo.", "OK, no e-mail."))
    assert customer.asked == []


@pytest.mark.parametrize("text", ["no me llegó el correo", "quiero cambiar mi correo", "my email"])
async def test_other_words_about_it_are_no_such_wish(customer: Customer, text: str) -> None:
    await customer.say("email_give", text)

    assert customer.asked == ["email"]
