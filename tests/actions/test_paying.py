"""Who wants to pay gets a link for what is due; who owes nothing, or has not ordered, hears how one pays."""

from __future__ import annotations

import pytest

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
