"""The warehouse desk in a real Chromium, on a phone: from the queue to the carrier, and what goes wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.schemas.catalog import NewBarcode
from backend.schemas.fulfillment import Pick
from kernel.tokens import Principal, mint
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser

MILK, EGGS = "LECHE-ENTERA-1L", "HUEVO-AA"
CASE = "17701234567894"


@pytest.fixture(scope="module")
def market(new_home: Callable[[], Path]) -> Iterator[OpenMarket]:
    with OpenMarket(new_home()) as market:
        market.staff_sees(lambda staff: staff.put_barcode(CASE, NewBarcode(sku=MILK, quantity=2), key="case"))
        yield market


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    page.set_viewport_size(PHONE)
    sign_in(page, market)
    return page


def part_of(market: OpenMarket, number: str) -> Any:
    return market.staff_sees(lambda staff: staff.fulfillment(f"{number}-1"))


def being_picked(market: OpenMarket, *lines: tuple[str, str]) -> str:
    """An order that someone has begun to pick; its number."""
    number: str = market.order(*lines).number
    part = part_of(market, number)
    market.staff_sees(lambda staff: staff.start_picking(part.number, part.version, key=uuid4().hex))
    return number


def open_part(desk: Page, market: OpenMarket, number: str) -> None:
    desk.goto(f"{market.url}/console/warehouse/parts/{number}-1")
    expect(desk.get_by_role("heading", name=f"{number}-1", exact=True)).to_be_visible()


def scan(desk: Page, code: str) -> None:
    """As a scanner does: it types into what has the focus, and ends with Enter."""
    expect(desk.get_by_label("Escanea o escribe el código")).to_be_focused()
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")


def test_an_order_goes_from_the_queue_to_its_carrier_by_scanner_alone(desk: Page, market: OpenMarket) -> None:
    number = market.order((MILK, "3"), (EGGS, "1")).number
    desk.goto(f"{market.url}/console/warehouse")
    expect(desk.get_by_role("link", name=f"{number}-1")).to_be_visible()
    desk.get_by_label("Escanea o escribe un pedido").fill(number)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Empezar a alistar")).to_be_focused()
    desk.keyboard.press("Enter")

    scan(desk, CASE)
    expect(desk.get_by_role("status").filter(has_text="Agregado: 2 unidades ×")).to_be_visible()
    scan(desk, EGGS.lower())
    expect(desk.get_by_role("status").filter(has_text="Agregado: 1")).to_be_visible()
    scan(desk, MILK)

    desk.get_by_label("Peso en kilos").fill("3,4")
    desk.get_by_role("button", name="Cerrar el paquete").click()
    expect(desk.get_by_role("heading", name=f"Paquete {number}-1-A")).to_be_visible()
    expect(desk.get_by_text("3,4 kg")).to_be_visible()
    desk.get_by_label("Transportador", exact=True).select_option(label="Domicilio propio")
    desk.get_by_role("button", name="Entregar al transportador").click()

    expect(desk.get_by_role("status").filter(has_text="Entregado al transportador")).to_be_visible()
    part = part_of(market, number)
    assert (part.status, part.parcels[0].weight_g, part.parcels[0].carrier) == ("shipped", 3400, "table_rate")


def test_a_label_opens_as_a_pdf(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (EGGS, "1"))
    open_part(desk, market, number)
    scan(desk, EGGS)
    desk.get_by_role("button", name="Cerrar el paquete").click()

    address = desk.get_by_role("link", name="Imprimir etiqueta").get_attribute("href")
    answer = desk.request.get(f"{market.url}{address}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("770999", "No conocemos el código «770999»."),
        (MILK, "«LECHE-ENTERA-1L» no va en este pedido."),
        ("", "Escanea o escribe un código."),
    ],
)
def test_a_code_that_means_nothing_here_is_said_and_stays(desk: Page, market: OpenMarket, code: str, said: str) -> None:
    number = being_picked(market, (EGGS, "1"))
    open_part(desk, market, number)
    scan(desk, code)

    expect(desk.get_by_role("alert")).to_have_text(said)
    expect(desk.get_by_label("Escanea o escribe el código")).to_have_value(code)
    assert part_of(market, number).lines[0].picked == 0


def test_what_is_of_another_order_or_too_many_is_refused(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (EGGS, "1"))
    open_part(desk, market, number)
    scan(desk, CASE)
    expect(desk.get_by_role("alert")).to_contain_text("no va en este pedido")

    desk.get_by_label("Escanea o escribe el código").fill(EGGS)
    desk.get_by_label("Cantidad").fill("2")
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("alert")).to_have_text("Es más de lo que falta por alistar.")
    expect(desk.get_by_label("Cantidad")).to_have_value("2")
    assert part_of(market, number).lines[0].picked == 0


def test_a_mis_scan_is_undone(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (MILK, "3"))
    open_part(desk, market, number)
    scan(desk, CASE)
    desk.get_by_role("button", name="Deshacer").click()

    expect(desk.get_by_role("status").filter(has_text="Devuelto: 2 unidades ×")).to_be_visible()
    assert part_of(market, number).lines[0].picked == 0


def test_what_is_missing_is_asked_how_much_and_why(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (MILK, "3"), (EGGS, "1"))
    open_part(desk, market, number)
    card = desk.get_by_role("listitem").filter(has_text="Leche entera")
    card.get_by_text("Falta", exact=True).click()
    card.get_by_label(re.compile("Cuántos faltan")).fill("muchos")
    card.get_by_label("Motivo").select_option(label="Está dañado")
    card.get_by_role("button", name="Reportar faltante").click()
    expect(desk.get_by_role("alert")).to_contain_text("Escribe la cantidad en números")
    expect(card.get_by_label(re.compile("Cuántos faltan"))).to_have_value("muchos")
    expect(card.get_by_label("Motivo")).to_have_value("damaged")

    card.get_by_label(re.compile("Cuántos faltan")).fill("2")
    card.get_by_role("button", name="Reportar faltante").click()

    expect(desk.get_by_role("status").filter(has_text="Reportado como faltante: 2")).to_be_visible()
    line = next(line for line in part_of(market, number).lines if line.sku == MILK)
    assert (line.picked, line.short) == (0, 2)


# case 61
def test_who_comes_too_late_sees_what_changed_and_keeps_what_was_typed(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (MILK, "3"), (EGGS, "1"))
    open_part(desk, market, number)
    part = part_of(market, number)
    pick = [Pick(line=MILK, quantity=1)]
    market.staff_sees(lambda staff: staff.pick_order(part.number, part.version, pick, key=uuid4().hex))

    desk.get_by_label("Cantidad").fill("1")
    desk.get_by_label("Escanea o escribe el código").fill(EGGS)
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("alert")).to_contain_text("Cambió mientras tanto")
    expect(desk.get_by_role("alert")).to_contain_text(re.compile("Leche entera.*: de 0 a 1"))
    expect(desk.get_by_label("Escanea o escribe el código")).to_have_value(EGGS)
    expect(desk.get_by_label("Cantidad")).to_have_value("1")
    assert [line.picked for line in part_of(market, number).lines if line.sku == EGGS] == [0]
    desk.get_by_label("Escanea o escribe el código").press("Enter")
    expect(desk.get_by_role("status").filter(has_text="Agregado: 1")).to_be_visible()


def test_a_form_sent_twice_does_its_act_once(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (MILK, "3"))
    open_part(desk, market, number)
    form = desk.locator("form.scan")
    fields = form.evaluate("form => Object.fromEntries(new FormData(form))") | {"code": MILK}
    address = f"{market.url}{form.get_attribute('action')}"

    answers = [desk.request.post(address, form=fields, max_redirects=0) for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert part_of(market, number).lines[0].picked == 1


def test_two_parcels_are_closed_one_after_the_other(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (MILK, "3"), (EGGS, "1"))
    open_part(desk, market, number)
    scan(desk, EGGS)
    expect(desk.get_by_role("status").filter(has_text="Agregado")).to_be_visible()
    desk.get_by_role("button", name=re.compile("Todo.*Leche")).click()
    desk.get_by_label(re.compile("Leche entera")).fill("1")
    desk.get_by_role("button", name="Cerrar el paquete").click()
    expect(desk.get_by_label(re.compile("Leche entera"))).to_have_value("2")
    desk.get_by_role("button", name="Cerrar el paquete").click()

    expect(desk.get_by_role("heading", name=f"Paquete {number}-1-B")).to_be_visible()
    part = part_of(market, number)
    assert part.status == "packed"
    assert [[(line.sku, line.quantity) for line in parcel.lines] for parcel in part.parcels] == [
        [(MILK, "1"), (EGGS, "1")], [(MILK, "2")],
    ] or sorted(sorted((line.sku, line.quantity) for line in parcel.lines) for parcel in part.parcels) == [
        [(EGGS, "1"), (MILK, "1")], [(MILK, "2")],
    ]  # fmt: skip


def test_a_courier_needs_its_number_and_the_rest_stays(desk: Page, market: OpenMarket) -> None:
    number = being_picked(market, (EGGS, "1"))
    open_part(desk, market, number)
    scan(desk, EGGS)
    desk.get_by_role("button", name="Cerrar el paquete").click()
    desk.get_by_label("Transportador", exact=True).select_option(label="Mensajería")
    desk.get_by_label("Enlace de rastreo").fill("https://courier.example/1")
    desk.get_by_role("button", name="Entregar al transportador").click()

    expect(desk.get_by_role("alert")).to_have_text("Este transportador necesita un número de guía.")
    expect(desk.get_by_label("Transportador", exact=True)).to_have_value("manual")
    expect(desk.get_by_label("Enlace de rastreo")).to_have_value("https://courier.example/1")
    desk.get_by_label("Número de guía").fill(f"G-{number}")
    desk.get_by_role("button", name="Entregar al transportador").click()
    expect(desk.get_by_role("status").filter(has_text="Entregado al transportador")).to_be_visible()


def test_a_number_nobody_has_is_said_and_stays(desk: Page, market: OpenMarket) -> None:
    desk.goto(f"{market.url}/console/warehouse")
    desk.get_by_label("Escanea o escribe un pedido").fill("PED-99999")
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("alert")).to_have_text("No hay nada con ese número.")
    expect(desk.get_by_label("Escanea o escribe un pedido")).to_have_value("PED-99999")


def test_an_empty_queue_says_what_will_be_there(desk: Page, market: OpenMarket) -> None:
    desk.goto(f"{market.url}/console/warehouse?view=counter")

    expect(desk.get_by_role("heading", name="Nada por aquí")).to_be_visible()


def test_who_does_not_work_here_may_look_and_no_more(chromium: Browser, market: OpenMarket) -> None:
    number = being_picked(market, (EGGS, "1"))
    key = market.settings.signing_key()
    agent = mint(Principal("staff", "a", grants=frozenset({"role:agent"})), key, timedelta(minutes=5))
    context = chromium.new_context(viewport=PHONE, locale="en-US")
    context.add_cookies([{"name": "comanda_staff", "value": agent, "url": market.url}])
    page = context.new_page()
    page.goto(f"{market.url}/console/warehouse/parts/{number}-1")

    expect(page.get_by_text("You may look; picking and shipping is the warehouse team's.")).to_be_visible()
    expect(page.get_by_role("button", name="Add")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen_and_a_thumb(desk: Page, market: OpenMarket, language: str, size: dict[str, int]) -> None:
    number = being_picked(market, (MILK, "2"), (EGGS, "1"))
    desk.set_viewport_size(size)  # type: ignore[arg-type]
    desk.goto(f"{market.url}/console/language/{language}")

    for path in ("/warehouse", f"/warehouse/parts/{number}-1", "/warehouse?view=ship"):
        desk.goto(f"{market.url}/console{path}")
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        heights = desk.locator("main button:visible, main input:visible").evaluate_all(
            "all => all.filter(one => one.type !== 'hidden').map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, (path, heights)
