"""What the warehouse does with goods beside orders, in a real Chromium: receive, count, move, take returns back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from backend.client import BackendClient
from backend.schemas.inventory import NewBin, NewIncoming, NewLocation, ReceivedLine, StockReceipt
from backend.schemas.returns import NewReturnFor
from kernel import clock
from tests import shop_staff
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser

MILK, EGGS = "LECHE-ENTERA-1L", "HUEVO-AA"
PLACE, OTHER = "CONTEO", "NORTE-2"


@pytest.fixture(scope="module")
def market(new_home: Callable[[], Path]) -> Iterator[OpenMarket]:
    with OpenMarket(new_home()) as market:
        for code in (PLACE, OTHER):
            market.staff_sees(
                lambda staff, code=code: staff.open_location(
                    NewLocation(code=code, name=code.title(), preference=90), key=code
                )
            )
        yield market


@pytest.fixture
def console(market: OpenMarket) -> str:
    return f"{market.url}/console/warehouse"


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Page:
    page.set_viewport_size(PHONE)
    sign_in(page, market)
    return page


def announce(market: OpenMarket, reference: str, sku: str, quantity: int) -> None:
    day = clock.now().date() + timedelta(days=2)
    new = NewIncoming(sku=sku, location=PLACE, quantity=quantity, expected_on=day, reference=reference)
    market.staff_sees(lambda staff: staff.announce_incoming(new, key=uuid4().hex))


def shelf_with(market: OpenMarket, *goods: tuple[str, int]) -> str:
    code = f"B-{uuid4().hex[:6].upper()}"
    market.staff_sees(lambda staff: staff.put_up_bin(PLACE, NewBin(code=code), key=uuid4().hex))
    if goods:
        lines = [ReceivedLine(sku=sku, quantity=quantity, bin=code) for sku, quantity in goods]
        market.staff_sees(lambda staff: staff.receive_stock(StockReceipt(location=PLACE, lines=lines), key=uuid4().hex))
    return code


def lying(market: OpenMarket, shelf: str) -> dict[str, int]:
    content = market.staff_sees(lambda staff: staff.stock_bin(PLACE, shelf))
    return {line.sku: line.quantity for line in content.lines}


def left_of(market: OpenMarket, reference: str) -> dict[str, int]:
    coming = market.staff_sees(lambda staff: staff.incoming_stock())
    return {each.sku: each.quantity - each.received for each in coming if each.reference == reference}


def test_what_comes_short_is_asked_about_once_and_the_rest_stays_announced(
    desk: Page, console: str, market: OpenMarket
) -> None:
    announce(market, "OC-77", MILK, 24)
    announce(market, "OC-77", EGGS, 10)
    shelf = shelf_with(market)
    desk.goto(f"{console}/receive")
    desk.get_by_role("link", name="OC-77").click()
    desk.get_by_role("group", name=re.compile("Leche")).get_by_label("¿Cuántos llegaron?").fill("20")
    desk.get_by_role("group", name=re.compile("Leche")).get_by_label("Ubicación").fill(shelf.lower())
    desk.get_by_role("group", name=re.compile("Huevos")).get_by_label("¿Cuántos llegaron?").fill("11")
    desk.get_by_role("button", name="Recibir").click()

    expect(desk.get_by_role("alert")).to_contain_text("llegaron 20 de 24, faltan 4")
    expect(desk.get_by_role("alert")).to_contain_text("llegaron 11 de 10, sobran 1")
    assert left_of(market, "OC-77") == {MILK: 24, EGGS: 10}
    expect(desk.get_by_role("group", name=re.compile("Leche")).get_by_label("Ubicación")).to_have_value(shelf.lower())
    desk.get_by_role("button", name="Sí, así llegó").click()

    expect(desk.get_by_role("status").filter(has_text="Recibido.")).to_be_visible()
    assert left_of(market, "OC-77") == {MILK: 4}
    assert lying(market, shelf) == {MILK: 20}
    desk.get_by_role("button", name=re.compile("Ya no llegan 4")).click()
    expect(desk.get_by_role("heading", name="Por llegar")).to_be_visible()
    assert left_of(market, "OC-77") == {}


def test_what_came_unannounced_is_received_and_a_wrong_code_keeps_the_rest(
    desk: Page, console: str, market: OpenMarket
) -> None:
    shelf = shelf_with(market)
    desk.goto(f"{console}/receive")
    desk.get_by_role("link", name="Recibir sin anuncio").click()
    desk.get_by_label("Lugar").select_option(PLACE)
    desk.get_by_label("Código (escanea)").first.fill("no-existe")
    desk.get_by_label("Cantidad").first.fill("6")
    desk.locator("[name=newbin-0]").fill(shelf)
    desk.get_by_role("button", name="Recibir").click()
    expect(desk.get_by_role("alert")).to_have_text("No conocemos ese código.")
    expect(desk.get_by_label("Cantidad").first).to_have_value("6")

    desk.get_by_label("Código (escanea)").first.fill(EGGS.lower())
    desk.get_by_role("button", name="Recibir").click()

    expect(desk.get_by_role("status").filter(has_text="Recibido.")).to_be_visible()
    assert lying(market, shelf) == {EGGS: 6}


def test_a_bin_is_counted_blind_and_the_difference_booked_with_its_reason(
    desk: Page, console: str, market: OpenMarket
) -> None:
    shelf = shelf_with(market, (MILK, 8), (EGGS, 5))
    desk.goto(f"{console}/count?place={PLACE}")
    desk.get_by_label("Ubicación (escanea o escribe)", exact=True).fill(shelf.lower())
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name=shelf)).to_be_visible()
    assert "8" not in desk.locator("main form.decide").inner_text().replace(MILK, "")
    desk.get_by_label(re.compile("^Leche")).fill("6")
    desk.get_by_role("button", name="Comparar").click()
    expect(desk.get_by_role("alert")).to_contain_text("Cuenta todo lo de la lista")
    expect(desk.get_by_label(re.compile("^Leche"))).to_have_value("6")
    desk.get_by_label(re.compile("^Huevos")).fill("5")
    desk.get_by_role("button", name="Comparar").click()

    expect(desk.get_by_text("Contaste 6; en el sistema 8.")).to_be_visible()
    expect(desk.get_by_text("−2")).to_be_visible()
    assert lying(market, shelf) == {MILK: 8, EGGS: 5}
    desk.get_by_label("Motivo").select_option(label="Dañado")
    desk.get_by_role("button", name="Guardar el conteo").click()

    expect(desk.get_by_role("status").filter(has_text="Conteo guardado.")).to_be_visible()
    assert lying(market, shelf) == {MILK: 6, EGGS: 5}
    moves = market.staff_sees(lambda staff: staff.stock_moves(MILK, PLACE)).moves
    assert (moves[0].quantity, moves[0].note) == (-2, "Dañado")


# case 61
def test_a_bin_that_changed_while_it_was_counted_is_looked_at_again(
    desk: Page, console: str, market: OpenMarket
) -> None:
    shelf = shelf_with(market, (MILK, 8))
    desk.goto(f"{console}/count?place={PLACE}&bin={shelf}")
    desk.get_by_label(re.compile("^Leche")).fill("7")
    desk.get_by_role("button", name="Comparar").click()
    more = StockReceipt(location=PLACE, lines=[ReceivedLine(sku=MILK, quantity=2, bin=shelf)])
    market.staff_sees(lambda staff: staff.receive_stock(more, key=uuid4().hex))
    desk.get_by_label("Motivo").select_option(label="Perdido")
    desk.get_by_label("Nota (opcional)").fill("no aparece")
    desk.get_by_role("button", name="Guardar el conteo").click()

    expect(desk.get_by_role("alert")).to_contain_text("cambió mientras contabas")
    expect(desk.get_by_text("Contaste 7; en el sistema 10.")).to_be_visible()
    expect(desk.get_by_label("Nota (opcional)")).to_have_value("no aparece")
    assert lying(market, shelf) == {MILK: 10}


def test_a_bin_there_is_not_is_said_and_stays(desk: Page, console: str) -> None:
    desk.goto(f"{console}/count?place={PLACE}&bin=Z-99")

    expect(desk.get_by_role("alert")).to_have_text("Aquí no hay una ubicación «Z-99».")
    expect(desk.get_by_label("Ubicación (escanea o escribe)", exact=True)).to_have_value("Z-99")


def test_goods_are_moved_to_another_place_but_not_more_than_are_free(
    desk: Page, console: str, market: OpenMarket
) -> None:
    shelf_with(market, (EGGS, 9))
    free = next(
        level.available
        for level in market.staff_sees(lambda staff: staff.staff_stock(EGGS)).levels
        if level.location == PLACE
    )
    desk.goto(f"{console}/move")
    desk.get_by_label("Código (escanea)").fill(EGGS)
    desk.get_by_label("Cantidad").fill(str(free + 1))
    desk.get_by_label("De", exact=True).select_option(PLACE)
    desk.get_by_label("A", exact=True).select_option(OTHER)
    desk.get_by_role("button", name="Trasladar").click()
    expect(desk.get_by_role("alert")).to_contain_text("No hay tanto libre")
    expect(desk.get_by_label("A", exact=True)).to_have_value(OTHER)

    desk.get_by_label("Cantidad").fill("4")
    desk.get_by_role("button", name="Trasladar").click()

    expect(desk.get_by_role("status")).to_contain_text(f"{OTHER}: 4")


def returned(market: OpenMarket) -> Any:
    """A return of three that was accepted."""
    number = market.order((MILK, "3")).number

    async def act(staff: BackendClient) -> Any:
        await shop_staff.ship(staff, number)
        await shop_staff.deliver(staff, number)
        line = {"line": MILK, "quantity": 3, "reason": "damaged", "note": "Llegó roto", "photos": []}
        wish = NewReturnFor.model_validate({"lines": [line], "overrules": True})
        rma = await staff.request_return_for(number, wish, key=uuid4().hex)
        if rma.status == "requested":
            rma = await staff.accept_return(rma.number, key=uuid4().hex)
        return rma

    return market.staff_sees(act)


def test_a_return_is_received_and_each_unit_looked_at(desk: Page, console: str, market: OpenMarket) -> None:
    rma = returned(market)
    desk.goto(f"{console}/returns")
    desk.get_by_role("link", name=rma.number).click()
    expect(desk.get_by_label(re.compile("^Leche"))).to_have_value("3")
    desk.get_by_role("button", name="Recibir").click()
    expect(desk.get_by_role("status").filter(has_text="Recibido")).to_be_visible()
    expect(desk.get_by_text("«Llegó roto»")).to_be_visible()

    desk.get_by_label("A la venta").fill("3")
    desk.get_by_label("Desechar").fill("1")
    desk.get_by_role("button", name="Guardar la revisión").click()
    expect(desk.get_by_role("alert")).to_have_text("Es más de lo que llegó.")
    expect(desk.get_by_label("Desechar")).to_have_value("1")
    desk.get_by_label("A la venta").fill("2")
    desk.get_by_role("button", name="Guardar la revisión").click()

    expect(desk.get_by_role("status").filter(has_text="Revisión guardada")).to_be_visible()
    seen = market.staff_sees(lambda staff: staff.return_(rma.number))
    assert seen.status == "inspected"
    assert sorted((each.disposition, each.quantity) for each in seen.inspections) == [("restock", 2), ("scrap", 1)]


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen(desk: Page, console: str, market: OpenMarket, language: str, size: dict[str, int]) -> None:
    announce(market, f"OC-{uuid4().hex[:4]}", MILK, 4)
    shelf = shelf_with(market, (MILK, 3))
    rma = returned(market)
    desk.set_viewport_size(size)  # type: ignore[arg-type]
    desk.goto(f"{market.url}/console/language/{language}")

    for path in (
        "/receive", "/receive/delivery", "/count", f"/count?place={PLACE}&bin={shelf}", "/move", "/returns",
        f"/returns/{rma.number}", "/stuck",
    ):  # fmt: skip
        desk.goto(console + path)
        expect(desk.locator("nav.work")).to_be_visible()
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
