"""What a customer is told of what they owe."""

from __future__ import annotations

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
