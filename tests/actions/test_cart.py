"""The cart: one call for all that is clear, a question for each thing that is not, and nothing lost between."""

from __future__ import annotations

import pytest

from tests.actions.conftest import Customer, wish


async def test_all_clear_lines_go_to_the_oms_in_one_call(customer: Customer) -> None:
    customer.line.calls.clear()

    await customer.say(
        "cart_add",
        "3 cajas de leche entera, 2 huevos AA y un pan tajado integral",
        order_line=[wish("leche entera", "3", "caja"), wish("huevos AA", "2"), wish("pan tajado integral", "1")],
    )

    assert customer.line.calls.count("POST /catalog/resolve") == 1
    assert customer.line.calls.count("POST /cart/changes") == 1
    assert await customer.cart() == [
        "3 caja LECHE-ENTERA-1L",
        "2 unidad HUEVO-AA",
        "1 unidad PAN-TAJADO-INTEGRAL-480",
    ]


async def test_a_refused_line_does_not_spoil_the_others(customer: Customer) -> None:
    await customer.say(
        "cart_add",
        "2 leches enteras y 10 semidescremadas",
        order_line=[wish("leche entera", "2"), wish("leche semidescremada", "10")],
    )

    assert await customer.cart() == ["2 unidad LECHE-ENTERA-1L"]
    assert customer.asked == ["short_to_add"]
    assert "viene más en camino" in customer.said
    assert [title.partition(":")[0] for title in customer.buttons] == [
        "Esperar",
        "Cambiar por Leche descremada larga vida Prado Alto 1 L ($5.600)",
        "Cambiar por Leche entera larga vida Prado Alto 1 L ($5.300)",
        "Llevar lo que hay",
        "Ninguna",
    ]


async def semi_skimmed(customer: Customer, quantity: str = "10") -> None:
    await customer.say("cart_add", "semidescremada", order_line=wish("leche semidescremada", quantity))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("espero", "10 unidad LECHE-SEMIDESCREMADA-1L"),
        ("las que haya", "4 unidad LECHE-SEMIDESCREMADA-1L"),
        ("la entera", "10 unidad LECHE-ENTERA-1L"),
    ],
)
async def test_what_is_announced_is_waited_for_or_replaced_or_reduced(
    customer: Customer, words: str, line: str
) -> None:
    await semi_skimmed(customer)

    await customer.say("nlu_fallback", words)

    assert await customer.cart() == [line]
    assert customer.asked == ["more"]


async def test_who_does_not_want_to_wait_gets_nothing(customer: Customer) -> None:
    await semi_skimmed(customer)

    await customer.say("deny", "no, gracias")

    assert await customer.cart() == []
    assert "no agrego" in customer.said


async def test_what_there_is_none_of_is_waited_for_if_it_is_announced(customer: Customer) -> None:
    await customer.say("cart_add", "un melón", order_line=wish("melon", "1"))
    assert customer.asked == ["short_to_add"]

    await customer.say("nlu_fallback", "espero")

    assert await customer.cart() == ["1 unidad MELON"]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("es", ("• 2 cajas de Leche entera", "• 1 docena de Huevo", "• 3 × Leche deslactosada")),
        ("en", ("• 2 boxes of", "• 1 dozen ", "• 3 × ")),
    ],
)
async def test_a_line_is_said_in_its_unit_one_or_several(
    customer: Customer, language: str, says: tuple[str, ...]
) -> None:
    customer.slots["language"] = language
    await customer.fill("2 caja LECHE-ENTERA-1L", "1 docena HUEVO-AA", "3 unidad LECHE-DESLACTOSADA-1L")

    await customer.say("cart_show", "mi carrito")

    assert [part for part in says if part not in customer.said] == []


async def test_ambiguous_lines_are_asked_in_the_order_they_were_said(customer: Customer) -> None:
    await customer.say("cart_add", "leche y pan tajado", order_line=[wish("leche", "2"), wish("pan tajado", "1")])
    assert "«leche»" in customer.said

    await customer.say("option_choose", "la primera", option=1)
    assert "«pan tajado»" in customer.said

    await customer.say("option_choose", "la primera", option=1)
    assert customer.asked == ["more"]
    assert await customer.cart() == ["2 unidad LECHE-ENTERA-1L", "1 unidad PAN-TAJADO-BLANCO-450"]


async def test_the_same_message_twice_is_one_wish(customer: Customer) -> None:
    for _ in range(2):
        customer.slots = {"language": "es"}
        await customer.say("cart_add", "3 leches enteras", id="once", order_line=wish("leche entera", "3"))

    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]


