"""Remakes docs/images/: a Comanda of its own is started, ordered from in both languages, and photographed."""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from backend.seed import demo_staff
from comanda.browser import launch_options
from comanda.failure import Failure
from comanda.progress import say
from comanda.project import ROOT
from kernel.config import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

IMAGES = ROOT / "docs" / "images"
DESKTOP = {"width": 1280, "height": 860}
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
START_TIMEOUT_S = 600
REPLY_TIMEOUT_MS = 60_000
# The last message of an answer of several is on the screen, and nothing moves any more.
SETTLE_MS = 1_500
STOP_TIMEOUT_S = 30

ORDER = {
    "es": [
        "buenas, me regala 3 cajas de leche entera y un pan tajado porfa",
        "la segunda",
        "eso es todo",
        "Calle 57 # 9-28, apto 301",
        "nequi",
        "sí, confirmo",
    ],
    "en": [
        "hi, can I get 3 cases of whole milk and a sliced bread please",
        "the second one",
        "that's all",
        "Calle 57 # 9-28, apto 301",
        "nequi",
        "yes, confirm",
    ],
}
ASKS_FOR_A_PERSON = "quiero hablar con una persona, el pan llegó aplastado"
ANSWER = "Hola, soy Daniela. Qué pena con usted. ¿Le mando otro pan hoy o le devuelvo el valor?"
# How many lines of the order are said before the picture of the chat is taken.
BEFORE_PICTURE = 2


class NoPictures(Failure):
    """Why the pictures could not be taken."""


@dataclass(frozen=True, slots=True)
class Camera:
    browser: Browser
    url: str

    def page(self, size: dict[str, int], language: str = "es", scale: int = 1) -> Page:
        context = self.browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            device_scale_factor=scale,
            locale={"es": "es-CO", "en": "en-US"}[language],
            reduced_motion="reduce",
            color_scheme="light",
        )
        context.set_default_timeout(REPLY_TIMEOUT_MS)
        return context.new_page()

    def keep(self, page: Page, name: str) -> None:
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=IMAGES / f"{name}.png")
        say(f"  docs/images/{name}.png")

    def shop(self) -> None:
        page = self.page(DESKTOP)
        page.goto(self.url)
        page.locator(".good").first.wait_for()
        self.keep(page, "shop")
        page.context.close()

    def chat(self, language: str) -> None:
        page = self.page(DESKTOP, language)
        page.goto(f"{self.url}/?lang={language}")
        chat = _open(page)
        lines = ORDER[language]
        for text in lines[:BEFORE_PICTURE]:
            _say(chat, text)
        self.keep(page, f"chat-{language}")
        for text in lines[BEFORE_PICTURE:]:
            _say(chat, text)
        _expect_order(chat)
        page.context.close()

    def phone(self) -> None:
        page = self._at_shop(PHONE, scale=2)
        _say(_open(page), ORDER["es"][0])
        self.keep(page, "chat-phone")
        page.context.close()

    def _at_shop(self, size: dict[str, int], scale: int = 1) -> Page:
        page = self.page(size, scale=scale)
        page.goto(self.url)
        return page

    def takeover(self, email: str, password: str) -> None:
        """Someone who has an order asks for a person; who takes it over answers: both sides; the phone in the dark."""
        chat = _open(self._at_shop(PHONE, scale=2))
        for text in ORDER["es"]:
            _say(chat, text)
        _expect_order(chat)
        _say(chat, ASKS_FOR_A_PERSON)
        page = self.page(WIDE)
        self._sign_in(page, email, password)
        page.goto(f"{self.url}/console/conversations")
        page.locator(".rows a").first.click()
        page.get_by_role("button", name="Tomar la conversación").click()
        page.get_by_label("Escribe al cliente").fill(ANSWER)
        page.get_by_role("button", name="Enviar").click()
        page.locator(".message.agent .words").first.wait_for()
        chat.locator(".row.agent").first.wait_for()
        self.keep(chat.page, "chat-person")
        self.keep(page, "console-conversation")
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        page.emulate_media(color_scheme="dark")
        page.reload()
        self.keep(page, "console-conversation-phone")
        for each in (page, chat.page):
            each.context.close()

    def console(self, email: str, password: str) -> None:
        page = self.page(DESKTOP)
        self._sign_in(page, email, password)
        page.goto(f"{self.url}/console/orders")
        page.locator(".orders").wait_for()
        self.keep(page, "console-orders")
        page.context.close()

    def desks(self, email: str, password: str) -> None:
        """The warehouse on a phone, with the first order in its queue; what may be done with the newest order."""
        page = self.page(PHONE, scale=2)
        self._sign_in(page, email, password)
        page.goto(f"{self.url}/console/warehouse")
        page.locator(".jobs a").first.click()
        start = page.locator("form[action$='/start'] button")
        if start.count():
            start.click()
        page.locator(".walk .taps").first.wait_for()
        self.keep(page, "console-warehouse")
        page.context.close()
        page = self.page(DESKTOP)
        self._sign_in(page, email, password)
        page.goto(f"{self.url}/console/orders?status=confirmed")
        page.locator(".orders th a").first.click()
        page.locator("#act-change summary").click()
        self.keep(page, "console-order-acts")
        page.context.close()

    def _sign_in(self, page: Page, email: str, password: str) -> None:
        page.goto(f"{self.url}/console/")
        page.fill("#email", email)
        page.fill("#password", password)
        page.locator("form.card button").click()
        page.locator(".tabs").wait_for()


