"""The page of an order shows how far it is: promise, parcels, and what its customer has to decide."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from backend.app import create_app as create_backend
from backend.client import BackendClient
from backend.schemas.carts import CartChange
from backend.schemas.returns import NewReturn, NewReturnFor, NewReturnLine, ReturnLineFor
from console.app import create_app
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal, mint
from tests import shop_staff


class Pages:
    """The demo shop, its staff at the OMS, and their browser at the console."""

    def __init__(self, home: Path, shop: Path) -> None:
        shutil.copy(shop, home / "oms.db")
        values = {
            "COMANDA_HOME": home,
            "COMANDA_SECRET": "s" * 40,
            "DATABASE_URL": f"sqlite:///{home / 'oms.db'}",
            "BACKEND_URL": "http://oms",
        }
        self.settings = Settings.model_validate(values)
        self.database = Database(self.settings.database_url)
        self.transport = httpx.ASGITransport(create_backend(self.settings, self.database))
        staff = Principal("staff", "x", grants=frozenset({"role:admin"}))
        self.token = mint(staff, self.settings.signing_key(), timedelta(minutes=1))

    async def read(self, number: str, language: str) -> str:
        console = httpx.ASGITransport(create_app(self.settings, self.transport, self.transport))
        cookies = {"comanda_staff": self.token}
        async with httpx.AsyncClient(transport=console, base_url="http://console", cookies=cookies) as browser:
            page = await browser.get(f"/orders/{number}", headers={"Accept-Language": language})
        assert page.status_code == 200
        return page.text


@pytest.fixture
async def pages(demo_shop: Path, tmp_path: Path) -> AsyncIterator[Pages]:
    pages = Pages(tmp_path, demo_shop)
    yield pages
    pages.database.dispose()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "es",
            [
                "Entregado en parte",
                "Prometido para",
                "Paquetes",
                "Guía",
                "En camino",
                "1 × Leche entera",
                '<th scope="row">Leche entera',
                "1 unidad<",
            ],
        ),
        (
            "en",
            [
                "Delivered in part",
                "Promised for",
                "Parcels",
                "Tracking number",
                "On its way",
                "1 × Whole milk",
                '<th scope="row">Whole milk',
                "1 unit<",
            ],
        ),
    ],
)
async def test_the_page_of_an_order_shows_its_parcels(pages: Pages, language: str, said: list[str]) -> None:
    async with BackendClient("http://oms", pages.token, transport=pages.transport) as client:
        number = await _ordered(client, pages.settings)
        await shop_staff.ship(client, number, is_apart=True)
        await shop_staff.tell(client, number, "in_transit")
        await shop_staff.deliver(client, number, most=1)

        page = await pages.read(number, language)

    assert [words for words in said if words not in page] == []
    assert "RMA-" not in page


@pytest.mark.parametrize(
    ("language", "fetched", "left"),
    [
        ("es", "La recogemos: ", "La deja en un punto: Papelería El Lápiz, Carrera 13 # 60-15; Droguería Cedritos"),
        ("en", "We fetch it: ", "Left at a drop-off point: Papelería El Lápiz, Carrera 13 # 60-15; Droguería Cedritos"),
    ],
)
async def test_it_shows_how_its_returns_come_back(pages: Pages, language: str, fetched: str, left: str) -> None:
    async with BackendClient("http://oms", pages.token, transport=pages.transport) as client:
        number = await _ordered(client, pages.settings)
        await shop_staff.ship(client, number)
        await shop_staff.deliver(client, number)
        milk, eggs = (
            NewReturnFor(lines=[ReturnLineFor(line=sku, quantity=1, reason="not_wanted")], way=way)
            for sku, way in (("LECHE-ENTERA-1L", "pickup"), ("HUEVO-AA", "drop_off"))
        )
        customer = Principal("customer", (await client.staff_order(number)).customer_id)
        as_customer = client.with_token(mint(customer, pages.settings.signing_key(), timedelta(minutes=1)))
        wish = NewReturn(lines=[NewReturnLine(line="LECHE-ENTERA-1L", quantity=1, reason="not_wanted")], way="pickup")
        [slot, *_] = (await as_customer.quote_return(number, wish)).pickup_slots
        fetched_then = milk.model_copy(update={"pickup_on": slot.on, "pickup_slot": slot.slot})
        first = await client.request_return_for(number, fetched_then, key="milk")
        second = await client.request_return_for(number, eggs, key="eggs")

        told = await client.returns_of(number)
        page = await pages.read(number, language)

    assert [(each.number, each.pickup_on, each.pickup_slot) for each in told] == [
        (first.number, slot.on, slot.slot), (second.number, None, None),
    ]  # fmt: skip
    assert [[point.code for point in each.drop_off_points] for each in told] == [[], ["lapiz", "cedritos", "salitre"]]
    plain = " ".join(re.sub(r"<[^>]+>", "", page).split())
    begin = plain.index(fetched)
    assert slot.slot.replace("-", "–") in plain[begin : begin + 80]
    assert left in plain
    assert first.number in plain


async def _ordered(client: BackendClient, settings: Settings) -> str:
    service = client.with_token(mint(Principal("service", "bot"), settings.signing_key(), timedelta(minutes=1)))
    customer_id = (await service.resolve_identity("web", str(uuid4()))).customer_id
    customer = client.with_token(mint(Principal("customer", customer_id), settings.signing_key(), timedelta(minutes=1)))
    wanted = [CartChange(op="add", sku=sku, quantity="1") for sku in ("LECHE-ENTERA-1L", "HUEVO-AA")]
    await customer.change_cart(wanted, key="cart")
    await customer.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key="checkout")
    confirmation = await customer.confirm_cart(key="confirmation")
    return (await customer.place_order(confirmation.confirmation)).number
