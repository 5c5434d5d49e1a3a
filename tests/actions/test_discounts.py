"""Coupons in the conversation: applied, refused with the reason, taken off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from actions.discounts import code_in
from backend.catalog.shop import set_free_delivery
from kernel.config import Settings
from kernel.db import Database
from tests.actions.conftest import Customer


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tengo un cupón LECHE10", "LECHE10"),
        ("tengo un cupon leche10 porfa", "leche10"),
        ("aplica el código VERANO", "VERANO"),
        ("mi cupón es verano", "verano"),
        ("TENGO UN CUPON LECHE10", "LECHE10"),
        ("I have a promo code, it's SUMMER-25", "SUMMER-25"),
        ("can I use a coupon?", None),
        ("tengo un código de descuento", None),
        ("I'd like to use the coupon welcome", "welcome"),
    ],
)
def test_the_code_is_found_in_what_was_said(text: str, code: str | None) -> None:
    assert code_in(text) == code


async def test_a_coupon_is_applied_shown_in_the_cart_and_taken_off(customer: Customer) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")

    await customer.say("discount_apply", "tengo un cupón LECHE10")
    assert "apliqué 10 % en lácteos" in customer.said
    await customer.say("cart_show")
    assert "Descuento (10 % en lácteos): −$1.060" in customer.said
    assert "Total: $14.040" in customer.said
    await customer.say("discount_remove", "quítame el cupón")
    assert "quité el cupón LECHE10. Total: $15.100" in customer.said
    await customer.say("discount_remove", "quítame el cupón")
    assert "No tienes ningún cupón" in customer.said


async def test_the_summary_and_the_order_have_the_discount(customer: Customer) -> None:
    await customer.at_the_summary()

    await customer.say("discount_apply", "tengo un cupón LECHE10")
    assert "Descuento (10 % en lácteos): −$1.060" in customer.said
    assert customer.step == "confirm"
    await customer.say("affirm", "sí")

    (order,) = await customer.oms.orders()
    assert order.total.amount_minor == 1_404_000
    assert "quedó confirmado.\nDescuento (10 % en lácteos): −$1.060\nTotal: $14.040 · Pago:" in customer.said


async def test_an_order_without_a_discount_says_nothing_of_one(customer: Customer) -> None:
    await customer.at_the_summary()
    await customer.say("affirm", "sí")

    assert "quedó confirmado.\nTotal: $15.100 · Pago:" in customer.said


async def test_what_does_not_apply_is_answered_plainly(customer: Customer) -> None:
    await customer.fill("1 - PAN-TAJADO-INTEGRAL-480")

    await customer.say("discount_apply", "tengo el cupón NADA99")
    assert "No conozco el cupón NADA99" in customer.said
    await customer.say("discount_apply", "tengo el cupón MERCADO5000")
    assert "vale desde $60.000" in customer.said
    await customer.say("discount_apply", "tengo el cupón LECHE10")
    assert "no vale para nada de lo que llevas" in customer.said
    assert (await customer.oms.cart()).discount is None


async def test_the_code_is_asked_for_and_a_used_one_is_refused(customer: Customer) -> None:
    await customer.say("discount_apply", "tengo un cupón")
    assert "¿Cuál es el código" in customer.said
    await customer.say("nlu_fallback", "leche10")
    assert "Anotado el cupón LECHE10" in customer.said
    await customer.has_ordered("1 - LECHE-ENTERA-1L")

    await customer.fill("1 - LECHE-ENTERA-1L")
    await customer.say("discount_apply", "tengo un cupón LECHE10")
    assert "ya se usó" in customer.said


@pytest.fixture
def delivers_for_nothing(shop: tuple[Settings, Any]) -> Iterator[None]:
    """From 10,000.00 on."""
    database = Database(shop[0].database_url)
    for from_minor in (1_000_000, None):
        with database.write() as session:
            set_free_delivery(session, from_minor)
        if from_minor is not None:
            yield
    database.dispose()


@pytest.mark.usefixtures("delivers_for_nothing")
@pytest.mark.parametrize(
    ("language", "words", "free_from"),
    [("es", "Domicilio: gratis", "Desde $10.000 en productos es gratis."),
     ("en", "Delivery: free", "For goods of $10,000 and more it is free.")],
)  # fmt: skip
async def test_a_delivery_that_costs_nothing_is_free(
    customer: Customer, language: str, words: str, free_from: str
) -> None:
    customer.slots["language"] = language
    await customer.at_the_summary()
    assert words in customer.said
    await customer.say("cart_show")
    assert words in customer.said

    assert free_from in await customer.say("delivery_info")


async def test_of_a_shop_that_never_delivers_for_nothing_no_such_thing_is_said(customer: Customer) -> None:
    assert (await customer.say("delivery_info")).endswith("El domicilio cuesta $4.500.")


async def test_a_code_that_is_taken_for_a_no_is_looked_up_all_the_same(customer: Customer) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")
    await customer.say("discount_apply", "tengo un cupón")

    await customer.say("deny", "NADA99")

    assert "No conozco el cupón NADA99" in customer.said
