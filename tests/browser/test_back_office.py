"""The back office in a real Chromium: a table changed by its form, a catalogue looked at, brought in and taken out."""

from __future__ import annotations

import threading
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Route as PlaywrightRoute
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalog import importing
from backend.catalog.models import Barcode, Variant
from bot.handoff.models import Canned
from office.views import TABLES
from tests.browser.axe import faults_of
from tests.browser.conftest import PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser
NEW = "sku;categoria;producto;producto_es;nombre_es;precio;impuesto;codigos\r\n"
COFFEE = "CAFE-9;dairy;cafe-9;Café nueve;Café nueve 500 g;{price};iva_5;{barcode}\r\n"


def choose(page: Page, content: str) -> None:
    file = {"name": "catálogo.csv", "mimeType": "text/csv", "buffer": content.encode("cp1252")}
    page.get_by_label("Archivo CSV").set_input_files(file)
    page.get_by_role("button", name="Ver qué cambiaría").click()


def test_a_catalogue_is_looked_at_brought_in_and_taken_out(page: Page, market: OpenMarket) -> None:
    sign_in(page, market)
    page.get_by_role("link", name="Catálogo").click()

    choose(page, NEW + COFFEE.format(price="mil", barcode=""))
    expect(page.get_by_role("alert")).to_have_text("Por corregir: 1. No se trajo nada.")
    expect(page.get_by_role("row", name="2 precio no es un precio en la moneda de la tienda mil")).to_be_visible()

    choose(page, NEW + COFFEE.format(price="18.900", barcode="770123"))
    expect(page.get_by_text("Café nueve 500 g", exact=True)).to_be_visible()
    page.get_by_role("button", name="Traerlos al catálogo: 1").click()
    expect(page.get_by_role("status").first).to_have_text("Listo. Agregados: 1; cambiados: 0; iguales: 0.")
    with market.database.read() as session:
        assert session.scalars(select(Variant.price_minor).where(Variant.sku == "CAFE-9")).one() == 1_890_000
        assert session.get_one(Barcode, "770123").sku == "CAFE-9"

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Descargar el catálogo").click()
    exported = downloading.value.path().read_text(encoding="utf-8-sig")
    assert "CAFE-9" in exported
    file = {"name": "otra.csv", "mimeType": "text/csv", "buffer": exported.encode("utf-8-sig")}
    page.get_by_label("Archivo CSV").set_input_files(file)
    page.get_by_role("button", name="Ver qué cambiaría").click()
    expect(page.get_by_role("heading", name="No cambiaría nada")).to_be_visible()


def tell_what_is_said(page: Page, action: str) -> None:
    """What stands beside a form, and its bar's value, whenever it changes: locators would wait for the next page."""
    page.evaluate(
        """action => {
          const said = document.querySelector(`form[action$="${action}"] [data-working]`);
          const tell = () => console.log(said.innerText.trim(), said.querySelector("progress").getAttribute("value"));
          new MutationObserver(tell).observe(said, { attributes: true, childList: true });
        }""",
        action,
    )


