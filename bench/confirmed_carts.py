"""Customers who have a full cart and have just confirmed it: an order each, waiting to be placed.

They are made through the OMS's own API, in this process. Every order has three lines; in every second one the first
line is the one product that everybody wants, so that orders meet at its stock as they do on a good day.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

import backend.migrations
from backend.app import create_app
from backend.client import BackendClient
from backend.inventory import service as inventory
from backend.inventory.models import Location
from backend.schemas.carts import CartChange
from backend.schemas.orders import Order
from backend.seed import seed
from kernel import tokens
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal

LINES = 3
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ConfirmedCart:
    """What it takes to place an order: the customer's token and what the customer confirmed."""

    token: str
    confirmation: str


def confirmed_carts(settings: Settings, count: int) -> list[ConfirmedCart]:
    """Fill the settings' empty database with the demo shop and `count` customers; one confirmed cart each."""
    backend.migrations.upgrade(settings.database_url)
    with _open(settings) as database:
        seed(database)
    return asyncio.run(_confirm_all(settings, count))


def placed_in_turn(settings: Settings, database: Database, carts: Sequence[ConfirmedCart]) -> Iterator[Order]:
    """Place the orders one after the other, in this process; each is yielded when it is placed."""
    with asyncio.Runner() as runner:
        anyone = _client(settings, database)
        for cart in carts:
            yield runner.run(anyone.with_token(cart.token).place_order(cart.confirmation))
        runner.run(anyone.close())


async def _confirm_all(settings: Settings, count: int) -> list[ConfirmedCart]:
    with _open(settings) as database:
        async with _client(settings, database) as anyone:
            key = settings.signing_key()
            service = anyone.with_token(tokens.mint(Principal("service", "bench"), key, LIFETIME))
            carts = []
            shelf = await _stocked_skus(service, database, everyone=count * LINES)
            hot, others = shelf[0], itertools.cycle(shelf[1:])
            for number in range(count):
                customer_id = (await service.resolve_identity("web", f"bench-{number}")).customer_id
                token = tokens.mint(Principal("customer", customer_id), key, LIFETIME)
                first = hot if number % 2 == 0 else next(others)
                skus = [first, *itertools.islice(others, LINES - 1)]
                carts.append(ConfirmedCart(token, await _confirm(anyone.with_token(token), skus)))
            return carts


async def _stocked_skus(client: BackendClient, database: Database, everyone: int) -> list[str]:
    """Products of the demo shop, with so much of each that `everyone` may have it."""
    categories = await client.categories()
    skus = [variant.sku for category in categories for variant in await client.category_variants(category.code)]
    with database.write() as session:
        location_id = session.scalars(select(Location.id).order_by(Location.preference)).first()
        assert location_id, "the demo shop has a place for its goods"
        for sku in skus:
            # Whatever its unit holds.
            inventory.receive(session, sku, location_id, everyone * 1_000)
    return skus


async def _confirm(customer: BackendClient, skus: list[str]) -> str:
    added = [CartChange(op="add", sku=sku, quantity="1") for sku in skus]
    await customer.change_cart(added, key="bench:add")
    await customer.choose_checkout(
        address_text="Calle 45 # 12-30, Bogotá", payment_method="cash_on_delivery", key="bench:checkout"
    )
    return (await customer.confirm_cart(key="bench:confirm")).confirmation


def _client(settings: Settings, database: Database) -> BackendClient:
    app = create_app(settings, database)
    return BackendClient("http://oms", transport=httpx.ASGITransport(app))


@contextmanager
def _open(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.dispose()
