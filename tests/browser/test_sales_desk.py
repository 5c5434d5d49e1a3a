"""The sales desk in a real Chromium: what waits is decided, an order is found, and acted upon with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.schemas.approval import ApproveOrder, NewApprovalRule
from backend.schemas.customers import StaffCustomerChange
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser

MILK, EGGS = "LECHE-ENTERA-1L", "HUEVO-AA"


@pytest.fixture(scope="module")
def market(new_home: Callable[[], Path]) -> Iterator[OpenMarket]:
    with OpenMarket(new_home()) as market:
        rule = NewApprovalRule(kind="amount_over", parameters={"amount_minor": 5_000_000})
        market.staff_sees(lambda staff: staff.add_approval_rule(rule, key="rule"))
        yield market


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console"


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    sign_in(page, market)
    return page


def held(market: OpenMarket) -> str:
    number: str = market.order((MILK, "20")).number
    assert seen(market, number).status == "on_hold"
    return number


def seen(market: OpenMarket, number: str) -> Any:
    return market.staff_sees(lambda staff: staff.staff_order(number))


def opened(desk: Page, act: str) -> Locator:
    """The form of an act on the order's page."""
    panel = desk.locator(f"#act-{act}")
    panel.locator("summary").click()
    return panel


def test_a_held_order_says_why_and_is_approved(desk: Page, console: str, market: OpenMarket) -> None:
    number = held(market)
    desk.goto(f"{console}/sales")
    card = desk.locator(f"#{number}")
    expect(card.get_by_text(re.compile(r"monto alto: \$\s?\d.*; se revisa desde \$\s?50.000"))).to_be_visible()
    card.get_by_role("button", name="Aprobar").click()

    expect(desk.get_by_role("heading", name="Ventas")).to_be_visible()
    expect(card).to_have_count(0)
    assert seen(market, number).status == "confirmed"


def test_a_held_order_is_rejected_only_with_a_reason_that_its_customer_reads(
    desk: Page, console: str, market: OpenMarket
) -> None:
    number = held(market)
    desk.goto(f"{console}/sales")
    card = desk.locator(f"#{number}")
    card.get_by_role("button", name="Rechazar").click()
    expect(card.get_by_role("alert")).to_have_text("Escribe por qué: el cliente lo lee.")
    assert seen(market, number).status == "on_hold"

    card.get_by_label(re.compile("^Nota")).fill("No entregamos tanto")
    card.get_by_role("button", name="Rechazar").click()

    expect(card).to_have_count(0)
    assert seen(market, number).status == "cancelled"


# case 61
def test_who_decides_second_is_told_and_keeps_what_was_typed(desk: Page, console: str, market: OpenMarket) -> None:
    number = held(market)
    desk.goto(f"{console}/orders/{number}")
    form = opened(desk, "reject")
    version = seen(market, number).version
    market.staff_sees(lambda staff: staff.approve_order(number, ApproveOrder(version=version), key=uuid4().hex))

    form.get_by_label(re.compile("^Por qué")).fill("No hay camión")
    form.get_by_role("button", name="Rechazar").click()

    expect(desk.get_by_role("alert")).to_contain_text("El pedido cambió mientras tanto")
    expect(desk.locator(".order-head").get_by_text("Confirmado")).to_be_visible()
    assert seen(market, number).status == "confirmed"


def test_an_order_is_held_back_with_a_reason_and_let_go_on(desk: Page, console: str, market: OpenMarket) -> None:
    number = market.order((MILK, "1")).number
    desk.goto(f"{console}/orders/{number}")
    form = opened(desk, "hold")
    form.get_by_label(re.compile("^Por qué")).fill("Llamar antes")
    form.get_by_role("button", name="Retener").click()
    expect(desk.get_by_role("status").filter(has_text="Retenido.")).to_be_visible()
    expect(desk.get_by_text("retenido por el equipo")).to_be_visible()
    expect(desk.get_by_text("Llamar antes")).to_be_visible()

    opened(desk, "approve").get_by_role("button", name="Aprobar").click()

    expect(desk.get_by_role("status").filter(has_text="Aprobado.")).to_be_visible()
    assert seen(market, number).status == "confirmed"


