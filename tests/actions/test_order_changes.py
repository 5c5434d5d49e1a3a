"""Changing a placed order in chat: shown, then done after a yes, as long as nobody has begun to pick it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.schemas.carts import CartChange
from backend.schemas.orders import ChangeOrder, Order
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.actions.conftest import Customer

MILK, BREAD = "LECHE-ENTERA-1L", "PAN-TAJADO-INTEGRAL-480"


async def lines_of(customer: Customer, number: str) -> list[str]:
    order: Order = await customer.oms.order(number)
    return sorted(f"{line.quantity} {line.sku}" for line in order.lines)


async def test_one_more_is_shown_with_its_price_and_added_after_a_yes(customer: Customer) -> None:
    number = await customer.has_ordered(f"1 - {MILK}")

    await customer.say("order_change", f"agrega una leche más al pedido {number}", order_number=number)
    assert f"Así quedaría tu pedido {number}" in customer.said
    assert "2 × Leche entera" in customer.said
    assert "Son $5.300 más." in customer.said
    assert await lines_of(customer, number) == [f"1 {MILK}"]
    await customer.press("Sí, cámbialo")

    assert f"cambié tu pedido {number}" in customer.said
    assert await lines_of(customer, number) == [f"2 {MILK}"]
    assert customer.asked == []


async def test_a_change_that_is_declined_changes_nothing(customer: Customer) -> None:
    number = await customer.has_ordered(f"1 - {MILK}")
    await customer.say("order_change", f"agrega una leche más al pedido {number}", order_number=number)

    await customer.say("deny", "no")

    assert f"el pedido {number} queda como está" in customer.said
    assert await lines_of(customer, number) == [f"1 {MILK}"]


@pytest.mark.parametrize(
    ("intent", "text", "after"),
    [
        ("cart_add", "agrega una más", [f"2 {BREAD}"]),
        ("checkout_start", "agrega una más", [f"2 {BREAD}"]),
        ("cart_add", "agrega otro pan tajado integral", [f"2 {BREAD}"]),
        ("cart_change", "cambia a 3 panes", [f"3 {BREAD}"]),
        ("cart_change", "mejor 4", [f"4 {BREAD}"]),
        ("cart_add", "agrega 2 leches enteras al pedido", [f"1 {BREAD}", f"2 {MILK}"]),
        ("cart_add", "add 2 whole milks to my order", [f"1 {BREAD}", f"2 {MILK}"]),
        ("cart_change", "cambia el pan por leche entera", [f"1 {MILK}"]),
    ],
)
async def test_with_an_empty_cart_a_correction_is_one_of_the_order_just_placed(
    customer: Customer, intent: str, text: str, after: list[str]
) -> None:
    number = await customer.has_ordered(f"1 - {BREAD}")

    await customer.say(intent, text)
    assert customer.asked == ["order_change"]
    await customer.say("affirm", "sí")

    assert await lines_of(customer, number) == after
    assert await customer.cart() == []


async def test_a_new_wish_is_for_the_cart_though_an_order_was_placed(customer: Customer) -> None:
    await customer.has_ordered(f"1 - {BREAD}")

    await customer.say(
        "cart_add", "2 leches enteras", order_line={"text": "leches enteras", "quantity": "2", "quantity_given": True}
    )

    assert await customer.cart() == [f"2 unidad {MILK}"]
    assert "order_change" not in customer.asked


async def test_with_something_in_the_cart_one_more_is_for_the_cart(customer: Customer) -> None:
    await customer.has_ordered(f"1 - {BREAD}")
    await customer.fill(f"1 - {MILK}")

    await customer.say("cart_change", "mejor 4", order_line={"text": "", "quantity": "4", "quantity_given": True})

    assert await customer.cart() == [f"4 unidad {MILK}"]


async def test_wishes_come_on_top_of_what_was_shown(customer: Customer) -> None:
    number = await customer.has_ordered(f"1 - {MILK}", f"1 - {BREAD}")
    await customer.say("order_change", f"quita el pan del pedido {number}", order_number=number)

    await customer.say("cart_add", "y dos leches enteras más")
    await customer.say("affirm", "sí")

    assert await lines_of(customer, number) == [f"3 {MILK}"]


async def test_of_several_products_it_is_asked_which(customer: Customer) -> None:
    number = await customer.has_ordered(f"1 - {MILK}", f"1 - {BREAD}")

    await customer.say("cart_add", "agrega una más")
    assert customer.asked == ["order_change_item"]
    await customer.say("option_choose", "el pan")
    assert customer.asked == ["order_change"]
    await customer.say("affirm", "sí")

    assert await lines_of(customer, number) == [f"1 {MILK}", f"2 {BREAD}"]


async def test_of_several_orders_it_is_asked_which_and_the_wish_is_kept(customer: Customer) -> None:
    first = await customer.has_ordered(f"1 - {MILK}")
    second = await customer.has_ordered(f"1 - {MILK}")

    await customer.say("order_change", "quiero agregar 2 leches enteras al pedido que ya hice")
    assert customer.asked == ["order"]
    await customer.say("option_choose", "la segunda", option=2)
    await customer.say("affirm", "sí")

    assert await lines_of(customer, first) == [f"3 {MILK}"]
    assert await lines_of(customer, second) == [f"1 {MILK}"]


@pytest.mark.parametrize("text", ["quiero modificar mi pedido", "I need to change the order I already placed"])
async def test_without_a_wish_it_is_asked_what_to_change(customer: Customer, text: str) -> None:
    number = await customer.has_ordered(f"2 - {MILK}")

    await customer.say("order_change", text)
    assert f"¿Qué le cambio a tu pedido {number}?" in customer.said
    await customer.say("cart_remove", "quita una leche")
    await customer.say("affirm", "sí")

    assert await lines_of(customer, number) == [f"1 {MILK}"]


async def test_the_address_can_be_changed(customer: Customer) -> None:
    number = await customer.has_ordered(f"2 - {MILK}")

    await customer.say("order_change", "quiero cambiar la dirección de mi pedido")
    assert customer.asked == ["order_change_address"]
    await customer.say("address_give", "Carrera 7 # 80-20", address="Carrera 7 # 80-20")
    await customer.say("affirm", "sí")

    assert (await customer.oms.order(number)).address == "Carrera 7 # 80-20"


async def test_taking_out_all_of_it_asks_to_cancel(customer: Customer) -> None:
    number = await customer.has_ordered(f"2 - {MILK}")

    await customer.say("cart_remove", "quita la leche")

    assert customer.asked == ["order_cancel"]
    assert (await customer.oms.order(number)).status == "confirmed"


async def test_what_is_being_picked_is_not_changed_any_more(customer: Customer) -> None:
    # case 62
    number = await customer.has_ordered(f"1 - {MILK}")
    await customer.say("order_change", f"agrega una leche más al pedido {number}", order_number=number)
    (part,) = await shop_staff.parts(customer.staff(), number)
    await customer.staff().start_picking(part.number, part.version, key=f"pick-{number}")

    await customer.say("affirm", "sí")

    assert f"El pedido {number} ya no se puede cambiar" in customer.said
    assert await lines_of(customer, number) == [f"1 {MILK}"]
    assert customer.asked == []


async def test_what_changed_meanwhile_is_shown_again(customer: Customer) -> None:
    number = await customer.has_ordered(f"1 - {MILK}")
    await customer.say("order_change", f"agrega una leche más al pedido {number}", order_number=number)
    elsewhere = await customer.oms.propose_order_change(
        number, ChangeOrder(changes=[CartChange(op="add", sku=BREAD, quantity="1")]), key=f"else-{number}"
    )
    await customer.oms.apply_order_change(number, elsewhere.confirmation, key=f"elsewhere-{number}")

    await customer.say("affirm", "sí")
    assert customer.asked == ["order_change"]
    assert await lines_of(customer, number) == [f"1 {MILK}", f"1 {BREAD}"]
    await customer.say("affirm", "sí")

    assert await lines_of(customer, number) == [f"1 {BREAD}", f"2 {MILK}"]


async def test_the_change_stands_in_the_history_with_the_message_that_caused_it(customer: Customer) -> None:
    number = await customer.has_ordered(f"1 - {MILK}")
    await customer.say("order_change", f"agrega una leche más al pedido {number}", order_number=number)
    caused = Principal("customer", customer.customer_id, conversation_id="chat", message_id="the-yes")
    customer.token = mint(caused, customer.settings.signing_key(), timedelta(hours=1))

    await customer.say("affirm", "sí")

    timeline = (await customer.staff().staff_order(number)).timeline
    (changed,) = [entry for entry in timeline if entry.what == "changed"]
    assert (changed.who, changed.message_id) == (f"customer:{customer.customer_id}", "the-yes")
    assert changed.facts == {"difference_minor": 530000, "currency": "COP", "version": 3}


async def test_another_customers_order_is_not_changed(customer: Customer) -> None:
    number = await (await customer.rival()).has_ordered(f"1 - {MILK}")

    await customer.say("order_change", f"agrega una leche más al pedido {number}", order_number=number)

    assert "No encuentro ese pedido" in customer.said
    assert customer.asked == []
