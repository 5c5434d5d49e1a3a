"""axe walks every page of console, chat and links, empty and full, in light and in dark, and finds no serious fault."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from sqlalchemy import select
from starlette.routing import Match, Route

import console.app
from backend.invoicing.models import Invoice
from backend.orders import service as orders
from backend.partners.models import Partner, PurchaseOrder
from backend.schemas.staff import NewMember
from backend.seed import seed_month
from backend.workflows.link_invoice import link_invoice
from backend.workflows.link_purchase_order import link_purchase_order
from backend.workflows.link_tracking import link_tracking
from comanda.demo_provider.store import Store
from kernel import clock, links
from tests import shop_staff
from tests.browser.axe import faults_of
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import PHONE
from tests.browser.open_market import OpenMarket
from tests.browser.test_console import sign_in
from tests.browser.test_money_desk import paid_order
from tests.browser.test_orders_for_customers import MILK, drafted
from tests.browser.test_privacy_pages import caller, looked
from tests.browser.test_warehouse_goods import returned

pytestmark = pytest.mark.browser

# What shows no page: parts of pages, files, streams, and ways elsewhere.
NO_PAGES = {
    "/appearance/{appearance}", "/attachments/{attachment_id}", "/catalog/export", "/catalog/progress/{watch}",
    "/conversations/list", "/events",
    "/conversations/{conversation_id}/canned", "/conversations/{conversation_id}/card",
    "/conversations/{conversation_id}/messages", "/conversations/{conversation_id}/more",
    "/finance/books/journal.beancount", "/finance/invoices/{number}/files/{form}",
    "/finance/receivables/{customer_id}/statement.csv", "/finance/suppliers/{number}.pdf", "/insights/labels.csv",
    "/insights/{table}.csv", "/language/{language}", "/orders/list", "/payments/list", "/signin/oidc/back",
    "/conversations/{conversation_id}/summary", "/conversations/{conversation_id}/templates",
    "/customers/{customer_id}/links", "/customers/{customer_id}/links/preview",
    "/payments/refunds/{number}/receipt", "/privacy/customers/{customer_id}/under-way",
    "/privacy/requests/{number}/file", "/static/htmx.js", "/warehouse/labels/{number}", "/warehouse/list",
}  # fmt: skip


class Walk:
    """Follows the console's own links to one page of every kind; `seen` are the kinds, by route."""

    def __init__(self, page: Page, market: OpenMarket) -> None:
        self.page, self.root = page, f"{market.url}/console"
        self.routes = [each for each in console.app.create_app(market.settings).routes if isinstance(each, Route)]
        self.seen: set[str] = set()
        self.faults: list[str] = []
        page.on("console", self.hear)

    def hear(self, message: ConsoleMessage) -> None:
        """What its own policy keeps a page from doing is a fault of the page."""
        if "Content Security Policy" in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    @property
    def pages(self) -> set[str]:
        return {route.path for route in self.routes if "GET" in (route.methods or ())} - NO_PAGES

    def along(self, *paths: str) -> None:
        coming = deque(paths)
        while coming:
            path = coming.popleft()
            kind = self.kind_of(path)
            if kind not in self.pages - self.seen:
                continue
            self.look_at(path)
            assert self.kind_of(self.page.url.removeprefix(self.root)) == kind, f"{path} led to {self.page.url}"
            self.seen.add(kind)
            links = self.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
            coming.extend(link.removeprefix(self.root) or "/" for link in links if link.startswith(self.root))

    def look_at(self, path: str) -> None:
        self.page.goto(self.root + path)
        expect(self.page.locator("main")).to_be_visible()
        self.faults += faults_of(self.page)

    def kind_of(self, path: str) -> str | None:
        scope = {"type": "http", "path": urlsplit(path).path, "method": "GET", "root_path": "", "headers": []}
        return next((each.path for each in self.routes if each.matches(scope)[0] is Match.FULL), None)


def test_axe_finds_what_is_amiss_in_the_light_in_the_dark_and_in_what_is_folded_up(page: Page) -> None:
    page.set_content(
        "<html lang=es><title>x</title>"
        "<style>@media (prefers-color-scheme: dark) { p { color: #111; background: #222 } }</style>"
        "<main><h1>Hola</h1><p>oscuro</p><details><summary>más</summary><input></details></main>"
    )

    assert [fault.split()[1:3] for fault in faults_of(page)] == [["(dark)", "color-contrast:"], ["(light)", "label:"]]


