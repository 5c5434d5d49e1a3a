"""A photo that nobody asked for is answered honestly, and takes nothing away from the words beside it."""

from __future__ import annotations

import pytest

from actions.words import points_at_a_file
from tests.actions.conftest import Customer, wish


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "Recibí tu archivo y lo guardé para la tienda."), ("en", "I have your file and kept it for the shop.")],
)
async def test_a_photo_alone_is_kept_for_the_shop(customer: Customer, language: str, said: str) -> None:
    customer.slots["language"] = language

    await customer.say("attachment_send", files=(customer.photo(),))

    assert customer.said.startswith(said)


@pytest.mark.parametrize("intent", ["nlu_fallback", "greet", "thanks", "out_of_scope", "affirm"])
async def test_words_that_say_nothing_of_it_change_nothing(customer: Customer, intent: str) -> None:
    await customer.say(intent, "mira", files=(customer.photo(),))

    assert customer.said.startswith("Recibí tu archivo")


async def test_an_order_beside_a_photo_is_taken_and_the_photo_mentioned(customer: Customer) -> None:
    await customer.say("cart_add", "2 arepas", files=(customer.photo(),), order_line=wish("leche entera", "2"))

    assert await customer.cart() == ["2 unidad LECHE-ENTERA-1L"]
    assert "También recibí tu archivo. Yo no lo sé leer, pero la tienda lo puede ver." in customer.said


async def test_a_photo_answers_no_question_that_was_asked_in_words(customer: Customer) -> None:
    await customer.at_the_summary()

    await customer.say("attachment_send", files=(customer.photo(),))

    assert customer.asked == ["checkout"]
    assert customer.said.startswith("Recibí tu archivo")
    assert await customer.oms.orders() == []


async def test_words_beside_a_photo_answer_what_was_asked(customer: Customer) -> None:
    await customer.at_the_summary()

    await customer.say("affirm", "sí, confirmo", files=(customer.photo(),))

    assert len(await customer.oms.orders()) == 1


@pytest.mark.parametrize("words", ["esta es la foto", "Aquí está la imagen.", "mira el pantallazo", "here's the photo"])
async def test_words_that_only_say_that_a_file_is_there_are_no_goods(customer: Customer, words: str) -> None:
    await customer.say("cart_add", words, order_line=wish("foto", "1"), files=(customer.photo(),))

    assert customer.said.startswith(("Recibí tu archivo", "I have your file"))


@pytest.mark.parametrize("words", ["esta es la leche", "foto de la leche", "aquí está", "cuánto vale una foto"])
def test_words_that_say_more_are_read_as_ever(words: str) -> None:
    assert points_at_a_file(words) is False