async def test_a_correction_speaks_of_the_line_with_the_old_quantity(customer: Customer) -> None:
    await customer.fill("3 - LECHE-ENTERA-1L", "1 - PAN-TAJADO-INTEGRAL-480")

    await customer.say("cart_change", "eran 2 no 3", order_line=wish("", "2", old_quantity="3"))

    assert await customer.cart() == ["2 unidad LECHE-ENTERA-1L", "1 unidad PAN-TAJADO-INTEGRAL-480"]


async def test_a_correction_keeps_the_unit_of_the_line(customer: Customer) -> None:
    await customer.fill("3 caja LECHE-ENTERA-1L")

    await customer.say("cart_change", "mejor 2 de leche", order_line=wish("leche", "2"))

    assert await customer.cart() == ["2 caja LECHE-ENTERA-1L"]


async def test_another_variant_takes_the_place_of_the_one_spoken_of(customer: Customer) -> None:
    await customer.say("cart_add", "3 leches enteras", order_line=wish("leche entera", "3"))

    await customer.say("cart_change", "mejor deslactosada", order_line=wish("leche deslactosada"))

    assert await customer.cart() == ["3 unidad LECHE-DESLACTOSADA-1L"]


@pytest.mark.parametrize(
    ("intent", "words", "left"),
    [
        ("nlu_fallback", "espero", ["10 unidad LECHE-SEMIDESCREMADA-1L"]),
        ("nlu_fallback", "las que haya", ["4 unidad LECHE-SEMIDESCREMADA-1L"]),
        ("deny", "no, gracias", ["10 unidad LECHE-ENTERA-1L"]),
    ],
)
async def test_what_gives_way_stays_until_something_takes_its_place(
    customer: Customer, intent: str, words: str, left: list[str]
) -> None:
    await customer.say("cart_add", "10 leches enteras", order_line=wish("leche entera", "10"))
    await customer.say("cart_change", "mejor semidescremada", order_line=wish("leche semidescremada"))
    assert customer.asked == ["short_to_add"]
    assert await customer.cart() == ["10 unidad LECHE-ENTERA-1L"]

    await customer.say(intent, words)

    assert await customer.cart() == left


async def test_a_line_that_waits_goes_on_waiting_when_its_quantity_changes(customer: Customer) -> None:
    await semi_skimmed(customer)
    await customer.say("nlu_fallback", "espero")

    await customer.say("cart_change", "mejor 8", order_line=wish("leche semidescremada", "8"))

    assert await customer.cart() == ["8 unidad LECHE-SEMIDESCREMADA-1L"]


async def test_a_product_is_removed_by_a_word_that_only_the_catalog_knows(customer: Customer) -> None:
    await customer.fill("2 - PAN-TAJADO-INTEGRAL-480", "1 - LECHE-ENTERA-1L")

    await customer.say("cart_remove", "quita el pan de molde", order_line=wish("pan de molde"))

    assert await customer.cart() == ["1 unidad LECHE-ENTERA-1L"]


async def test_fewer_of_a_line_are_taken_away_when_a_number_is_said(customer: Customer) -> None:
    await customer.fill("5 - LECHE-ENTERA-1L")

    await customer.say("cart_remove", "quita 2 leches", order_line=wish("leche", "2"))

    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]


async def test_bad_quantities_change_nothing(customer: Customer) -> None:
    for quantity in ("0", "-5", "1000000000", "0.3"):
        await customer.say("cart_add", quantity, order_line=wish("leche entera", quantity))
        assert "¡Listo!" not in customer.said, quantity

    assert await customer.cart() == []


async def test_an_emptied_cart_is_asked_about_first(customer: Customer) -> None:
    await customer.fill("5 - LECHE-ENTERA-1L")
    await customer.say("cart_clear", "vacía el carrito")
    assert await customer.cart() == ["5 unidad LECHE-ENTERA-1L"]

    await customer.say("affirm", "sí")

    assert await customer.cart() == []


async def test_one_more_is_one_more_of_what_was_spoken_of_last(customer: Customer) -> None:
    await customer.say("cart_add", "3 leches enteras", order_line=wish("leche entera", "3"))

    await customer.say("nlu_fallback", "agrega una más")

    assert await customer.cart() == ["4 unidad LECHE-ENTERA-1L"]


async def test_nothing_more_is_not_one_more(customer: Customer) -> None:
    await customer.say("cart_add", "3 leches enteras", order_line=wish("leche entera", "3"))

    await customer.say("checkout_start", "no, nada más")

    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]
    assert customer.step == "address"
