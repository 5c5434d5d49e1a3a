"""Who wants to pay gets a link for what is due; who owes nothing, or has not ordered, hears how one pays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.catalog.service import shop as seller
from backend.catalog.shop import set_payments
from kernel.config import Settings
from kernel.db import Database
from tests.actions.conftest import Customer


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("es", "quiero pagar", "Ya preparo el enlace para pagar $9.800 de tu pedido"),
        ("en", "I want to pay", "I am preparing the link to pay $9,800 for your order"),
    ],
)
async def test_a_link_for_what_is_due_is_promised(customer: Customer, language: str, words: str, said: str) -> None:
    customer.slots["language"] = language
    number = await customer.has_ordered()
    due = (await customer.oms.order(number)).due

    await customer.say("pay_start", words)

    assert said in customer.said
    assert (due.amount_minor, due.currency) == (980_000, "COP")


async def test_asking_twice_is_one_link(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.say("pay_start", "quiero pagar")
    first = await customer.oms.payment_link(number, key="look:1")
    await customer.say("pay_start", "mándame el link")

    assert (await customer.oms.payment_link(number, key="look:2")).payment == first.payment


@pytest.mark.parametrize("words", ["ya pagué", "ya hice la transferencia", "aquí está el comprobante de pago"])
async def test_who_says_they_paid_is_not_asked_to_pay_again(customer: Customer, words: str) -> None:
    await customer.has_ordered()
    await customer.say("pay_start", words)

    assert "Todavía no veo ese pago" in customer.said
    assert "enlace" not in customer.said


async def test_who_has_not_ordered_hears_how_one_pays(customer: Customer) -> None:
    await customer.say("pay_start", "quiero pagar")

    assert "Efectivo contraentrega" in customer.said


async def test_of_a_cancelled_order_nothing_is_due(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.oms.cancel_order(number, key="cancel")

    await customer.say("pay_start", f"quiero pagar el {number}", order_number=number)

    assert customer.said == f"Del pedido {number} no hay nada por pagar."


async def test_nobody_pays_someone_elses_order(customer: Customer) -> None:
    await customer.say("pay_start", "quiero pagar el PED-10001", order_number="PED-10001")

    assert "enlace" not in customer.said


@pytest.fixture
def without_online(shop: tuple[Settings, Any]) -> Iterator[None]:
    """The shop collects nothing online, for the length of a test."""
    database = Database(shop[0].database_url)
    with database.write() as session:
        methods, provider = list(seller(session).payment_methods), seller(session).online_provider
        set_payments(session, [method for method in methods if method.kind != "online"], provider)
    yield
    with database.write() as session:
        set_payments(session, methods, provider)
    database.dispose()


@pytest.mark.usefixtures("without_online")
@pytest.mark.parametrize("intent", ["payment_info", "pay_start", "payment_choose"])
@pytest.mark.parametrize(
    ("language", "words", "no", "instead"),
    [
        ("es", "quiero pagar por pse", "Esa forma de pago no la tenemos.", "Efectivo contraentrega"),
        ("en", "I want to pay by pse", "We don't offer that way of paying.", "Cash on delivery"),
    ],
)
async def test_who_names_a_way_of_paying_that_the_shop_does_not_have_hears_so_and_those_it_has(
    customer: Customer, intent: str, language: str, words: str, no: str, instead: str
) -> None:
    customer.slots["language"] = language

    await customer.say(intent, words, payment_method="online")

    assert customer.said.startswith(no)
    assert instead in customer.said


@pytest.mark.usefixtures("without_online")
async def test_with_a_cart_it_is_asked_how_to_pay_instead(customer: Customer) -> None:
    await customer.fill("1 - LECHE-ENTERA-1L")
    await customer.oms.choose_checkout(address_text="Calle 45 # 12-30", key="address")

    await customer.say("payment_choose", "por pse", payment_method="online")

    assert "Esa forma de pago no la tenemos." in customer.said
    assert customer.step == "payment"
    assert (await customer.oms.cart()).checkout.payment_method is None


async def test_who_names_a_way_of_paying_before_ordering_chooses_it_later(customer: Customer) -> None:
    await customer.say("payment_choose", "por pse", payment_method="online")

    assert customer.said.startswith("Perfecto. Eliges la forma de pago al finalizar")


@pytest.mark.usefixtures("without_online")
@pytest.mark.parametrize("intent", ["payment_choose", "payment_info"])
async def test_of_an_order_that_is_placed_it_is_said_how_it_is_to_be_paid(customer: Customer, intent: str) -> None:
    number = await customer.has_ordered()

    said = await customer.say(intent, "quiero pagar por pse", payment_method="online")

    assert said == (
        f"Esa forma de pago no la tenemos.\nTu pedido {number} quedó para pagar así: Nequi; faltan $9.800. "
        "Si necesitas pagarlo de otra forma, una persona de la tienda te ayuda."
    )
    assert list(customer.buttons) == ["Hablar con una persona"]


async def test_naming_another_way_changes_nothing_of_an_order_that_is_placed(customer: Customer) -> None:
    customer.slots["language"] = "en"
    number = await customer.has_ordered()

    said = await customer.say("payment_choose", "cash please", payment_method="cash_on_delivery")

    assert said == (
        f"Your order {number} is to be paid like this: Nequi; $9,800 is due. "
        "If you need to pay it another way, a person from the shop will help you."
    )
    assert (await customer.oms.order(number)).payment_method == "nequi"
