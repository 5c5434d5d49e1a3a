"""A picking walk in a real Chromium, on a phone: two orders, one way along the shelves, something missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kernel.tokens import Principal, mint
from tests.browser.axe import faults_of
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in
from tests.browser.test_warehouse_desk import EGGS, MILK, part_of, scan

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def market(new_home: Callable[[], Path]) -> Iterator[OpenMarket]:
    with OpenMarket(new_home()) as market:
        yield market


@pytest.fixture
def desk(page: Page, market: OpenMarket) -> Iterator[Page]:
    page.set_viewport_size(PHONE)
    sign_in(page, market)
    yield page
    for walk in market.staff_sees(lambda staff: staff.picking_walks()):
        market.staff_sees(lambda staff, walk=walk: staff.end_walk(walk.id, key=uuid4().hex))


def begun(desk: Page, market: OpenMarket, *orders: tuple[tuple[str, str], ...]) -> list[str]:
    """A walk with these orders, opened; their numbers."""
    numbers: list[str] = [market.order(*lines).number for lines in orders]
    desk.goto(f"{market.url}/console/warehouse/walks")
    for number in numbers:
        desk.get_by_role("checkbox", name=f"{number}-1").check()
    desk.get_by_role("button", name="Empezar con los elegidos").click()
    expect(desk.get_by_role("heading", name="Tu recorrido")).to_be_visible()
    return numbers


def someone_else(
    chromium: Browser, market: OpenMarket, role: str = "warehouse", locale: str = "es-CO"
) -> tuple[BrowserContext, Page]:
    key = market.settings.signing_key()
    token = mint(Principal("staff", "otto", grants=frozenset({f"role:{role}"})), key, timedelta(minutes=5))
    context = chromium.new_context(viewport=PHONE, locale=locale)
    context.add_cookies([{"name": "comanda_staff", "value": token, "url": market.url}])
    return context, context.new_page()


def lines_of(market: OpenMarket, number: str) -> dict[str, tuple[int, int]]:
    lines: list[Any] = part_of(market, number).lines
    return {line.sku: (line.picked, line.short) for line in lines}


def said(desk: Page, text: str) -> None:
    expect(desk.get_by_role("status").filter(has_text=text)).to_be_visible()


def test_two_orders_are_picked_in_one_walk_with_a_break_and_something_missing(desk: Page, market: OpenMarket) -> None:
    first, second = begun(desk, market, ((MILK, "2"), (EGGS, "1")), ((MILK, "3"),))
    baskets = desk.get_by_role("list", name="Canastas").get_by_role("listitem")
    expect(baskets).to_have_count(2)
    expect(baskets.nth(0)).to_contain_text(f"{first}-1")
    expect(baskets.nth(0)).to_contain_text("0 de 2 productos")

    scan(desk, MILK)
    said(desk, "Agregado: 1 unidad × Leche entera larga vida Prado Alto 1 L · Canasta A")
    desk.get_by_role("button", name="Deshacer").click()
    said(desk, "Devuelto: 1 unidad ×")
    milk = desk.get_by_role("listitem").filter(has=desk.get_by_text(MILK))
    milk.get_by_role("button", name="Todo: Leche entera larga vida Prado Alto 1 L, Canasta A").click()
    said(desk, "Agregado: 2 unidades ×")
    desk.goto(f"{market.url}/console/warehouse")
    desk.get_by_role("link", name=re.compile("Tu recorrido.*2 canastas.*Continuar")).click()

    eggs = desk.get_by_role("listitem").filter(has=desk.get_by_text(EGGS, exact=True))
    eggs.get_by_text("Falta", exact=True).click()
    eggs.get_by_label("Motivo").select_option(label="No está en su lugar")
    eggs.get_by_role("button", name="Reportar faltante").click()
    said(desk, "Reportado como faltante: 1")
    expect(baskets.nth(0)).to_contain_text("Alistado")
    scan(desk, MILK)
    said(desk, "Canasta B")
    desk.get_by_label("Cantidad").fill("2")
    scan_again = desk.get_by_label("Escanea o escribe el código")
    scan_again.fill(MILK)
    scan_again.press("Enter")
    expect(desk.get_by_role("heading", name="Todo está en las canastas")).to_be_visible()
    desk.get_by_role("button", name="Terminar el recorrido").click()

    expect(desk.get_by_text("Terminado", exact=True)).to_be_visible()
    assert lines_of(market, first) == {MILK: (2, 0), EGGS: (0, 1)}
    assert lines_of(market, second) == {MILK: (3, 0)}
    assert [part_of(market, number).status for number in (first, second)] == ["picked", "picked"]
    desk.get_by_role("link", name=f"{second}-1").click()
    desk.get_by_role("button", name="Cerrar el paquete").click()
    expect(desk.get_by_role("heading", name=f"Paquete {second}-1-A")).to_be_visible()
    assert [part_of(market, number).status for number in (first, second)] == ["picked", "packed"]


def test_all_of_a_stop_goes_into_its_baskets_by_one_tap_once(desk: Page, market: OpenMarket) -> None:
    first, second = begun(desk, market, ((MILK, "2"),), ((MILK, "1"),))
    form = desk.locator("form").filter(has=desk.get_by_role("button", name=re.compile("^Todo: Leche.*1 L$")))
    fields = form.evaluate("form => [...new FormData(form)]")
    address = f"{market.url}{form.get_attribute('action')}"
    form.get_by_role("button").click()
    said(desk, "Agregado a 2 canastas.")

    body = "&".join(f"{name}={value}" for name, value in fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    again = desk.request.post(address, data=body, headers=headers, max_redirects=0)

    assert again.status == 303
    assert (lines_of(market, first), lines_of(market, second)) == ({MILK: (2, 0)}, {MILK: (1, 0)})


def test_what_is_not_of_the_walk_is_refused_and_stays_typed(desk: Page, market: OpenMarket) -> None:
    begun(desk, market, ((MILK, "1"),), ((MILK, "1"),))
    scan(desk, EGGS)
    expect(desk.get_by_role("alert")).to_have_text("«HUEVO-AA» no va en este recorrido.")
    expect(desk.get_by_label("Escanea o escribe el código")).to_have_value(EGGS)

    desk.get_by_label("Escanea o escribe el código").fill(MILK)
    desk.get_by_label("Cantidad").fill("9")
    desk.get_by_label("Cantidad").press("Enter")

    expect(desk.get_by_role("alert")).to_have_text("Es más de lo que falta por alistar.")
    expect(desk.get_by_label("Cantidad")).to_have_value("9")


# case 61
def test_a_second_picker_is_not_offered_what_the_first_carries_but_may_take_the_walk_over(
    desk: Page, market: OpenMarket, chromium: Browser
) -> None:
    [number] = begun(desk, market, ((MILK, "1"),))
    context, other = someone_else(chromium, market)
    other.goto(f"{market.url}/console/warehouse/walks")
    expect(other.get_by_role("checkbox", name=f"{number}-1")).to_have_count(0)
    other.goto(f"{market.url}/console/warehouse/parts/{number}-1")
    expect(other.get_by_role("status").filter(has_text="canasta A")).to_be_visible()
    expect(other.get_by_role("button", name="Agregar")).to_have_count(0)

    other.get_by_role("link", name="Ver el recorrido").click()
    expect(other.get_by_label("Escanea o escribe el código")).to_have_count(0)
    other.get_by_role("button", name="Seguirlo yo").click()
    scan(other, MILK)

    expect(other.get_by_role("heading", name="Todo está en las canastas")).to_be_visible()
    desk.reload()
    expect(desk.get_by_role("heading", name="Recorrido de otto")).to_be_visible()
    context.close()


# case 61
def test_what_a_colleague_still_picks_is_not_offered_to_be_packed_and_it_is_said_why(
    desk: Page, market: OpenMarket, chromium: Browser
) -> None:
    [number] = begun(desk, market, ((MILK, "2"),))
    scan(desk, MILK)
    said(desk, "Agregado")
    context, other = someone_else(chromium, market)
    at = f"{market.url}/console/warehouse/parts/{number}-1"

    other.goto(at)

    said(
        other,
        "Hasta que esté completo, solo Daniela Ríos lo alista y lo empaca; si ya no puede, sigue tú su recorrido.",
    )
    expect(other.get_by_text("Empacar lo que ya está")).to_have_count(0)
    desk.goto(at)
    expect(desk.get_by_text("Empacar lo que ya está")).to_be_visible()
    desk.go_back()
    scan(desk, MILK)
    said(desk, "Agregado")
    other.reload()
    other.get_by_role("button", name="Cerrar el paquete").click()
    expect(other.get_by_role("heading", name=f"Paquete {number}-1-A")).to_be_visible()
    context.close()


def test_the_next_ones_need_a_number_and_nothing_chosen_is_said(desk: Page, market: OpenMarket) -> None:
    market.order((MILK, "1"))
    desk.goto(f"{market.url}/console/warehouse/walks")
    desk.get_by_role("button", name="Empezar con los elegidos").click()
    expect(desk.get_by_role("alert")).to_have_text("Elige al menos un pedido.")
    desk.get_by_label("Los siguientes").fill("99")
    desk.get_by_role("button", name="Empezar", exact=True).click()
    expect(desk.get_by_role("alert")).to_have_text("Escribe cuántos pedidos, de 1 a 20.")
    expect(desk.get_by_label("Los siguientes")).to_have_value("99")

    desk.get_by_label("Los siguientes").fill("1")
    desk.get_by_role("button", name="Empezar", exact=True).click()

    expect(desk.get_by_role("list", name="Canastas").get_by_role("listitem")).to_have_count(1)


def test_who_does_not_work_here_may_look_at_a_walk_in_english(
    desk: Page, market: OpenMarket, chromium: Browser
) -> None:
    begun(desk, market, ((MILK, "1"),))
    address = desk.url
    context, agent = someone_else(chromium, market, role="agent", locale="en-US")
    agent.goto(address)

    expect(agent.get_by_text("You may look; picking and shipping is the warehouse team's.")).to_be_visible()
    expect(agent.get_by_role("button", name=re.compile("Add|All|Take it over"))).to_have_count(0)
    agent.goto(f"{market.url}/console/warehouse/walks")
    expect(agent.get_by_role("heading", name="Several orders in one walk")).to_be_visible()
    expect(agent.get_by_role("button", name=re.compile("Start"))).to_have_count(0)
    context.close()


def test_a_walk_of_ones_own_has_no_serious_fault_for_those_who_see_or_tap_less_well(
    desk: Page, market: OpenMarket
) -> None:
    begun(desk, market, ((MILK, "2"), (EGGS, "1")), ((MILK, "1"),))
    scan(desk, MILK)
    said(desk, "Agregado")

    assert faults_of(desk) == []


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_it_fits_the_screen_and_a_thumb(desk: Page, market: OpenMarket, language: str, size: dict[str, int]) -> None:
    begun(desk, market, ((MILK, "2"), (EGGS, "1")), ((MILK, "1"),))
    market.order((EGGS, "1"))
    address = desk.url
    desk.set_viewport_size(size)  # type: ignore[arg-type]
    desk.goto(f"{market.url}/console/language/{language}")

    for path in (address, f"{market.url}/console/warehouse/walks", f"{market.url}/console/warehouse"):
        desk.goto(path)
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        heights = desk.locator("main button:visible, main input:visible:not([type=checkbox])").evaluate_all(
            "all => all.filter(one => one.type !== 'hidden').map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, (path, heights)
