"""Where an order is, told part by part in plain words."""

from __future__ import annotations

from tests import shop_staff
from tests.actions.conftest import Customer

TWO = ("1 - LECHE-ENTERA-1L", "2 - HUEVO-AA")


async def test_an_order_that_is_packed_says_so(customer: Customer) -> None:
    number = await customer.has_ordered()
    await shop_staff.pack(customer.staff(), number)

    await customer.say("order_track", "dónde está mi pedido")

    assert f"{number}" in customer.said
    assert "empacado, pronto sale" in customer.said


async def test_a_parcel_on_its_way_is_told_with_its_number(customer: Customer) -> None:
    number = await customer.has_ordered(*TWO)
    await shop_staff.ship(customer.staff(), number)
    (parcel,) = (await customer.oms.order(number)).parcels

    await customer.say("order_track", "dónde está mi pedido")

    assert "va en camino" in customer.said
    assert f"guía {parcel.tracking_number}" in customer.said


async def test_of_two_parcels_the_one_that_arrived_and_the_one_that_did_not_are_told(customer: Customer) -> None:
    number = await customer.has_ordered(*TWO)
    await shop_staff.ship(customer.staff(), number, is_apart=True)
    await shop_staff.deliver(customer.staff(), number, most=1)

    await customer.say("order_track", "dónde está mi pedido")

    assert "una parte ya llegó" in customer.said
    assert "1 de 2 paquetes llegaron." in customer.said
    assert customer.said.count(": entregado") == 1
    assert customer.said.count(": en camino") == 1


async def test_a_delivered_order_is_promised_for_no_day(customer: Customer) -> None:
    number = await customer.has_ordered()
    await shop_staff.ship(customer.staff(), number)
    await shop_staff.deliver(customer.staff(), number)

    await customer.say("order_track", f"dónde está el {number}", order_number=number)
    assert "entregado" in customer.said
    assert "Llega" not in customer.said
    await customer.say("delivery_eta", f"cuándo llega el {number}", order_number=number)
    assert f"Tu pedido {number} llega" not in customer.said
