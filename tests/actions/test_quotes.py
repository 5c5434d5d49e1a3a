"""A quote is accepted by one tap: once, in time, and at the price that was shown."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from backend.schemas.quotes import NewQuote, SendQuote, WantedLine
from tests.actions.conftest import Customer

MILK = "LECHE-ENTERA-1L"


async def quoted(customer: Customer, quantity: str = "2") -> Any:
    """A quote that the shop has sent."""
    facts = {"address_text": "Calle 57 # 9-28", "payment_method": "nequi"}
    me = await customer.oms.me()
    new = NewQuote.model_validate({"customer_id": me.id, "lines": [WantedLine(sku=MILK, quantity=quantity)]} | facts)
    staff = customer.staff()
    draft = await staff.draft_quote(new, key=uuid4().hex)
    return await staff.send_quote(draft.number, SendQuote(version=draft.version), key=uuid4().hex)


async def tap(customer: Customer, quote: Any, confirmation: str | None = None) -> None:
    given = {"quote_number": quote.number, "confirmation": confirmation or quote.confirmation}
    await customer.say("quote_accept", button=True, **given)


async def test_one_tap_orders_it_and_another_changes_nothing(customer: Customer) -> None:
    quote = await quoted(customer)
    await tap(customer, quote)
    [order] = await customer.oms.orders()
    assert f"Tu pedido quedó con el número {order.number}" in customer.said
    assert order.total == quote.cart.total

    await tap(customer, quote)

    assert [each.number for each in await customer.oms.orders()] == [order.number]
    assert order.number in customer.said


async def test_what_was_withdrawn_is_said_and_orders_nothing(customer: Customer) -> None:
    quote = await quoted(customer)
    await customer.staff().withdraw_quote(quote.number, quote.version, key=uuid4().hex)

    await tap(customer, quote)

    assert "Esa cotización ya no está vigente" in customer.said
    assert await customer.oms.orders() == []


async def test_what_is_not_what_was_shown_is_shown_again_with_a_button_of_its_own(customer: Customer) -> None:
    quote = await quoted(customer)

    await tap(customer, quote, "otro precio")

    assert "Algo cambió desde que te cotizaron" in customer.said
    assert await customer.oms.orders() == []
    assert any(quote.confirmation in str(reply) for reply in customer.replies)


@pytest.mark.parametrize("given", [{}, {"quote_number": "COT-10001"}, {"confirmation": "x"}])
async def test_a_tap_that_says_too_little_does_nothing(customer: Customer, given: dict[str, str]) -> None:
    await customer.say("quote_accept", button=True, **given)

    assert await customer.oms.orders() == []
