"""What is kept of a person, in a real Chromium: looked at, handed out, erased."""

from __future__ import annotations

import zipfile
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.data_requests.models import ENDED, DataRequest
from backend.schemas.customers import NewCaller
from comanda.privacy.desk import DataDesk
from tests.browser.conftest import PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser
MILK = "LECHE-ENTERA-1L"


def caller(market: OpenMarket, name: str, phone: str) -> str:
    new = NewCaller(phone=phone, name=name)
    return market.staff_sees(lambda staff: staff.note_caller(new, key=uuid4().hex)).id


def works(market: OpenMarket) -> None:
    """The worker's turn: whatever waits is done."""
    with market.database.read() as session:
        waiting = session.scalars(select(DataRequest.id).where(DataRequest.status.not_in(ENDED))).all()
    for each in waiting:
        DataDesk(market.settings, market.database).fulfil(each)


def looked(market: OpenMarket, customer_id: str) -> str:
    """The number of a look that is done."""
    look = market.staff_sees(lambda staff: staff.request_data(customer_id, "look", key=uuid4().hex))
    works(market)
    return look.number


def test_a_person_is_found_looked_at_handed_out_and_erased(page: Page, market: OpenMarket) -> None:
    caller(market, "Marta Díaz Roa", "+573007654321")
    sign_in(page, market)
    page.goto(f"{market.url}/console/staff")
    page.get_by_role("link", name="Datos personales").click()
    page.get_by_label("Nombre, correo, teléfono o pedido").fill("nadie")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No encontramos a nadie así")).to_be_visible()
    page.get_by_label("Nombre, correo, teléfono o pedido").fill("marta")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Marta Díaz Roa").click()
    expect(page.get_by_role("heading", name="Todavía no se ha mirado")).to_be_visible()
    expect(page.get_by_text("Mira primero qué hay")).to_be_visible()

    page.get_by_role("button", name="Mirar").click()
    expect(page.get_by_role("status")).to_contain_text("espera su turno")
    works(market)
    # The page hears of it by itself.
    expect(page.get_by_role("row", name="Quién es")).to_be_visible()
    page.get_by_role("button", name="Preparar la copia").click()
    works(market)
    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar la copia").click()
    with zipfile.ZipFile(download.value.path()) as copy:
        assert "name: Marta Díaz Roa" in copy.read("resumen.txt").decode()

    page.get_by_label("Motivo").select_option(label="Retiró su autorización")
    page.get_by_label("para confirmar").fill("borrar")
    page.get_by_role("button", name="Borrar para siempre").click()
    expect(page.get_by_role("alert")).to_have_text("Lo que escribiste no es el número de la vista.")
    expect(page.get_by_label("Motivo")).to_have_value("consent_withdrawn")
    expect(page.get_by_label("para confirmar")).to_have_value("borrar")
    look = page.locator("input[name=look]").input_value()
    page.get_by_label("para confirmar").fill(look.lower())
    page.get_by_role("button", name="Borrar para siempre").click()
    expect(page.get_by_role("status")).to_contain_text("Borrado DAT-")
    works(market)

    expect(page.get_by_text("Filas borradas o sin nombre")).to_be_visible()
    expect(page.get_by_role("heading", name="Sin nombre")).to_be_visible()
    expect(page.get_by_text("Marta")).to_have_count(0)
    expect(page.get_by_role("button", name="Borrar para siempre")).to_have_count(0)
    page.goto(f"{market.url}/console/trail?about={look}")
    expect(page.locator(".trail li")).to_have_count(2)
    expect(page.get_by_text("Marta")).to_have_count(0)


def test_what_is_open_stands_there_with_a_way_to_it_and_no_form(page: Page, market: OpenMarket) -> None:
    order = market.order((MILK, "2"))
    customer_id = market.staff_sees(lambda staff: staff.staff_order(order.number)).customer_id
    looked(market, customer_id)
    sign_in(page, market)
    page.goto(f"{market.url}/console/privacy/customers/{customer_id}")

    expect(page.get_by_text("Termina o cancela primero lo que sigue abierto")).to_be_visible()
    expect(page.get_by_role("button", name="Borrar para siempre")).to_have_count(0)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=order.number).click()
    expect(page.get_by_role("heading", name=order.number)).to_be_visible()


def test_the_form_fits_a_phone(page: Page, market: OpenMarket) -> None:
    customer_id = caller(market, "Beto Quintero Paz", "+573009998877")
    looked(market, customer_id)
    sign_in(page, market)
    page.set_viewport_size(PHONE)
    page.goto(f"{market.url}/console/privacy/customers/{customer_id}")
    expect(page.get_by_role("button", name="Borrar para siempre")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
