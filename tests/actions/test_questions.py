"""Answers are read against the open question, however they are given."""

from __future__ import annotations

import pytest

from actions.message import Message, OrderLine
from actions.questions import Chosen, Narrowed, No, Option, read_choice

OPTIONS = (
    Option("E1", "Leche entera 1 L"),
    Option("E9", "Leche entera bolsa 900 ml"),
    Option("D1", "Leche deslactosada 1 L"),
)


def said(text: str, intent: str = "nlu_fallback", **more: object) -> Message:
    fields = {"id": "m", "text": text, "intent": intent, **more}
    return Message(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "sku"),
    [
        (said("2"), "E9"),
        (said("la 3"), "D1"),
        (said("opción 1"), "E1"),
        (said("la segunda", "option_choose", entities=(("option", 2),)), "E9"),
        (said("la última", "option_choose", entities=(("option", -1),)), "D1"),
        (said("deslactosada"), "D1"),
        (said("la de bolsa"), "E9"),
        (said("la entera de 900"), "E9"),
        (said("Leche entera 1 L"), "E1"),
        (said("/option_choose", "option_choose", is_button=True, entities=(("option", 1), ("question", "q"))), "E1"),
    ],
)
def test_a_choice_is_a_number_an_ordinal_a_name_or_a_button(message: Message, sku: str) -> None:
    answer = read_choice(message, OPTIONS)

    assert isinstance(answer, Chosen)
    assert answer.option.value == sku


def test_words_that_fit_two_of_three_narrow_the_choice() -> None:
    assert read_choice(said("entera"), OPTIONS) == Narrowed(OPTIONS[:2])


def test_a_number_beyond_the_list_chooses_nothing() -> None:
    assert read_choice(said("7"), OPTIONS) == Narrowed(OPTIONS)


@pytest.mark.parametrize("message", [said("ninguna"), said("no gracias", "deny"), said("none of these")])
def test_a_no_is_none_of_them(message: Message) -> None:
    assert read_choice(message, OPTIONS) == No()


@pytest.mark.parametrize(
    "message",
    [
        said("¿cuánto vale la deslactosada?", "product_price"),
        said("¿dónde está mi pedido?", "order_track"),
        said("pan"),
    ],
)
def test_other_talk_is_no_answer(message: Message) -> None:
    assert read_choice(message, OPTIONS) is None


def test_how_much_and_what_else_come_with_the_choice() -> None:
    lines = (OrderLine("deslactosada", "4", quantity_given=True), OrderLine("pan tajado", "2", quantity_given=True))

    answer = read_choice(said("4 deslactosadas y 2 panes tajados", "cart_add", order_lines=lines), OPTIONS)

    assert answer == Chosen(OPTIONS[2], amount=lines[0], rest=(lines[1],))


def test_the_one_of_the_lactose_free_one_is_no_amount() -> None:
    line = OrderLine("deslactosada", "1", quantity_given=True)

    assert read_choice(said("the deslactosada one", "cart_add", order_lines=(line,)), OPTIONS) == Chosen(OPTIONS[2])
