"""What a customer is told of what they owe."""

from __future__ import annotations

import pytest

from backend.schemas.payments import NewPayment
from tests import shop_staff
from tests.actions.conftest import Customer


async def has_shipped(customer: Customer) -> str:
    number = await customer.has_ordered()
    await shop_staff.ship(customer.staff(), number)
    await shop_staff.invoice(customer.staff(), number)
    return number


async def test_who_owes_nothing_is_told_so(customer: Customer) -> None:
    assert await customer.say("balance_ask", "cuánto debo") == "No debes ninguna factura."
    customer.slots["language"] = "en"
    assert await customer.say("balance_ask", "how much do I owe?") == "You have no unpaid invoices."


async def test_open_invoices_are_listed_with_their_days(customer: Customer) -> None:
    number = await has_shipped(customer)
    (owed,) = (await customer.oms.open_invoices()).documents

    said = await customer.say("balance_ask", "cuánto debo")

    assert said.startswith("Debes $")
    assert f"• {owed.number} (pedido {number}): $" in said
    assert "vence el" in said
    assert "saldo a favor" not in said


async def test_nobody_hears_of_what_another_owes(customer: Customer) -> None:  # case 82
    await has_shipped(customer)
    rival = await customer.rival()

    assert await rival.say("balance_ask", "cuánto debo") == "No debes ninguna factura."


async def test_what_was_overpaid_is_told(customer: Customer) -> None:
    number = await customer.has_ordered()
    total = (await customer.oms.order(number)).total.amount_minor
    paid = NewPayment(method="nequi", amount_minor=total + 500_000, currency="COP")
    await customer.staff().record_payment(number, paid, key=f"pay:{number}")

    customer.slots["language"] = "en"
    said = await customer.say("balance_ask", "how much do I owe?")

    assert said.splitlines() == ["You have no unpaid invoices.", "You have a balance of $5,000 with us."]


@pytest.mark.parametrize(
    ("intent", "language", "said", "answer"),
    [
        ("pay_start", "es", "te pago el viernes", "Anotado: pagas $"),
        ("payment_choose", "es", "te consigno en 3 días", "Anotado: pagas $"),
        ("payment_info", "en", "I can pay next Monday", "Noted: you pay $"),
    ],
)
async def test_a_day_to_pay_is_taken_for_a_promise(
    customer: Customer, intent: str, language: str, said: str, answer: str
) -> None:
    await has_shipped(customer)
    customer.slots["language"] = language

    assert (await customer.say(intent, said)).startswith(answer)


async def test_a_day_that_is_too_far_is_not_promised(customer: Customer) -> None:
    await has_shipped(customer)

    assert "Puedo anotar un día hasta el" in await customer.say("pay_start", "te pago en 90 días")


@pytest.mark.parametrize("said", ["quiero pagar hoy", "¿puedo pagar el viernes?", "quiero pagar"])
async def test_who_wants_to_pay_now_or_asks_promises_nothing(customer: Customer, said: str) -> None:
    await has_shipped(customer)

    assert "Anotado" not in await customer.say("pay_start", said)


async def test_who_owes_nothing_promises_nothing(customer: Customer) -> None:
    assert "Anotado" not in await customer.say("pay_start", "te pago el viernes")