def test_how_many_lines_are_through_is_said_while_a_catalogue_comes_in(
    page: Page, market: OpenMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, is_seen, lines = importing._keep_variant, threading.Event(), count()

    def keep_most_and_wait(session: Session, shelf: importing._Shelf, wanted: importing.Values) -> None:
        if next(lines) == 1_000:
            assert is_seen.wait(20), "the page never said how far it is"
        kept(session, shelf, wanted)

    sign_in(page, market)
    page.goto(f"{market.url}/console/catalog")
    choose(page, NEW + "".join(COFFEE.replace("9", f"{n}0").format(price="18.900", barcode="") for n in range(1_200)))
    bring_in = page.get_by_role("button", name="Traerlos al catálogo: 1.200")
    expect(bring_in).to_be_visible()
    monkeypatch.setattr(importing, "_keep_variant", keep_most_and_wait)

    tell_what_is_said(page, "/catalog/import")
    try:
        with page.expect_console_message(lambda each: each.text == "Guardando: 1.000 de 1.200 líneas 1000"):
            bring_in.click(no_wait_after=True)
    finally:
        is_seen.set()
    expect(page.get_by_role("status").first).to_have_text("Listo. Agregados: 1.200; cambiados: 0; iguales: 0.")


def test_until_it_is_known_how_far_a_catalogue_is_no_number_is_said(page: Page, market: OpenMarket) -> None:
    sign_in(page, market)
    page.goto(f"{market.url}/console/language/en")
    page.goto(f"{market.url}/console/catalog")
    held: list[PlaywrightRoute] = []
    page.route("**/catalog/preview", lambda route: held.append(route))
    file = {"name": "catalogue.csv", "mimeType": "text/csv", "buffer": (NEW + COFFEE).encode()}
    page.get_by_label("CSV file").set_input_files(file)

    said: list[str] = []
    page.on("console", lambda each: said.append(each.text))
    tell_what_is_said(page, "/catalog/preview")
    with page.expect_response("**/catalog/progress/*") as asked:
        page.get_by_role("button", name="See what it would change").click(no_wait_after=True)

    assert asked.value.status == 204
    held[0].abort()
    assert said[:1] == ["One moment: a large catalogue takes a few seconds. null"]


def test_tables_are_changed_by_their_forms_on_a_phone(page: Page, market: OpenMarket, chromium: Browser) -> None:
    sign_in(page, market)
    phone = chromium.new_context(viewport=PHONE, locale="es-CO", storage_state=page.context.storage_state()).new_page()
    said: list[str] = []
    phone.on("console", lambda message: said.append(message.text))
    phone.goto(f"{market.url}/console/tables/variant/list?search=LECHE-ENTERA-1L")
    phone.get_by_role("link", name="LECHE-ENTERA-1L").click()
    phone.get_by_label("Precio", exact=True).fill("5.990")
    phone.get_by_role("button", name="Guardar").click()
    expect(phone.get_by_role("status").first).to_have_text("Guardado: LECHE-ENTERA-1L")
    phone.goto(f"{market.url}/console/tables/canned/list")
    expect(phone.get_by_role("link", name="Respuestas listas")).to_be_in_viewport()
    phone.get_by_role("link", name="Agregar").click()
    phone.get_by_label("Nombre").fill("hola")
    phone.get_by_label("En español").fill("Hola, soy {{ agent.name }}")
    phone.get_by_label("En inglés").fill("Hello, this is {{ agent.name }}")
    phone.get_by_role("button", name="Guardar").click()
    phone.get_by_role("link", name="hola").click()
    expect(phone.get_by_label("En español")).to_have_value("Hola, soy {{ agent.name }}")

    with market.database.read() as session:
        assert session.scalars(select(Variant.price_minor).where(Variant.sku == "LECHE-ENTERA-1L")).one() == 599_000
        assert session.get_one(Canned, "hola").en == "Hello, this is {{ agent.name }}"
    phone.get_by_role("button", name="Quitar").click()
    expect(phone.get_by_role("heading", name="Aquí no hay nada aún")).to_be_visible()
    assert said == []


def test_whoever_holds_a_package_says_what_its_code_means(page: Page, market: OpenMarket) -> None:
    sign_in(page, market)
    page.set_viewport_size(PHONE)
    page.goto(f"{market.url}/console/warehouse/barcodes")
    page.keyboard.type("7709998887776")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("7709998887776 no lo conocemos aún. Di de qué producto es.")
    page.get_by_label("Producto (sku)").fill("nada")
    page.get_by_role("button", name="7709998887776 es esto").click()
    expect(page.get_by_role("alert")).to_have_text("No vendemos NADA.")
    page.get_by_label("Producto (sku)").fill("leche-entera-1l")
    page.get_by_label("Cuántas unidades trae el empaque").fill("12")
    page.get_by_role("button", name="7709998887776 es esto").click()
    expect(page.get_by_role("status")).to_contain_text("7709998887776: 12 × Leche entera")
    with market.database.read() as session:
        said = session.get_one(Barcode, "7709998887776")
        assert (said.sku, said.quantity) == ("LECHE-ENTERA-1L", 12)


@pytest.mark.timeout(200)
def test_no_table_has_a_serious_fault_of_accessibility(page: Page, market: OpenMarket) -> None:
    sign_in(page, market)
    tables = f"{market.url}/console/tables"
    faults, rows = [], 0
    walked = [f"{tables}/{table.identity}/list" for table in TABLES]
    for address in walked:
        page.goto(address)
        expect(page.locator("main")).to_be_visible()
        faults += faults_of(page)
        row = page.locator("main tbody th a[href]").first
        if row.count():
            row.click()
            expect(page.locator("main")).to_be_visible()
            faults, rows = faults + faults_of(page), rows + 1

    print(f"axe: {len(walked)} tables and a row of {rows}, light and dark: {len(faults)} serious faults")
    assert rows >= 5
    assert faults == []
