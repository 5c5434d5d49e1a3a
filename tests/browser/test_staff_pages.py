"""Staff accounts in a real Chromium: taking someone in, their password, limits, leaving, and the trail of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in

pytestmark = pytest.mark.browser
PASSWORD = "cuatro caballos verdes"


def take_in(page: Page, market: OpenMarket, email: str, name: str, role: str) -> str:
    """The link that the new member gets."""
    page.goto(f"{market.url}/console/staff")
    page.get_by_label("Nombre").fill(name)
    page.get_by_label("Correo").fill(email)
    page.get_by_label("Rol").select_option(label=role)
    page.get_by_role("button", name="Agregar una persona").click()
    return page.get_by_label("Enlace").input_value()


def test_someone_is_taken_in_works_and_is_let_go(page: Page, market: OpenMarket, chromium: Browser) -> None:  # case 91
    sign_in(page, market)
    link = take_in(page, market, "luis@laesquina.co", "Luis Mora", "Finanzas")
    context = chromium.new_context(viewport=PHONE, locale="es-CO")
    phone = context.new_page()
    phone.goto(link)
    phone.get_by_label("Contraseña nueva").fill(PASSWORD)
    phone.get_by_label("Otra vez la nueva").fill("otra cosa")
    phone.get_by_role("button", name="Guardar la contraseña").click()
    expect(phone.get_by_role("alert")).to_have_text("Las dos no son iguales.")
    phone.get_by_label("Contraseña nueva").fill(PASSWORD)
    phone.get_by_label("Otra vez la nueva").fill(PASSWORD)
    phone.get_by_role("button", name="Guardar la contraseña").click()
    expect(phone.get_by_role("status").first).to_have_text("Listo: entra con tu contraseña nueva.")
    phone.get_by_label("Correo").fill("luis@laesquina.co")
    phone.get_by_label("Contraseña").fill(PASSWORD)
    phone.get_by_role("button", name="Entrar").click()
    expect(phone.get_by_role("link", name="Finanzas")).to_be_visible()
    phone.goto(f"{market.url}/console/staff")
    expect(phone.get_by_role("heading", name="No tienes permiso")).to_be_visible()

    page.goto(f"{market.url}/console/staff")
    page.get_by_role("link", name="Luis Mora").click()
    page.get_by_role("button", name="Desactivar").click()
    expect(page.get_by_text("ya no trabaja aquí")).to_be_visible()
    phone.goto(f"{market.url}/console/payments")
    expect(phone.get_by_role("heading", name="Consola del equipo")).to_be_visible()
    phone.goto(link)
    expect(phone.get_by_text("Este enlace ya se usó")).to_be_visible()
    context.close()

    page.goto(f"{market.url}/console/trail")
    first = page.locator(".trail li").first
    first.get_by_text("Lo que cambió").click()
    expect(first.get_by_role("row", name=re.compile("is_active"))).to_contain_text("truefalse")


def test_what_is_typed_wrong_is_named_and_stays(page: Page, market: OpenMarket) -> None:
    sign_in(page, market)
    take_in(page, market, "eva@laesquina.co", "Eva", "Ventas")
    page.get_by_label("Nombre").fill("Eva Dos")
    page.get_by_label("Correo").fill("eva@laesquina.co")
    page.get_by_role("button", name="Agregar una persona").click()
    expect(page.get_by_role("alert")).to_have_text("Ya hay una persona con ese correo.")
    expect(page.get_by_label("Nombre")).to_have_value("Eva Dos")

    page.get_by_role("link", name="Eva", exact=True).click()
    page.get_by_label("Reembolso (COP)").fill("mucho")
    page.get_by_label("Nombre").fill("Eva Luz")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("alert")).to_have_text("Escribe el valor en números, por ejemplo 24.900")
    expect(page.get_by_label("Nombre")).to_have_value("Eva Luz")
    expect(page.get_by_label("Reembolso (COP)")).to_be_focused()


def test_i_end_another_session_of_mine(page: Page, market: OpenMarket, chromium: Browser) -> None:
    context = chromium.new_context(viewport=DESKTOP, locale="es-CO")
    other = context.new_page()
    sign_in(other, market)
    sign_in(page, market)
    page.goto(f"{market.url}/console/account")
    page.get_by_role("button", name="Cerrar esta sesión").first.click()
    other.goto(f"{market.url}/console/orders")
    expect(other.get_by_role("heading", name="Consola del equipo")).to_be_visible()
    context.close()


@pytest.mark.parametrize("path", ["/account", "/staff", "/trail", "/trail?about=nada", "/privacy", "/privacy?q=nadie"])
def test_it_fits_a_phone(page: Page, market: OpenMarket, path: str) -> None:
    sign_in(page, market)
    page.set_viewport_size(PHONE)
    page.goto(f"{market.url}/console{path}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