def _open(page: Page) -> Locator:
    page.locator("comanda-chat .launcher").click()
    chat = page.get_by_role("dialog")
    chat.get_by_role("textbox").wait_for()
    return chat


def _say(chat: Locator, text: str) -> None:
    """One message of the customer, and the wait for its answer."""
    replies = chat.locator(".row.assistant")
    before = replies.count()
    chat.get_by_role("textbox").fill(text)
    chat.get_by_role("textbox").press("Enter")
    replies.nth(before).wait_for()
    chat.page.wait_for_timeout(SETTLE_MS)


def _expect_order(chat: Locator) -> None:
    said = chat.locator(".row.assistant .text").all_inner_texts()
    if not any(re.search(r"PED-\d+", text) for text in said):
        raise NoPictures("the order was not placed; the assistant's last words: " + " / ".join(said[-2:]))


@contextmanager
def _running(home: Path) -> Iterator[Settings]:
    """A Comanda of its own: free ports, an empty home, gone afterwards."""
    ports = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), _free_ports(3), strict=True))
    environment = {
        "COMANDA_HOME": str(home),
        "COMANDA_MODE": "demo",
        **{name: str(port) for name, port in ports.items()},
    }
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PUBLIC_URL")}
    settings = Settings.model_validate(environment)
    process = subprocess.Popen([Path(sys.executable).parent / "comanda", "up"], cwd=ROOT, env=inherited | environment)
    try:
        _wait_until_ready(settings, process)
        yield settings
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_TIMEOUT_S)


def _wait_until_ready(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{settings.public_url}/readyz").is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise NoPictures("Comanda did not become ready; what it said is above")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def take(settings: Settings) -> None:
    """Take every picture of the Comanda that `settings` describe.

    Raises: NoPictures.
    """
    from playwright.sync_api import sync_playwright

    account = demo_staff(settings)
    if account is None:
        raise NoPictures("pictures are taken of a demo shop only")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        camera = Camera(browser, settings.public_url)
        camera.shop()
        camera.chat("en")
        camera.phone()
        camera.chat("es")
        camera.takeover(*account)
        camera.console(*account)
        camera.desks(*account)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--running",
        action="store_true",
        help="photograph the Comanda that already runs with this environment (COMANDA_HOME, PORT)",
    )
    try:
        if parser.parse_args().running:
            take(Settings())
            return
        with tempfile.TemporaryDirectory(prefix="comanda-pictures-") as home, _running(Path(home)) as settings:
            take(settings)
    except NoPictures as problem:
        sys.exit(f"comanda: {problem}")


if __name__ == "__main__":
    main()
