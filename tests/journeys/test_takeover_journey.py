"""A person takes over and gives back: customers on each channel, an agent at the console, the real assistant."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.client import BackendClient
from backend.schemas.quotes import NewQuote, SendQuote, WantedLine
from comanda.database import demo_staff_account
from tests.journeys.conftest import Providers
from tests.journeys.customer import Customer
from tests.journeys.product import ARTIFACTS, Product
from tests.journeys.pushed import OnTelegram, OnWhatsApp
from tests.journeys.shopper import shopping

pytestmark = [pytest.mark.rasa, pytest.mark.browser, pytest.mark.timeout(900)]

DESKTOP = {"width": 1440, "height": 900}
PATIENCE_MS = 60_000
TALK = {
    "es": ["2 leches enteras", "finalizar pedido", "Calle 45 # 12-30", "en efectivo", "sí, confirmo"],
    "en": ["2 whole milks", "check out", "Calle 45 # 12-30", "cash", "yes, confirm it"],
}
MORE = {"es": "3 leches enteras", "en": "3 whole milks"}
PERSON = {"es": "quiero hablar con una persona", "en": "I want to talk to a person"}
BACK = {
    "es": ("El pedido {number} quedó así: cancelado", r"¿Seguimos con tu pedido\? Llevas"),
    "en": ("Order {number} now stands like this: cancelled", r"Shall we go on with your order\? You have"),
}
SAID = "SELECT author FROM bot_message WHERE conversation_id = :id ORDER BY seq"
GO_ON = {"es": "finalizar pedido", "en": "check out"}


class Talks(Protocol):
    """A customer, wherever they are."""

    def says(self, words: str, reply: str = "") -> str: ...

    def hears(self, pattern: str) -> str: ...

    def writes(self, words: str) -> None:
        """Say it to whoever reads; nothing has to come back."""


def on_web(product: Product, _providers: Providers, browser: Browser) -> Customer:
    return Customer(browser, product.url, "es", "takeover")


def on_whatsapp(product: Product, providers: Providers, _browser: Browser) -> OnWhatsApp:
    return OnWhatsApp(product, providers.twilio, f"+57300{secrets.randbelow(10**7):07d}")


def on_telegram(product: Product, providers: Providers, _browser: Browser) -> OnTelegram:
    return OnTelegram(product, providers.telegram, str(8_000_000 + secrets.randbelow(10**6)), "en")


@pytest.fixture
def agent(chromium: Browser, product: Product) -> Iterator[Page]:
    product.wait_until_ready()
    account = demo_staff_account(product.settings)
    assert account
    context = chromium.new_context(viewport=DESKTOP, locale="es-CO", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{product.url}/console/signin")
    page.fill("#email", account[0])
    page.fill("#password", account[1])
    page.locator("form.card button").click()
    page.locator(".tabs").wait_for()
    yield page
    context.close()


# case 44
@pytest.mark.parametrize(
    ("channel", "language", "arrives"),
    [("web", "es", on_web), ("whatsapp", "es", on_whatsapp), ("telegram", "en", on_telegram)],
)
def test_a_person_helps_and_the_assistant_goes_on(
    product: Product,
    providers: Providers,
    chromium: Browser,
    agent: Page,
    channel: str,
    language: str,
    arrives: Callable[[Product, Providers, Browser], Talks],
) -> None:
    customer = arrives(product, providers, chromium)
    *talk, yes = TALK[language]
    for words in talk:
        customer.says(words, r"\w")
    number = re.findall(r"PED-\d+", customer.says(yes, r"PED-\d+"))[0]
    customer.says(MORE[language], r"\$")
    customer.says(PERSON[language], "persona del equipo|someone from our team")

    waits = (
        "SELECT id FROM bot_conversation WHERE channel = :channel AND owner = 'queued' ORDER BY last_message_at DESC"
    )
    conversation = product.rows(waits, channel=channel)[0]["id"]
    agent.goto(f"{product.url}/console/conversations/{conversation}")
    agent.get_by_role("button", name="Tomar la conversación").click()
    box = agent.get_by_label("Escribe al cliente")
    box.fill(f"Hola, soy Daniela. ¿Cancelo el {number}?")
    box.press("Enter")
    customer.hears(f"soy Daniela. ¿Cancelo el {number}")
    customer.writes("👍 ok")
    expect(agent.locator(".message.customer .words").last).to_have_text("👍 ok", timeout=PATIENCE_MS)
    cancel(agent, number)
    agent.screenshot(path=ARTIFACTS / "journeys" / f"takeover-{channel}.png")
    agent.get_by_role("button", name="Devolver al asistente").click()

    for pattern in BACK[language]:
        customer.hears(pattern.format(number=number))
    customer.says(GO_ON[language], "[Dd]irección|address|Calle 45")
    spoke = [row["author"] for row in product.rows(SAID, id=conversation)]
    first, last = spoke.index("agent"), len(spoke) - spoke[::-1].index("agent")
    assert "assistant" not in spoke[first:last], "one speaks at a time"
    [order] = product.rows("SELECT status FROM oms_order WHERE number = :number", number=number)
    assert order["status"] == "cancelled"


def cancel(agent: Page, number: str) -> None:
    """In the thread, from the card beside it."""
    agent.locator("#card").get_by_role("link", name=number).click()
    order = agent.locator("#order-inside")
    order.locator("#act-cancel summary").click()
    order.locator("#note-cancel").fill("No hay quien lo reciba")
    order.locator("#act-cancel button").click()
    expect(order.locator(".chip", has_text="Cancelado")).to_be_visible(timeout=PATIENCE_MS)
    agent.locator("#order form[method=dialog] button").click()


def quote_for(product: Product, customer_id: str) -> str:
    """Three milks, as someone of the shop puts them together and sends them; the number."""
    lines = [WantedLine(sku="LECHE-ENTERA-1L", quantity="3")]
    new = NewQuote(customer_id=customer_id, lines=lines, address_text="Calle 45 # 12-30", payment_method="nequi")

    async def send(oms: BackendClient) -> str:
        quote = await oms.draft_quote(new, key=secrets.token_hex(8))
        sent = SendQuote(version=quote.version, valid_days=3)
        return (await oms.send_quote(quote.number, sent, key=secrets.token_hex(8))).number

    # The browser's driver has this thread's loop.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(product.staff, "sales", send).result()


def customer_of(product: Product, conversation_id: str | None = None) -> str:
    """Whose conversation that is; without one, whose the newest on the web is."""
    rows = product.rows("SELECT id, customer_id FROM bot_conversation WHERE channel = 'web' ORDER BY id DESC")
    return str(next(row["customer_id"] for row in rows if conversation_id in (None, row["id"])))


def test_a_quote_is_accepted_with_one_tap(product: Product, chromium: Browser) -> None:
    product.wait_until_ready()
    customer = Customer(chromium, product.url, "es", "quote")
    customer.says("hola", "Hola|hola")
    number = quote_for(product, customer_of(product))
    customer.hears(f"te preparó la cotización {number}")
    said = customer.presses("Aceptar", r"Tu pedido quedó con el número PED-\d+")
    customer.leaves()
    with shopping(product, "en") as other:
        other.says("hello")
        another = quote_for(product, customer_of(product, other.conversation_id))
        other.hears(f"has prepared quote {another} for you")
        accepted = other.presses("Accept", r"Done! Your order has the number PED-\d+")

    for quote, reply in ((number, said), (another, accepted)):
        ordered = re.findall(r"PED-\d+", reply)[0]
        [row] = product.rows("SELECT status, order_id FROM oms_quote WHERE number = :number", number=quote)
        [order] = product.rows("SELECT id, status FROM oms_order WHERE number = :number", number=ordered)
        assert (row["status"], row["order_id"], order["status"]) == ("accepted", order["id"], "confirmed")
