"""Placed orders: told as the OMS tells them, cancelled once and only after a yes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from actions import wording
from kernel import clock
from tests.actions.conftest import Customer


async def test_the_only_open_order_is_told(customer: Customer) -> None:
    number = await customer.has_ordered()

    await customer.say("order_track", "dónde está mi pedido")

    assert number in customer.said
    assert "confirmado, lo estamos preparando" in customer.said


async def test_a_cancelled_order_is_told_as_cancelled(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.oms.cancel_order(number, key="cancelled")

    await customer.say("order_track", "dónde está mi pedido")

    assert f"{number}" in customer.said
    assert "cancelado" in customer.said


async def test_an_order_is_cancelled_only_after_a_yes(customer: Customer) -> None:
    number = await customer.has_ordered()

    await customer.say("order_cancel", "cancela mi pedido")
    assert (await customer.oms.order(number)).status == "confirmed"
    await customer.say("affirm", "sí")

    assert (await customer.oms.order(number)).status == "cancelled"
    assert f"{number} quedó cancelado" in customer.said


async def test_an_order_that_became_final_meanwhile_is_refused_with_the_reason(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.say("order_cancel", "cancela mi pedido")
    await customer.oms.cancel_order(number, key="by-staff")

    await customer.say("affirm", "sí")

    assert "ya no se puede cancelar: está cancelado" in customer.said


async def test_a_yes_after_the_cancellation_is_not_told_the_order_is_confirmed(customer: Customer) -> None:
    await customer.at_the_summary()
    await customer.say("affirm", "sí")
    await customer.say("order_cancel", "cancela mi pedido")
    await customer.say("affirm", "sí")

    await customer.say("affirm", "sí")

    assert "confirmado" not in customer.said


async def test_cancelar_with_an_open_order_may_mean_to_pay_and_is_asked(customer: Customer) -> None:
    number = await customer.has_ordered()
    await customer.say("pay_start", "¿cómo puedo cancelar?")
    assert customer.asked == ["pay_or_cancel"]

    await customer.say("option_choose", "la primera", option=1)

    assert "el enlace para pagar" in customer.said
    assert (await customer.oms.order(number)).status == "confirmed"


async def test_cancelar_without_an_order_is_to_pay(customer: Customer) -> None:
    await customer.say("pay_start", "¿cómo puedo cancelar la cuenta?")

    assert customer.asked == []
    assert "Nequi" in customer.said


async def test_a_repeated_order_is_put_into_the_cart_once(customer: Customer) -> None:
    await customer.has_ordered()
    for _ in range(2):
        await customer.say("order_repeat", "lo mismo de siempre", id="once")

    assert await customer.cart() == ["1 unidad LECHE-ENTERA-1L"]


async def test_a_repeated_order_comes_without_what_is_to_be_left_out_and_tells_what_was_not_in_it(
    customer: Customer,
) -> None:
    await customer.has_ordered("1 - LECHE-ENTERA-1L", "12 - HUEVO-AA")
    without = [{"text": "los huevos", "quantity": "1"}, {"text": "pan", "quantity": "1"}]
    await customer.say("order_repeat", "lo mismo de ayer pero sin huevos ni pan", order_line=without)

    assert await customer.cart() == ["1 unidad LECHE-ENTERA-1L"]
    assert "No encuentro «pan»" in customer.said


async def test_a_repeated_order_without_all_it_had_is_an_empty_cart(customer: Customer) -> None:
    await customer.has_ordered("1 - LECHE-ENTERA-1L")
    without = [{"text": "leche", "quantity": "1"}]
    await customer.say("order_repeat", "lo mismo pero sin la leche", order_line=without)

    assert await customer.cart() == []
    assert "Tu carrito está vacío" in customer.said


async def test_when_it_arrives_is_the_promise_of_the_running_order(customer: Customer) -> None:
    number = await customer.has_ordered()
    promised_on = (await customer.oms.order(number)).promised_on
    assert promised_on is not None

    await customer.say("delivery_eta", "cuándo llega")

    shop = await customer.oms.shop()
    assert f"{number} llega {wording.day(promised_on, shop, 'es')}" in customer.said


async def test_with_nothing_ordered_the_cart_is_promised(customer: Customer) -> None:
    await customer.at_the_summary()

    await customer.say("delivery_eta", "cuándo llegaría")

    assert "Si lo pides ahora, llega" in customer.said
    assert customer.step == "confirm"


async def test_with_nothing_at_all_the_delivery_times_of_the_shop_are_told(customer: Customer) -> None:
    await customer.say("delivery_eta", "cuánto se demoran")

    assert "El domicilio cuesta" in customer.said


@pytest.mark.parametrize(
    ("ahead", "es", "en"),
    [
        (0, "hoy", "today"),
        (1, "mañana", "tomorrow"),
        (2, "el viernes", "on Friday"),
        (6, "el martes", "on Tuesday"),
        (7, "el miércoles 2 de diciembre", "on Wednesday, December 2"),
        (-1, "el martes 24 de noviembre", "on Tuesday, November 24"),
    ],
)
async def test_a_day_is_said_by_its_weekday_within_the_week(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, ahead: int, es: str, en: str
) -> None:
    shop = await customer.oms.shop()
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 25, 15, tzinfo=UTC))

    on = date(2026, 11, 25) + timedelta(days=ahead)

    assert (wording.day(on, shop, "es"), wording.day(on, shop, "en")) == (es, en)
