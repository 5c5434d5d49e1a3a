"""What is short is the customer's to decide, in any words, and the answer goes to the OMS."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.actions.conftest import Customer


async def someone_takes_all_but(customer: Customer, left: int, sku: str) -> None:
    """Another customer orders all but so many."""
    rival = await customer.rival()
    levels = (await customer.staff().staff_stock(sku)).levels
    available = sum(level.available for level in levels)
    await rival.fill(f"{available - left} - {sku}")
    await rival.oms.choose_checkout(address_text="Calle 1 # 2-3", payment_method="nequi", key=str(uuid4()))
    confirmation = await rival.oms.confirm_cart(key=str(uuid4()))
    await rival.oms.place_order(confirmation.confirmation)


async def short_at_the_summary(customer: Customer, left: int, sku: str) -> None:
    await customer.fill(f"3 unidad {sku}", "1 - PAN-TAJADO-INTEGRAL-480")
    await customer.oms.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key=str(uuid4()))
    await someone_takes_all_but(customer, left, sku)
    await customer.say("checkout_start", "eso es todo")


@pytest.mark.parametrize(
    ("words", "sku"),
    [("las que haya", "YOGUR-FRESA-200"), ("1", "YOGUR-FRESA-1L"), ("llevar lo que hay", "YOGUR-MORA-1L")],
)
async def test_what_there_is_can_be_taken_in_any_words(customer: Customer, words: str, sku: str) -> None:
    await short_at_the_summary(customer, 2, sku)
    assert customer.asked == ["cart_short"]

    await customer.say("nlu_fallback", words)

    assert await customer.cart() == [f"2 unidad {sku}", "1 unidad PAN-TAJADO-INTEGRAL-480"]
    assert customer.step == "confirm"


@pytest.mark.parametrize(
    ("words", "sku"),
    [("quítalo", "KUMIS-200"), ("sin eso", "KUMIS-1L"), ("leave it out", "YOGUR-GRIEGO-150")],
)
async def test_a_line_that_is_short_can_be_dropped_in_any_words(customer: Customer, words: str, sku: str) -> None:
    await short_at_the_summary(customer, 0, sku)

    await customer.say("cart_remove", words)

    assert await customer.cart() == ["1 unidad PAN-TAJADO-INTEGRAL-480"]
    assert customer.step == "confirm"


async def test_something_else_is_talked_about_and_the_question_comes_again(customer: Customer) -> None:
    await short_at_the_summary(customer, 1, "YOGUR-MELOCOTON-200")

    await customer.say("store_info", "a qué hora cierran")

    assert customer.asked == ["cart_short"]
    assert "¿Qué prefieres?" in customer.said


async def test_a_no_decides_nothing(customer: Customer) -> None:
    await short_at_the_summary(customer, 1, "YOGUR-MELOCOTON-1L")

    await customer.say("deny", "no")

    assert customer.asked == []
    assert "3 unidad YOGUR-MELOCOTON-1L" in await customer.cart()