def test_lines_are_changed_after_a_look_at_what_it_would_cost(desk: Page, console: str, market: OpenMarket) -> None:
    order = market.order((MILK, "2"), (EGGS, "1"))
    desk.goto(f"{console}/orders/{order.number}")
    form = opened(desk, "change")
    form.get_by_label(re.compile("^Leche")).fill("3")
    form.get_by_label(re.compile("^Huevos")).fill("0")
    form.get_by_role("button", name="Ver cómo queda").click()
    expect(desk.get_by_role("heading", name=f"Así quedaría {order.number}")).to_be_visible()
    assert [line.sku for line in seen(market, order.number).lines] == [MILK, EGGS]

    desk.get_by_role("button", name="Cambiar el pedido").click()

    expect(desk.get_by_role("status").filter(has_text="Cambiado")).to_be_visible()
    assert [(line.sku, line.quantity) for line in seen(market, order.number).lines] == [(MILK, "3")]


def test_a_change_that_is_refused_keeps_what_was_typed(desk: Page, console: str, market: OpenMarket) -> None:
    number = market.order((MILK, "2")).number
    desk.goto(f"{console}/orders/{number}")
    form = opened(desk, "change")
    form.get_by_label("Agregar producto (código)").fill("no-existe")
    form.get_by_label(re.compile("^Leche")).fill("5")
    form.get_by_role("button", name="Ver cómo queda").click()

    expect(desk.get_by_role("alert")).to_have_text("No vendemos NO-EXISTE.")
    expect(desk.get_by_label("Agregar producto (código)")).to_have_value("no-existe")
    expect(desk.get_by_label(re.compile("^Leche"))).to_have_value("5")


def test_an_order_is_cancelled_with_a_reason(desk: Page, console: str, market: OpenMarket) -> None:
    number = market.order((MILK, "1")).number
    desk.goto(f"{console}/orders/{number}")
    form = opened(desk, "cancel")
    form.get_by_label(re.compile("^Por qué")).fill("Lo pidió por teléfono")
    form.get_by_role("button", name="Cancelar el pedido").click()

    expect(desk.get_by_role("status").filter(has_text="Cancelado")).to_be_visible()
    order = seen(market, number)
    assert (order.status, order.timeline[-1].note) == ("cancelled", "Lo pidió por teléfono")
    expect(desk.locator("#act-cancel")).to_have_count(0)


def test_money_back_is_asked_for_with_amount_and_reason(desk: Page, console: str, market: OpenMarket) -> None:
    from backend.schemas.payments import NewPayment

    order = market.order((MILK, "2"))
    paid = NewPayment.model_validate(
        {"method": "bank_transfer", "amount_minor": order.total.amount_minor, "currency": "COP"}
    )
    market.staff_sees(lambda staff: staff.record_payment(order.number, paid, key=uuid4().hex))
    desk.goto(f"{console}/orders/{order.number}")
    form = opened(desk, "refund")
    form.get_by_label(re.compile("^Valor")).fill("9.999.999")
    form.get_by_label(re.compile("^Por qué")).fill("Llegó roto")
    form.get_by_role("button", name="Pedir la devolución").click()
    expect(desk.get_by_role("alert")).to_have_text("Es más de lo que queda de ese pago.")
    expect(form.get_by_label(re.compile("^Por qué"))).to_have_value("Llegó roto")

    form.get_by_label(re.compile("^Valor")).fill("1.000")
    form.get_by_role("button", name="Pedir la devolución").click()

    expect(desk.get_by_role("status").filter(has_text="Aprobado")).to_be_visible()
    refunds = market.staff_sees(lambda staff: staff.refunds("approved")).refunds
    assert [each.amount.amount_minor for each in refunds if each.order_number == order.number] == [100_000]


def test_an_order_is_found_by_the_customers_name(desk: Page, console: str, market: OpenMarket) -> None:
    number = market.order((MILK, "1")).number
    customer = seen(market, number).customer_id
    named = StaffCustomerChange(name="Zulma Quintero")
    market.staff_sees(lambda staff: staff.staff_change_customer(customer, named, key=uuid4().hex))
    desk.goto(f"{console}/orders")
    desk.get_by_label("Número, nombre, correo o teléfono").fill("quintero")
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("link", name=number)).to_be_visible()
    expect(desk.locator("tbody tr")).to_have_count(1)
    expect(desk.get_by_text("Zulma Quintero")).to_be_visible()
    desk.get_by_role("link", name="Cancelado").click()
    expect(desk.get_by_role("heading", name="No encontramos pedidos así")).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen(desk: Page, console: str, market: OpenMarket, language: str, size: dict[str, int]) -> None:
    number = held(market)
    desk.set_viewport_size(size)  # type: ignore[arg-type]
    desk.goto(f"{console}/language/{language}")

    for path in ("/sales", "/sales/stuck", "/orders", f"/orders/{number}"):
        desk.goto(console + path)
        for panel in desk.locator("details.act").all():
            panel.locator("summary").click()
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
