"""Customers who have a full cart and have just confirmed it: an order each, waiting to be placed.

Every order has three lines; in every second one the first line is the one product that everybody wants, so that
orders meet at its stock as they do on a good day.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

import backend.migrations
from backend.app import create_app
from backend.client import BackendClient
from backend.customers import service as customers
from backend.inventory import service as inventory
from backend.inventory.models import Location, StockLevel
from backend.schemas.orders import Order
from backend.seed import seed
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from kernel import durable, tokens
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
    database = Database(settings.database_url)
    durable.migrate(database)
    seed(database, settings)
    with database.write() as session:
        hot, *others = _stocked_skus(session, enough=count * LINES)
        next_sku = itertools.cycle(others)
        carts = []
        for number in range(count):
            first = hot if number % 2 == 0 else next(next_sku)
            skus = [first, *itertools.islice(next_sku, LINES - 1)]
            carts.append(_confirmed_cart(session, settings, f"bench-{number}", skus))
    database.dispose()
    return carts


def _stocked_skus(session: Session, enough: int) -> list[str]:
    """The demo shop's products, each with so much of it that `enough` of its largest unit may be had."""
    location_id = session.scalars(select(Location.id).order_by(Location.preference)).first()
    assert location_id, "the demo shop has a place for its goods"
    skus = session.scalars(select(StockLevel.sku).distinct().order_by(StockLevel.sku)).all()
    for sku in skus:
        inventory.receive(session, sku, location_id, enough * 1_000)
    return list(skus)


def _confirmed_cart(session: Session, settings: Settings, name: str, skus: Sequence[str]) -> ConfirmedCart:
    customer_id = customers.resolve(session, "web", name)
    change_cart(session, customer_id, [Change("add", sku, "1") for sku in skus])
    choose_checkout(session, customer_id, address_text="Calle 45 # 12-30, Bogotá", payment_method="cash_on_delivery")
    token = tokens.mint(Principal("customer", customer_id), settings.signing_key(), LIFETIME)
    return ConfirmedCart(token, confirm_cart(session, customer_id).confirmation)


def placed_in_turn(settings: Settings, database: Database, carts: Sequence[ConfirmedCart]) -> Iterator[Order]:
    """Place the orders one after the other, in this process; each is yielded when it is placed."""
    with asyncio.Runner() as runner:
        anyone = BackendClient("http://oms", transport=httpx.ASGITransport(create_app(settings, database)))
        for cart in carts:
            yield runner.run(anyone.with_token(cart.token).place_order(cart.confirmation))
        runner.run(anyone.close())
