"""Invoices in the chat: one's own, with a link."""

from __future__ import annotations

from tests import shop_staff
from tests.actions.conftest import Customer


async def test_what_left_has_an_invoice_with_a_link(customer: Customer) -> None:
    number = await customer.has_ordered()
    await shop_staff.ship(customer.staff(), number)

    await customer.say("invoice_get", "mándame la factura")

    (document,) = await customer.oms.order_invoices(number)
    assert f"Esta es la factura {document.number} de tu pedido {number}, por $" in customer.said
    [shown] = [reply["attachment"] for reply in customer.replies if "attachment" in reply]
    assert shown == {"name": f"{document.number}.pdf", "url": f"{document.url}/pdf"}
    assert f"{document.url}" in customer.said


async def test_of_several_orders_the_latest_that_left_is_meant_and_a_named_one_is_found(customer: Customer) -> None:
    first = await customer.has_ordered()
    await shop_staff.ship(customer.staff(), first)
    second = await customer.has_ordered()

    await customer.say("invoice_get", "send me the invoice")
    assert f"de tu pedido {first}" in customer.said
    await customer.say("invoice_get", f"la factura del {second}", order_number=second)
    assert customer.said.startswith(f"La factura de tu pedido {second} se hace cuando")


async def test_someone_elses_invoice_is_not_there(customer: Customer) -> None:  # case 82
    rival = await customer.rival()
    number = await rival.has_ordered()
    await shop_staff.ship(customer.staff(), number)

    await customer.say("invoice_get", f"la factura del {number}", order_number=number)

    assert "FV-" not in customer.said
    assert "/f/" not in customer.said


async def test_who_never_ordered_hears_so(customer: Customer) -> None:
    await customer.say("invoice_get", "mi factura")

    assert customer.said == "Todavía no tienes pedidos con nosotros."
