"""The money desk of the console in a real Chromium: receipts are looked at, recorded or refused; refunds decided."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from backend.schemas.payments import NewRefund
from tests.browser.conftest import PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser

MILK = "LECHE-ENTERA-1L"


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console"


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    sign_in(page, market)
    return page


def receipt(words: str) -> bytes:
    picture = Image.new("RGB", (360, 520), "white")
    ImageDraw.Draw(picture).multiline_text((24, 40), f"TRANSFERENCIA EXITOSA\n\n{words}", fill="black", spacing=12)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def paid_order(market: OpenMarket, reference: str, more_minor: int = 0) -> Any:
    """An order whose customer says that they paid all of it, or more."""
    order = market.order((MILK, "2"))
    amount_minor = order.total.amount_minor + more_minor
    return order, market.send_proof(order, receipt(f"{order.number}\n{reference}"), amount_minor, reference)


def status_of(market: OpenMarket, number: str) -> str:
    return market.staff_sees(lambda staff: staff.staff_order(number)).payment_status


def test_a_receipt_is_looked_at_and_recorded(desk: Page, console: str, market: OpenMarket) -> None:
    order, proof = paid_order(market, "TRX-1")

    desk.goto(f"{console}/payments")
    desk.get_by_role("link", name=proof.number).click()
    picture = desk.get_by_role("img", name="Foto del comprobante")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    expect(desk.get_by_label("Referencia")).to_have_value("TRX-1")
    desk.get_by_role("button", name="Registrar el pago").click()

    expect(desk.get_by_role("heading", name="Finanzas", exact=True)).to_be_visible()
    expect(desk.get_by_role("link", name=proof.number)).to_have_count(0)
    assert status_of(market, order.number) == "paid"


def test_what_is_typed_wrong_is_named_and_stays(desk: Page, console: str, market: OpenMarket) -> None:
    order, proof = paid_order(market, "TRX-2")
    desk.goto(f"{console}/payments/proofs/{proof.number}")

    desk.get_by_label(re.compile("^Valor")).fill("mucho")
    desk.get_by_label("Referencia").fill("otra")
    desk.get_by_role("button", name="Registrar el pago").click()

    expect(desk.get_by_role("alert")).to_have_text("Escribe el valor en números, por ejemplo 24.900")
    expect(desk.get_by_label(re.compile("^Valor"))).to_have_value("mucho")
    expect(desk.get_by_label(re.compile("^Valor"))).to_be_focused()
    expect(desk.get_by_label("Referencia")).to_have_value("otra")
    assert status_of(market, order.number) == "due"


def test_more_than_is_due_is_recorded_only_when_someone_says_so(desk: Page, console: str, market: OpenMarket) -> None:
    order, proof = paid_order(market, "TRX-3", more_minor=500_000)
    desk.goto(f"{console}/payments/proofs/{proof.number}")

    desk.get_by_role("button", name="Registrar el pago").click()
    expect(desk.get_by_role("alert")).to_contain_text("Es más de lo que falta por pagar")
    assert status_of(market, order.number) == "due"
    desk.get_by_role("checkbox").check()
    desk.get_by_role("button", name="Registrar el pago").click()

    expect(desk.get_by_role("link", name=proof.number)).to_have_count(0)
    assert status_of(market, order.number) in ("paid", "overpaid")


def test_a_receipt_is_refused_with_a_reason_that_its_customer_reads(
    desk: Page, console: str, market: OpenMarket
) -> None:
    order, proof = paid_order(market, "TRX-4")
    desk.goto(f"{console}/payments/proofs/{proof.number}")

    desk.get_by_label("Motivo", exact=True).select_option(label="Otro motivo")
    desk.get_by_role("button", name="Rechazar").click()
    expect(desk.get_by_role("alert")).to_have_text("Escribe por qué: el cliente lo lee.")
    expect(desk.get_by_label("Motivo", exact=True)).to_have_value("other")
    desk.get_by_label(re.compile("^Mensaje para el cliente")).fill("Es de otro mes")
    desk.get_by_role("button", name="Rechazar").click()

    desk.goto(f"{console}/payments?status=rejected")
    expect(desk.get_by_role("link", name=proof.number)).to_be_visible()
    seen = market.staff_sees(lambda staff: staff.payment_proof(proof.number))
    assert (seen.status, seen.reason, seen.note) == ("rejected", "other", "Es de otro mes")
    assert status_of(market, order.number) == "due"


def test_the_same_picture_twice_is_marked(desk: Page, console: str, market: OpenMarket) -> None:
    first, second = market.order((MILK, "1")), market.order((MILK, "1"))
    picture = receipt("dos veces")
    market.send_proof(first, picture, first.total.amount_minor, "A-1")
    again = market.send_proof(second, picture, second.total.amount_minor, "A-2")

    desk.goto(f"{console}/payments/proofs/{again.number}")

    expect(desk.get_by_role("heading", name="Puede ser el mismo dinero")).to_be_visible()
    expect(desk.get_by_text("la misma foto")).to_be_visible()
    expect(desk.get_by_text("de otro cliente")).to_be_visible()


def test_an_empty_desk_says_what_will_be_there(desk: Page, console: str) -> None:
    desk.goto(f"{console}/payments/refunds?status=failed")

    expect(desk.get_by_role("heading", name="Aquí no hay reembolsos")).to_be_visible()


def test_a_refund_is_approved_and_paid_out_by_a_person(desk: Page, console: str, market: OpenMarket) -> None:
    _, proof = paid_order(market, "TRX-5", more_minor=100_000)
    desk.goto(f"{console}/payments/proofs/{proof.number}")
    desk.get_by_role("button", name="Registrar el pago").click()
    desk.get_by_role("checkbox").check()
    desk.get_by_role("button", name="Registrar el pago").click()
    expect(desk.get_by_role("link", name=proof.number)).to_have_count(0)
    payment = market.staff_sees(lambda staff: staff.payment_proof(proof.number)).payment
    assert payment is not None
    asked = NewRefund.model_validate({"amount_minor": 100_000, "currency": "COP", "reason": "Pagó de más"})
    refund = market.staff_sees(lambda staff: staff.refund(payment, asked, key="r-1"))

    desk.goto(f"{console}/payments/refunds?status={refund.status}")
    card = desk.locator(f"#{refund.number}")
    if refund.status == "requested":
        card.get_by_role("button", name="Aprobar").click()
        desk.goto(f"{console}/payments/refunds?status=approved")
    card.get_by_label("Referencia").fill("TRX-900")
    card.get_by_role("button", name="Pagado por banco").click()
    desk.goto(f"{console}/payments/refunds?status=succeeded")

    expect(card).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
def test_it_fits_a_phone(desk: Page, console: str, market: OpenMarket, language: str) -> None:
    _, proof = paid_order(market, f"TRX-phone-{language}")
    desk.set_viewport_size(PHONE)
    desk.goto(f"{console}/language/{language}")

    for path in ("/payments", f"/payments/proofs/{proof.number}", "/payments/refunds"):
        desk.goto(console + path)
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
