"""One offer beside the summary: taken with a tap or a word, never in the way of the order, never again after a no."""

from __future__ import annotations

import pytest

from tests.actions.conftest import Customer

OFFERED = "CHOCOLATE-MESA-250"


@pytest.fixture
async def offered(customer: Customer) -> Customer:
    """A customer at a summary with an offer: not one of the tenth who get none."""
    for _ in range(40):
        await customer.at_the_summary()
        if "Con Leche entera larga vida Prado Alto 1 L va bien: " in customer.said:
            return customer
        customer = await customer.rival()
    raise AssertionError("nobody is offered anything")


async def test_the_offer_stands_beside_the_summary(offered: Customer) -> None:
    assert "Este es tu pedido" in offered.said
    assert offered.step == "confirm"
    assert [title.split()[0] for title in offered.buttons] == [
        "Confirmar",
        "Cambiar",
        "Cambiar",
        "Todavía",
        "Agregar",
        "No,",
    ]


async def test_a_tap_adds_it_and_shows_the_new_summary(offered: Customer) -> None:
    await offered.press("Agregar ")

    assert await offered.cart() == ["2 unidad LECHE-ENTERA-1L", f"1 unidad {OFFERED}"]
    assert "Listo, agregué" in offered.said
    assert "Este es tu pedido" in offered.said


@pytest.mark.parametrize("words", ["agrégalo", "sí, agrégalo porfa", "add it please"])
async def test_a_word_adds_it(offered: Customer, words: str) -> None:
    await offered.say("cart_add", words)

    assert await offered.cart() == ["2 unidad LECHE-ENTERA-1L", f"1 unidad {OFFERED}"]


async def test_a_no_is_to_the_offer_places_nothing_and_is_remembered(offered: Customer) -> None:
    await offered.say("deny", "no, gracias")

    assert "no te lo vuelvo a ofrecer" in offered.said
    assert offered.step == "confirm"
    assert await offered.oms.orders() == []
    await offered.say("affirm", "sí")
    await offered.at_the_summary()
    assert "Chocolate" not in offered.said


async def test_a_yes_confirms_the_order_without_it(offered: Customer) -> None:
    await offered.say("affirm", "sí")

    (order,) = await offered.oms.orders()
    assert [line.sku for line in order.lines] == ["LECHE-ENTERA-1L"]


async def test_it_is_offered_once_an_order(offered: Customer) -> None:
    await offered.say("address_give", "mejor a la Carrera 7 # 70-10", address="Carrera 7 # 70-10")

    assert "Este es tu pedido" in offered.said
    assert "va bien" not in offered.said
