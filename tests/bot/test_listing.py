"""How a question lists its choices in its own words."""

from __future__ import annotations

import pytest

from bot.channels.base import Offered
from bot.channels.rendering import beside_buttons, numbered
from bot.conversations.listing import Listing, read

MILK = ["Leche entera", "Leche entera sin lactosa"]
ASKED = "¿Cuál leche?\n1. Leche entera sin lactosa · $5.000\n2. Leche entera · $4.500"


def test_the_question_stands_without_its_list_and_what_the_list_told_goes_with_the_choices() -> None:
    assert read(ASKED, MILK) == Listing("¿Cuál leche?", (2, 1), ("$4.500", "$5.000"))


def test_a_choice_that_the_list_leaves_out_is_counted_on() -> None:
    assert read(ASKED, [*MILK, "Ninguna"]) == Listing("¿Cuál leche?", (2, 1, 3), ("$4.500", "$5.000", None))


def test_a_list_with_more_than_the_choices_is_left_whole() -> None:
    more = f"{ASKED}\n3. Leche en polvo"

    assert read(more, [*MILK, "Ninguna"]) == Listing(more, (2, 1, 4), ("$4.500", "$5.000", None))


def test_a_second_page_of_a_list_keeps_its_numbers() -> None:
    page = "Esto es lo que hay.\n6. Pan\n7. Queso"

    assert read(page, ["Pan", "Queso", "Ver más"]) == Listing("Esto es lo que hay.", (6, 7, 8), ("", "", None))


@pytest.mark.parametrize(
    "text",
    ["¿Cuál leche?", "Para «leche» tengo:\n1. Leche entera · $4.500", "1. Leche\n2. Crema", "Quedan 12. Leche entera"],
)
def test_numbered_lines_that_are_no_choices_are_left_as_they_are(text: str) -> None:
    titles = ["Agregar Leche entera", "Ver carrito"]

    assert read(text, titles) == Listing(text, (1, 2), (None, None))


def test_a_text_that_is_nothing_but_its_list_stays() -> None:
    assert read("1. Pan\n2. Queso", ["Pan", "Queso"]) == Listing("1. Pan\n2. Queso", (1, 2), ("", ""))


def test_where_no_button_holds_them_each_choice_is_one_line() -> None:
    choices = tuple(Offered(title, title) for title in [*MILK, "Ninguna"])

    assert numbered(ASKED, choices) == f"{ASKED}\n3. Ninguna"
    assert numbered(ASKED, choices[:2]) == ASKED


def test_beside_buttons_that_say_all_of_it_the_list_is_left_out() -> None:
    bread, cheese = Offered("Pan", "t1"), Offered("Queso doble crema", "t2")
    asked = "¿Cuál?\n1. Pan\n2. Queso doble crema"

    assert beside_buttons(asked, (bread, cheese), most=17) == "¿Cuál?"
    assert beside_buttons(asked, (bread, cheese), most=16) == asked
    assert beside_buttons(f"{asked} · $9.000", (bread, cheese), most=17) == f"{asked} · $9.000"
    assert beside_buttons("¿Cuál?", (bread, cheese), most=17) == "¿Cuál?"
