"""Collecting the order in the shop instead of having it delivered."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend.schemas.inventory import ReceivedLine, StockReceipt
from tests.actions.conftest import Customer

MILK = "LECHE-ENTERA-1L"
PLACE = "Tienda Chapinero, Calle 57 # 9-28"


@pytest.fixture(autouse=True)
async def stocked(customer: Customer) -> None:
    """Other tests buy from the same shelf."""
    receipt = StockReceipt(location="chapinero", lines=[ReceivedLine(sku=MILK, quantity=10)])
    await customer.staff().receive_stock(receipt, key=str(uuid4()))


async def test_the_places_are_offered_where_the_address_is_asked_and_the_button_chooses_one(customer: Customer) -> None:
    await customer.fill(f"2 - {MILK}")

    await customer.say("checkout_start")
    assert "1. Recoger en Tienda Chapinero" in customer.said
    await customer.press("Recoger en Tienda Chapinero")
    assert customer.step == "payment"
    await customer.say("payment_choose", "nequi", payment_method="nequi")

    assert f"Lo recoges en: {PLACE}" in customer.said
    assert "Domicilio" not in customer.said
    assert "Total: $10.600" in customer.said
    assert (await customer.oms.cart()).checkout.pickup_location == "chapinero"


async def test_the_order_says_where_it_is_collected(customer: Customer) -> None:
    await customer.fill(f"2 - {MILK}")
    await customer.say("checkout_start")
    await customer.say("pickup_choose", "lo recojo en la tienda")
    await customer.say("payment_choose", "nequi", payment_method="nequi")

    await customer.say("affirm", "sí")
    assert f"Lo recoges en {PLACE}. Te aviso por aquí con tu código" in customer.said
    (order,) = await customer.oms.orders()
    await customer.say("order_track", order_number=order.number)

    assert f"Lo recoges en: {PLACE}" in customer.said
    assert order.pickup is not None


async def test_a_change_of_it_speaks_of_collecting(customer: Customer) -> None:
    await customer.fill(f"2 - {MILK}")
    await customer.say("checkout_start")
    await customer.say("pickup_choose", "lo recojo en la tienda")
    await customer.say("payment_choose", "nequi", payment_method="nequi")
    await customer.say("affirm", "sí")
    (order,) = await customer.oms.orders()

    await customer.say("order_change", f"agrega una leche más al pedido {order.number}", order_number=order.number)

    assert "Así quedaría tu pedido" in customer.said
    assert f"Lo recoges en: {PLACE}" in customer.said
    assert "Domicilio" not in customer.said
    assert "Entrega" not in customer.said


@pytest.mark.parametrize("text", ["mejor lo recojo en la tienda", "paso a recogerlo", "I'll pick it up", "pickup"])
async def test_at_the_summary_it_can_be_collected_after_all_and_delivered_again(customer: Customer, text: str) -> None:
    await customer.at_the_summary()

    await customer.say("pickup_choose", text)
    assert customer.step == "confirm"
    assert f"Lo recoges en: {PLACE}" in customer.said
    await customer.say("address_give", "mejor a la Carrera 7 # 80-20", address="Carrera 7 # 80-20")

    assert "Entrega: Carrera 7 # 80-20" in customer.said
    assert "\nDomicilio: $4.500\n" in customer.said


async def test_with_nothing_in_the_cart_it_is_told_where(customer: Customer) -> None:
    await customer.say("pickup_choose", "puedo recoger en la tienda?")

    assert f"• {PLACE}" in customer.said


async def test_a_yes_to_the_question_where_chooses_no_place(customer: Customer) -> None:
    await customer.fill(f"2 - {MILK}")
    await customer.say("checkout_start")

    await customer.say("affirm", "sí")

    assert customer.step == "address"
    assert (await customer.oms.cart()).checkout.pickup_location is None
