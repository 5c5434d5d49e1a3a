"""Orders that staff put together for a customer, in a real Chromium: taken on the telephone, or sent as a quote."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from backend.schemas.quotes import NewQuote, WantedLine
from backend.schemas.staff import SetRoleLimits
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser

MILK, EGGS = "LECHE-ENTERA-1L", "HUEVO-AA"
ADDRESS = "Calle 57 # 9-28, apto 301"


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console/sales"


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    sign_in(page, market)
    return page


def drafted(market: OpenMarket, quantity: str = "2") -> Any:
    """A whole draft for somebody."""
    number = market.order((EGGS, "1")).number
    customer = market.staff_sees(lambda staff: staff.staff_order(number)).customer_id
    facts = {"address_text": ADDRESS, "payment_method": "nequi"}
    new = NewQuote.model_validate({"customer_id": customer, "lines": [WantedLine(sku=MILK, quantity=quantity)]} | facts)
    return market.staff_sees(lambda staff: staff.draft_quote(new, key=uuid4().hex))


def seen(market: OpenMarket, number: str) -> Any:
    return market.staff_sees(lambda staff: staff.staff_quote(number))


def test_an_order_is_taken_on_the_telephone(desk: Page, console: str, market: OpenMarket) -> None:
    desk.goto(f"{console}/new")
    desk.get_by_label("Teléfono, nombre o correo").fill("300 765 4321")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="No encontramos a nadie así")).to_be_visible()
    expect(desk.get_by_label("Teléfono", exact=True)).to_have_value("300 765 4321")
    desk.get_by_label("Nombre", exact=True).fill("Marta Díaz")
    desk.get_by_label(re.compile("^Correo")).fill("marta@example.com")
    desk.get_by_role("button", name="Empezar el pedido").click()

    desk.get_by_label("Buscar un producto").fill("leche entera")
    desk.get_by_role("button", name="Buscar").click()
    desk.get_by_role("button", name=re.compile("Agregar: Leche entera larga vida Prado Alto 1 L")).click()
    expect(desk.get_by_role("status")).to_contain_text("Guardado")
    desk.get_by_label(re.compile("^Cantidad: Leche")).fill("3")
    desk.get_by_label("Dirección").fill(ADDRESS)
    desk.get_by_label("Pago").select_option(label="Nequi")
    desk.get_by_role("button", name="Hacer el pedido").click()
    # What it costs now is looked at, and told, before it is ordered.
    expect(desk.get_by_role("status")).to_contain_text("Mira el total")
    desk.get_by_role("button", name="Hacer el pedido").click()

    expect(desk.get_by_role("status")).to_contain_text("Pedido creado")
    number = desk.locator(".order-head h1").inner_text()
    order = market.staff_sees(lambda staff: staff.staff_order(number))
    assert [(line.sku, line.quantity) for line in order.lines] == [(MILK, "3")]
    assert (order.address, order.status) == (ADDRESS, "confirmed")
    assert order.timeline[0].who.startswith("staff:")
    [known] = market.staff_sees(lambda staff: staff.staff_customers("3007654321")).customers
    assert (known.id, known.name, known.email) == (order.customer_id, "Marta Díaz", "marta@example.com")


def test_who_called_before_is_found_by_number(desk: Page, console: str, market: OpenMarket) -> None:
    from backend.schemas.customers import NewCaller

    caller = NewCaller(phone="301 222 3344", name="Julián Peña")
    market.staff_sees(lambda staff: staff.note_caller(caller, key="julian"))
    desk.goto(f"{console}/new")
    desk.get_by_label("Teléfono, nombre o correo").fill("301 222 3344")
    desk.keyboard.press("Enter")
    desk.locator(".cards").get_by_role("button", name="Empezar el pedido").click()

    expect(desk.get_by_text("Julián Peña")).to_be_visible()


def test_what_is_missing_is_named_and_what_was_typed_stays(desk: Page, console: str, market: OpenMarket) -> None:
    quote = drafted(market)
    desk.goto(f"{console}/quotes/{quote.number}")
    desk.get_by_label("Dirección").fill("Carrera 7 # 1-1")
    desk.get_by_label(re.compile("^Cantidad: Leche")).fill("muchas")
    desk.get_by_role("button", name="Guardar").click()
    expect(desk.get_by_role("alert")).to_contain_text("Escribe la cantidad en números")
    expect(desk.get_by_label(re.compile("^Cantidad: Leche"))).to_have_value("muchas")
    expect(desk.get_by_label("Dirección")).to_have_value("Carrera 7 # 1-1")

    desk.get_by_label(re.compile("^Cantidad: Leche")).fill("9999")
    desk.get_by_role("button", name="Guardar").click()
    expect(desk.get_by_role("alert")).to_contain_text("No hay suficiente de Leche")
    expect(desk.get_by_label(re.compile("^Cantidad: Leche"))).to_have_value("9999")
    assert seen(market, quote.number).version == 1


# case 61
def test_who_places_what_someone_else_changed_is_told(desk: Page, console: str, market: OpenMarket) -> None:
    from backend.schemas.quotes import ChangeQuote

    quote = drafted(market)
    desk.goto(f"{console}/quotes/{quote.number}")
    facts = {"version": 1, "lines": [{"sku": MILK, "quantity": "5"}], "address_text": ADDRESS}
    changed = ChangeQuote.model_validate(facts | {"payment_method": "nequi"})
    market.staff_sees(lambda staff: staff.change_quote(quote.number, changed, key=uuid4().hex))

    desk.get_by_role("button", name="Hacer el pedido").click()

    expect(desk.get_by_role("alert")).to_contain_text("Otra persona la cambió mientras tanto")
    assert seen(market, quote.number).status == "drafted"


def test_a_discount_above_the_limit_waits_for_another_person(desk: Page, console: str, market: OpenMarket) -> None:
    limits = SetRoleLimits.model_validate({"limits": {"discount": {"admin": 100_000}}})
    market.staff_sees(lambda staff: staff.set_role_limits(limits, key="limits"))
    quote = drafted(market)
    before = quote.cart.total.amount_minor
    desk.goto(f"{console}/quotes/{quote.number}")
    desk.get_by_text("Dar un descuento").click()
    desk.get_by_label("Cuánto se descuenta").fill("1.000")
    desk.get_by_role("button", name="Descontar").click()
    expect(desk.get_by_role("alert")).to_have_text("Escribe por qué se da el descuento.")
    expect(desk.get_by_label("Cuánto se descuenta")).to_have_value("1.000")
    desk.get_by_label("Por qué").fill("Compra cada semana")
    desk.get_by_role("button", name="Descontar").click()
    expect(desk.get_by_role("status")).to_have_text("✓ Descontado. Mira el total.")
    assert seen(market, quote.number).cart.total.amount_minor == before - 100_000

    desk.get_by_text("Dar un descuento").click()
    desk.get_by_label("Cuánto se descuenta").fill("1.001")
    desk.get_by_label("Por qué").fill("Compra cada día")
    desk.get_by_role("button", name="Descontar").click()
    expect(desk.get_by_role("status")).to_contain_text("Supera tu límite")
    assert seen(market, quote.number).cart.total.amount_minor == before - 100_000
    desk.goto(f"{console}/quotes")
    desk.get_by_role("link", name="Por aprobar").click()
    expect(desk.get_by_text("«Compra cada día»")).to_be_visible()
    expect(desk.get_by_role("link", name=quote.number)).to_be_visible()
    expect(desk.get_by_role("button", name="Aprobar y hacerlo")).to_have_count(0)


def test_a_quote_is_sent_and_withdrawn(desk: Page, console: str, market: OpenMarket) -> None:
    quote = drafted(market)
    desk.goto(f"{console}/quotes/{quote.number}")
    desk.get_by_label("Vale por cuántos días").fill("x")
    desk.get_by_role("button", name="Enviar la cotización").click()
    expect(desk.get_by_role("alert")).to_have_text("Escribe los días, de 1 a 90.")
    expect(desk.get_by_label("Vale por cuántos días")).to_have_value("x")
    desk.get_by_label("Vale por cuántos días").fill("5")
    desk.get_by_role("button", name="Enviar la cotización").click()
    expect(desk.get_by_role("status")).to_contain_text("Enviada")
    sent = seen(market, quote.number)
    assert sent.status == "sent"
    desk.get_by_role("button", name="Retirar").click()

    expect(desk.get_by_role("status")).to_contain_text("Retirada")
    desk.goto(f"{console}/quotes?status=withdrawn")
    expect(desk.get_by_role("link", name=quote.number)).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen(desk: Page, console: str, market: OpenMarket, language: str, size: dict[str, int]) -> None:
    quote = drafted(market)
    desk.set_viewport_size(size)  # type: ignore[arg-type]
    desk.goto(f"{market.url}/console/language/{language}")

    for path in ("/new", "/new?q=300", "/quotes", f"/quotes/{quote.number}"):
        desk.goto(console + path)
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
