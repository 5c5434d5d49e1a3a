"""When the OMS fails: an apology and an offer, then a person; never a success that is not known, never a double."""

from __future__ import annotations

import pytest

from actions import skills
from tests.actions.conftest import Customer, wish


@pytest.mark.parametrize("fault", ["cut", "answer_lost", "slow"])
async def test_a_failure_at_the_confirmation_is_never_told_as_a_success(
    customer: Customer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # cases 34, 35
    await customer.at_the_summary()
    customer.line.fault, customer.line.on = fault, "/orders"
    if fault == "slow":
        monkeypatch.setattr(skills, "DEADLINE_S", 0.3)

    await customer.say("affirm", "sí")

    assert "no logro comunicarme" in customer.said
    assert "PED-" not in customer.said
    assert customer.asked == ["checkout", "retry"]


async def test_what_was_committed_with_its_answer_lost_is_not_done_twice_by_trying_again(customer: Customer) -> None:
    # case 36
    await customer.at_the_summary()
    customer.line.fault, customer.line.on = "answer_lost", "/orders"
    await customer.say("affirm", "sí")
    customer.line.fault = None

    await customer.say("affirm", "sí")

    (order,) = await customer.oms.orders()
    assert order.number in customer.said


async def test_lines_added_with_their_answer_lost_are_in_the_cart_once_after_trying_again(customer: Customer) -> None:
    # case 36
    customer.line.fault, customer.line.on = "answer_lost", "/cart/changes"
    await customer.say("cart_add", "3 leches enteras", order_line=wish("leche entera", "3"))
    customer.line.fault = None

    await customer.say("affirm", "sí, intenta de nuevo")

    assert await customer.cart() == ["3 unidad LECHE-ENTERA-1L"]
    assert "3 × Leche entera" in customer.said


async def test_the_second_failure_in_a_row_asks_for_a_person(customer: Customer) -> None:
    customer.line.fault = "cut"
    await customer.say("cart_show", "ver carrito")
    assert customer.directives == []

    await customer.say("affirm", "sí")

    assert customer.directives == [{"handoff": {"reason": "backend_failed"}}]


async def test_a_turn_that_works_forgets_the_failure_before(customer: Customer) -> None:
    customer.line.fault = "cut"
    await customer.say("cart_show")
    customer.line.fault = None
    await customer.say("cart_show")
    customer.line.fault = "cut"

    await customer.say("cart_show")

    assert customer.directives == []


async def test_the_offer_to_try_again_is_dropped_when_the_customer_goes_on(customer: Customer) -> None:
    customer.line.fault = "cut"
    await customer.say("cart_show")
    customer.line.fault = None

    await customer.say("store_info")

    assert customer.asked == []


async def test_a_fault_in_a_skill_is_told_and_not_silent(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_turn: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(skills.SKILLS, "thanks", broken)

    await customer.say("thanks", "gracias")

    assert "no logro comunicarme" in customer.said


async def test_half_a_turn_claims_nothing_and_trying_again_tells_it_whole(customer: Customer) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")
    await customer.say("checkout_start")
    customer.line.fault, customer.line.on = "cut", "/cart"

    await customer.say("cart_add", "2 huevos AA", order_line=wish("huevos AA", "2"))
    assert "¡Listo!" not in customer.said
    customer.line.fault = None
    await customer.say("affirm", "sí")

    assert "2 × Huevos AA" in customer.said
    assert await customer.cart() == ["2 unidad LECHE-ENTERA-1L", "2 unidad HUEVO-AA"]
