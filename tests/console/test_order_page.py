"""The page of an order shows how far it is: promise, parcels, and what its customer has to decide."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from backend.app import create_app as create_backend
from backend.client import BackendClient
from backend.schemas.carts import CartChange
from backend.seed import seed
from console.app import create_app
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal, mint
from tests import shop_staff
from tests.conftest import migrate


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ["Entregado en parte", "Prometido para", "Paquetes", "Guía", "En camino", "1 × Leche entera"]),
        ("en", ["Delivered in part", "Promised for", "Parcels", "Tracking number", "On its way", "1 × Whole milk"]),
    ],
)
async def test_the_page_of_an_order_shows_its_parcels(tmp_path: Path, language: str, said: list[str]) -> None:
    settings = Settings.model_validate(
        {
            "COMANDA_HOME": tmp_path,
            "COMANDA_SECRET": "s" * 40,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'oms.db'}",
            "BACKEND_URL": "http://oms",
        }
    )
    migrate(settings.database_url)
    database = Database(settings.database_url)
    seed(database, settings)
    oms = httpx.ASGITransport(create_backend(settings, database))
    staff = mint(
        Principal("staff", "x", grants=frozenset({"role:admin"})), settings.signing_key(), timedelta(minutes=1)
    )
    async with BackendClient("http://oms", staff, transport=oms) as client:
        number = await _ordered(client, settings)
        await shop_staff.ship(client, number, is_apart=True)
        await shop_staff.tell(client, number, "in_transit")
        await shop_staff.deliver(client, number, most=1)

        console = httpx.ASGITransport(create_app(settings, oms, oms))
        async with httpx.AsyncClient(
            transport=console, base_url="http://console", cookies={"comanda_staff": staff}
        ) as browser:
            page = await browser.get(f"/orders/{number}", headers={"Accept-Language": language})

    assert page.status_code == 200
    assert [words for words in said if words not in page.text] == []
    database.dispose()


async def _ordered(client: BackendClient, settings: Settings) -> str:
    service = client.with_token(mint(Principal("service", "bot"), settings.signing_key(), timedelta(minutes=1)))
    customer_id = (await service.resolve_identity("web", str(uuid4()))).customer_id
    customer = client.with_token(mint(Principal("customer", customer_id), settings.signing_key(), timedelta(minutes=1)))
    wanted = [CartChange(op="add", sku=sku, quantity="1") for sku in ("LECHE-ENTERA-1L", "HUEVO-AA")]
    await customer.change_cart(wanted, key="cart")
    await customer.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key="checkout")
    confirmation = await customer.confirm_cart(key="confirmation")
    return (await customer.place_order(confirmation.confirmation)).number
