"""Repeat an order: its lines go into the cart again, at today's prices, as far as they can still be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.quantity import in_units
from backend.catalog.service import Offer, offers
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.models import OrderLine
from backend.pricing import listed
from backend.workflows.available_variants import available_variants
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.price_cart import PricedCart, price_cart


@dataclass(frozen=True, slots=True)
class Skipped:
    sku: str
    name: str
    reason: Literal["discontinued", "unit_discontinued", "out_of_stock"]


@dataclass(frozen=True, slots=True)
class Repriced:
    """`was_minor` and `now_minor` are for one `unit`."""

    sku: str
    name: str
    unit: str
    was_minor: int
    now_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RepeatedOrder:
    cart: PricedCart
    skipped: tuple[Skipped, ...]
    repriced: tuple[Repriced, ...]


def repeat_order(session: Session, customer_id: str, number: str) -> RepeatedOrder:
    """Add the lines of the customer's order (or of the `latest`) to what is in the cart.

    A line that cannot be had whole is left out and named; nothing is swapped or shortened silently.

    Records: the cart's lines and its next version.
    Raises: OrderNotFound, QuantityTooLarge, CartFull.
    """
    found = orders.find(session, customer_id, number)
    cart = carts.open_for_change(session, customer_id)
    assert cart.id is not None, "an open cart has an id"
    inventory.release_hold(session, cart.id)
    skus = sorted({line.sku for line in found.lines})
    offered, free = offers(session, skus), available_variants(session, skus)
    for there in cart.lines:
        if there.sku in free:
            free[there.sku] -= there.base_quantity
    changes, skipped, repriced = [], [], []
    for line in found.lines:
        reason = _reason_to_skip(line, offered.get(line.sku), free[line.sku])
        if reason is not None:
            skipped.append(Skipped(line.sku, line.name, reason))
            continue
        free[line.sku] -= line.base_quantity
        offer = offered[line.sku]
        changes.append(Change("add", line.sku, in_units(line.base_quantity, line.factor), line.unit))
        now_minor = listed(offer, line.factor)
        if now_minor != line.unit_price_minor:
            repriced.append(Repriced(line.sku, offer.name, line.unit, line.unit_price_minor, now_minor, offer.currency))
    priced = change_cart(session, customer_id, changes) if changes else price_cart(session, cart)
    return RepeatedOrder(priced, tuple(skipped), tuple(repriced))


def _reason_to_skip(
    line: OrderLine, offer: Offer | None, free: int
) -> Literal["discontinued", "unit_discontinued", "out_of_stock"] | None:
    if offer is None:
        return "discontinued"
    if not any((unit.code, unit.factor) == (line.unit, line.factor) for unit in offer.units):
        return "unit_discontinued"
    return "out_of_stock" if free < line.base_quantity else None