@pytest.mark.timeout(300)
def test_no_page_of_the_console_has_a_serious_fault(page: Page, market: OpenMarket) -> None:
    walk = Walk(page, market)
    walk.look_at("/signin")
    page.get_by_label("Correo").fill("nadie@laesquina.co")
    page.get_by_label("Contraseña").fill("no es esta")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_be_visible()
    walk.faults += faults_of(page)
    sign_in(page, market)
    walk.along("/")
    empty = len(walk.seen)
    walk.seen.clear()
    walk.along(*filled(market))
    walk.look_at("/orders/PED-99999")
    full = len(walk.seen)

    assert walk.pages - walk.seen == {"/signin"}
    assert walk.faults == []
    print(f"axe: {empty} kinds of pages of an empty shop and {full} of a full one, light and dark: 0 serious faults")


def filled(market: OpenMarket) -> list[str]:
    """Where to begin in a shop with a month behind it and something of each kind on its desks."""
    seed_month(market.database)
    conversation = market.converse(
        ("customer", "hola"), ("assistant", "¿Cuál?", ["Blanco", "Integral"]), owner="queued"
    )
    market.claims(conversation, "Camila Torres")
    paid_order(market, "TRX-1")
    returned(market)
    pending = market.staff_sees(lambda staff: staff.fulfillments(status=["pending"])).fulfillments
    # What a partner sends is picked at no place of ours.
    place, number = next((part.location, part.number) for part in pending if part.location)
    market.staff_sees(lambda staff: staff.start_walk(place, [number], key=uuid4().hex))
    member = NewMember(email="eva@laesquina.co", name="Eva Luz", role="sales")
    welcome = market.staff_sees(lambda staff: staff.admit_member(member, key=uuid4().hex)).link
    invited = welcome.removeprefix(f"{market.url}/console")
    quote = drafted(market).number
    erasable = caller(market, "Marta Díaz", "+573007654321")
    looked(market, erasable)
    own = f"/conversations/{conversation}", f"/sales/quotes/{quote}", invited, f"/privacy/customers/{erasable}"
    return ["/", "/finance", "/warehouse/find?code=no", *own]


@pytest.mark.timeout(300)
def test_no_page_of_a_customer_or_partner_has_a_serious_fault(page: Page, market: OpenMarket) -> None:
    faults: list[str] = []
    addresses = addresses_for_others(market)
    for address in addresses:
        page.goto(address)
        faults += faults_of(page)
    page.goto(market.url)
    chat = ChatPage(page)
    chat.open()
    chat.say("hola")
    chat.expect_sent("hola")
    faults += faults_of(page)
    page.set_viewport_size(PHONE)
    faults += faults_of(page)

    assert faults == []
    print(f"axe: {len(addresses)} pages of customers and partners and the chat, light and dark: 0 serious faults")


def addresses_for_others(market: OpenMarket) -> list[str]:
    """The shop, its promise of privacy, and what links open: a parcel, a document, a payment, a partner's order."""
    links.carry(market.database, links.Links(market.url, market.settings.signing_key()))
    seed_month(market.database)
    number = market.order((MILK, "2")).number
    market.staff_sees(lambda staff: shop_staff.ship(staff, number))
    opened = Store(market.settings.home / "demo-provider.db").open(
        {
            "key": "axe", "number": "PAGO-1", "description": number, "amount_minor": 15_100, "currency": "COP",
            "expires_at": (clock.now() + timedelta(hours=1)).isoformat(), "return_url": market.url,
        }
    )  # fmt: skip
    with market.database.read() as session:
        purchase, partner = session.execute(
            select(PurchaseOrder, Partner).join(Partner, Partner.id == PurchaseOrder.partner_id).limit(1)
        ).one()
        found = [
            link_tracking(session, orders.find_any(session, number).order),
            link_purchase_order(session, partner, purchase),
            link_invoice(session, session.scalars(select(Invoice.id).limit(1)).one()),
        ]
    linked = [link for link in found if link]
    assert len(linked) == 3
    linked.append(f"{market.url}/demo-pay/{opened.id}")
    return [market.url, f"{market.url}/shop/privacy", *linked, *(f"{link}x" for link in linked)]
