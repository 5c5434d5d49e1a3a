"""The finance desk in a real Chromium: documents and their notes, a second person, the bank, receivables, the books."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from backend.client import BackendClient
from backend.schemas.banking import BankAccountFacts, StatementFormat
from backend.schemas.staff import SetRoleLimits
from kernel import clock
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser

MILK, LIGHTER = "LECHE-ENTERA-1L", "ENCENDEDOR"


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console"


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    sign_in(page, market)
    return page


def billed(market: OpenMarket, *lines: tuple[str, str]) -> tuple[Any, str]:
    """An order that has left, and the number of its invoice."""
    order = market.order(*lines)

    async def bill(staff: BackendClient) -> None:
        await shop_staff.ship(staff, order.number)
        await shop_staff.invoice(staff, order.number)

    market.staff_sees(bill)
    found = market.staff_sees(lambda staff: staff.invoices(order=order.number))
    return order, next(each.number for each in found.invoices if each.kind == "invoice")


def notes_of(market: OpenMarket, order: Any) -> list[str]:
    found = market.staff_sees(lambda staff: staff.invoices(order=order.number))
    return [each.number for each in found.invoices if each.kind != "invoice"]


def test_an_invoice_is_found_read_and_taken_back_in_part(desk: Page, console: str, market: OpenMarket) -> None:
    order, number = billed(market, (MILK, "3"))
    desk.goto(f"{console}/finance")
    desk.get_by_label("Documento o pedido").fill(number.lower())
    desk.get_by_role("button", name="Buscar").click()
    expect(desk.get_by_role("heading", name=number)).to_be_visible()
    with desk.expect_download() as saved:
        desk.get_by_role("link", name="PDF").click()
    assert saved.value.suggested_filename == f"{number}.pdf"
    assert saved.value.path().read_bytes()[:4] == b"%PDF"

    desk.get_by_text("Emitir nota crédito").first.click()
    desk.get_by_label(re.compile(r"\(de 3\)$")).fill("1")
    desk.get_by_role("button", name="Emitir nota crédito").click()
    expect(desk.get_by_role("alert")).to_have_text("Escribe el motivo.")
    expect(desk.get_by_label(re.compile(r"\(de 3\)$"))).to_have_value("1")
    assert notes_of(market, order) == []
    desk.locator("#credit-reason").fill("Llegó dañada")
    desk.get_by_role("button", name="Emitir nota crédito").click()
    expect(desk.get_by_role("heading", name=re.compile("^NC-"))).to_be_visible()
    assert len(notes_of(market, order)) == 1


# case 65
def test_a_form_that_is_sent_twice_books_once(desk: Page, console: str, market: OpenMarket) -> None:
    order, number = billed(market, (MILK, "2"))
    desk.goto(f"{console}/finance/invoices/{number}")
    form = desk.locator("form[action$='/credit']")
    twice = form.evaluate(
        """async form => {
            form.querySelector('[name="line-1"]').value = "1";
            form.querySelector('[name="reason"]').value = "dos veces";
            const send = () => fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
            return (await Promise.all([send(), send()])).map(answer => answer.url);
        }"""
    )
    assert len(set(twice)) == 1
    assert len(notes_of(market, order)) == 1


def test_what_is_typed_wrong_is_named_and_stays(desk: Page, console: str, market: OpenMarket) -> None:
    order, number = billed(market, (MILK, "1"))
    desk.goto(f"{console}/finance/invoices/{number}")
    desk.get_by_text("Emitir nota crédito").first.click()
    desk.get_by_label(re.compile(r"\(de 1\)$")).fill("9")
    desk.locator("#credit-reason").fill("de más")
    desk.get_by_role("button", name="Emitir nota crédito").click()
    expect(desk.get_by_role("alert")).to_have_text("Es más de lo que queda por devolver de esa línea.")
    expect(desk.locator("#credit-reason")).to_have_value("de más")

    desk.get_by_text("Castigar").first.click()
    desk.locator("#off").fill("mucho")
    desk.get_by_role("button", name="Castigar").click()
    expect(desk.get_by_role("alert")).to_have_text("Escribe el valor en números, por ejemplo 24.900")
    expect(desk.locator("#off")).to_be_focused()
    assert notes_of(market, order) == []

    desk.goto(f"{console}/finance/invoices?about=FV-99999")
    expect(desk.get_by_role("alert")).to_have_text("No hay un documento ni un pedido con ese número.")


# case 92
def test_above_the_limit_another_person_approves(
    desk: Page, console: str, market: OpenMarket, chromium: Browser
) -> None:
    order, number = billed(market, (MILK, "2"))
    limits = {"refund": {"finance": None}, "credit_note": {"admin": 0, "finance": None}}
    market.staff_sees(lambda staff: staff.set_role_limits(SetRoleLimits.model_validate({"limits": limits}), key="l-1"))
    try:
        desk.goto(f"{console}/finance/invoices/{number}")
        desk.get_by_text("Emitir nota crédito").first.click()
        desk.get_by_label(re.compile(r"\(de 2\)$")).fill("2")
        desk.locator("#credit-reason").fill("No llegó")
        desk.get_by_role("button", name="Emitir nota crédito").click()
        expect(desk.get_by_role("status")).to_contain_text("supera tu límite")
        expect(desk.get_by_text("La pediste tú")).to_be_visible()
        assert notes_of(market, order) == []

        desk.goto(f"{console}/staff")
        desk.get_by_label("Nombre").fill("Inés")
        desk.get_by_label("Correo").fill("ines@laesquina.co")
        desk.get_by_label("Rol").select_option(label="Finanzas")
        desk.get_by_role("button", name="Agregar una persona").click()
        link = desk.get_by_label("Enlace").input_value()
        context = chromium.new_context(viewport=DESKTOP, locale="es-CO")
        ines = context.new_page()
        ines.goto(link)
        ines.get_by_label("Contraseña nueva").fill("cuatro caballos verdes")
        ines.get_by_label("Otra vez la nueva").fill("cuatro caballos verdes")
        ines.get_by_role("button", name="Guardar la contraseña").click()
        ines.get_by_label("Correo").fill("ines@laesquina.co")
        ines.get_by_label("Contraseña").fill("cuatro caballos verdes")
        ines.get_by_role("button", name="Entrar").click()
        ines.goto(f"{console}/finance/pending")
        card = ines.locator(".cards > li").first
        card.get_by_role("button", name="Negar").click()
        expect(ines.get_by_role("alert")).to_have_text("Escribe el motivo.")
        card.get_by_role("button", name="Aprobar y hacerlo").click()
        expect(ines.get_by_role("heading", name="Nada por aprobar")).to_be_visible()
        context.close()
        assert len(notes_of(market, order)) == 1
    finally:
        limits = {"refund": {"finance": None}}
        market.staff_sees(
            lambda staff: staff.set_role_limits(SetRoleLimits.model_validate({"limits": limits}), key="l-2")
        )


def test_a_statement_is_imported_and_what_nobody_explains_is_matched(
    desk: Page, console: str, market: OpenMarket
) -> None:
    written = StatementFormat(date="Fecha", description="Descripcion", amount="Valor", reference="Ref")
    facts = BankAccountFacts(name="Bancolombia 0123", csv_format=written)
    market.staff_sees(lambda staff: staff.set_bank_account("bancolombia", facts, key="bank"))
    order = market.order((MILK, "2"))
    pesos = order.total.amount_minor // 100
    rows = f"Fecha,Descripcion,Valor,Ref\n2026-11-26,Consignacion,{pesos},\n2026-11-26,Cuota de manejo,-12000,\n"
    desk.goto(f"{console}/finance/bank")
    bad = {"name": "mal.csv", "mimeType": "text/csv", "buffer": b"Fecha,Descripcion,Valor,Ref\nayer,x,y,\n"}
    desk.get_by_label("Archivo CSV").set_input_files(bad)  # type: ignore[arg-type]
    desk.get_by_role("button", name="Importar extracto").click()
    expect(desk.get_by_role("alert")).to_have_text("No se puede leer la línea 2. No se importó nada.")
    good = {"name": "nov.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    desk.get_by_label("Archivo CSV").set_input_files(good)  # type: ignore[arg-type]
    desk.get_by_role("button", name="Importar extracto").click()
    expect(desk.get_by_role("status")).to_have_text("Extracto importado.")

    line = desk.locator(".cards > li").filter(has_text="Consignacion")
    line.get_by_label("Pago o pedido").fill("PED-99999")
    line.get_by_role("button", name="Conciliar").click()
    expect(desk.get_by_role("alert")).to_have_text("No hay un pedido con ese número.")
    expect(line.get_by_label("Pago o pedido")).to_have_value("PED-99999")
    line.get_by_label("Pago o pedido").fill(order.number)
    line.get_by_role("button", name="Conciliar").click()
    expect(line).to_have_count(0)
    assert market.staff_sees(lambda staff: staff.staff_order(order.number)).payment_status == "paid"
    fee = desk.locator(".cards > li").filter(has_text="Cuota de manejo")
    fee.get_by_label("O por qué no es de un cliente").fill("Cuota del banco")
    fee.get_by_role("button", name="Dejar aparte").click()
    expect(desk.get_by_role("heading", name="Aquí no hay movimientos")).to_be_visible()


# case 98
def test_a_statement_of_account_is_saved_as_a_table_without_formulas(
    desk: Page, console: str, market: OpenMarket
) -> None:
    order, number = billed(market, (MILK, "1"))
    customer = market.staff_sees(lambda staff: staff.staff_order(order.number)).customer_id
    desk.goto(f"{console}/finance/receivables/{customer}")
    expect(desk.get_by_role("row").filter(has_text=number)).to_be_visible()
    with desk.expect_download() as saved:
        desk.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(saved.value.path().read_text())))
    assert rows[0][:3] == ["on", "kind", "number"]
    assert number in [row[2] for row in rows]
    assert not any(cell.lstrip().startswith(("=", "+", "@")) for row in rows for cell in row)
    desk.goto(f"{console}/finance/receivables")
    expect(desk.get_by_role("heading", name="Finanzas", exact=True)).to_be_visible()


def test_an_entry_by_hand_is_booked_reversed_and_a_day_is_closed(desk: Page, console: str, market: OpenMarket) -> None:
    desk.goto(f"{console}/finance/books")
    desk.get_by_text("Asiento manual").first.click()
    desk.locator("#occurred-on").fill(clock.now().date().isoformat())
    desk.get_by_label("Qué es").fill("Consignación del viernes")
    for name, value in {"account-0": "1110", "debit-0": "50.000", "account-1": "1105", "credit-1": "40.000"}.items():
        desk.locator(f"#{name}").fill(value)
    desk.get_by_role("button", name="Asiento manual").click()
    expect(desk.get_by_role("alert")).to_have_text("Los débitos y los créditos no suman lo mismo.")
    expect(desk.locator("#debit-0")).to_have_value("50.000")
    desk.locator("#credit-1").fill("50.000")
    desk.get_by_role("button", name="Asiento manual").click()
    entry = desk.locator(".cards > li").filter(has_text="Consignación del viernes").first
    expect(entry).to_contain_text("$50.000")
    entry.get_by_text("Reversar").first.click()
    entry.get_by_label("Motivo").fill("Era del jueves")
    entry.get_by_role("button", name="Reversar").click()
    expect(desk.locator(".cards > li").first).to_contain_text("Era del jueves")

    desk.goto(f"{console}/finance/books")
    desk.get_by_label("Hasta el día").fill(clock.now().date().isoformat())
    desk.get_by_role("checkbox").check()
    desk.get_by_role("button", name="Cerrar", exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text("no se puede cerrar")
    yesterday = (clock.now() - timedelta(days=2)).date().isoformat()
    desk.get_by_label("Hasta el día").fill(yesterday)
    desk.get_by_role("button", name="Cerrar", exact=True).click()
    expect(desk.get_by_role("status")).to_contain_text("Los libros están cerrados hasta el")
    closed = market.staff_sees(lambda staff: staff.books_closed()).closed_through
    assert closed is not None
    assert closed.isoformat() == yesterday
    with desk.expect_download() as saved:
        desk.get_by_role("link", name="Descargar en Beancount").click()
    assert "open" in saved.value.path().read_text()


PAGES = (
    "/finance", "/finance/pending", "/finance/receivables", "/finance/bank", "/finance/books", "/finance/books/journal",
    "/finance/alerts", "/finance/alerts?state=disputed", "/finance/suppliers", "/payments", "/payments/refunds",
)  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_fits_a_phone_and_a_desk(desk: Page, console: str, market: OpenMarket, language: str) -> None:
    _, number = billed(market, (MILK, "1"), (LIGHTER, "1"))
    desk.goto(f"{console}/language/{language}")
    for size in (PHONE, DESKTOP):
        desk.set_viewport_size(size)  # type: ignore[arg-type]
        for path in (*PAGES, f"/finance/invoices/{number}"):
            answer = desk.goto(console + path)
            assert answer is not None
            assert answer.status == 200, path
            assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_nothing_is_shown_to_whoever_has_no_right(market: OpenMarket, console: str) -> None:  # case 93
    agent = Principal("staff", "x", grants=frozenset({"role:agent"}))
    token = mint(agent, market.settings.signing_key(), timedelta(minutes=10))
    pages = ("/finance/receivables", "/finance/bank", "/finance/books", "/finance/alerts")
    es = {"Accept-Language": "es"}
    shown = [httpx.get(console + path, cookies={"comanda_staff": token}, headers=es) for path in pages]
    print(f"leaks {sum(each.is_success for each in shown)} of {len(shown)} pages")
    assert [(each.status_code, "No tienes permiso" in each.text) for each in shown] == [(403, True)] * len(pages)
    # What they asked for themselves, they see: nothing.
    own = httpx.get(f"{console}/finance/pending?status=approved", cookies={"comanda_staff": token})
    assert (own.status_code, 'class="cards"' in own.text) == (200, False)
