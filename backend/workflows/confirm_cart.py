"""Confirm a cart: bind what the customer is about to be shown, so that only that can be ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.errors import AddressMissing, CartEmpty, PaymentMethodMissing
from backend.carts.service import CartContent, Line
from backend.catalog.service import Offer, offers
from backend.inventory import service as inventory
from backend.inventory.service import HeldForCart, Short, Wish
from backend.workflows.offer_choices import out_of_stock
from backend.workflows.price_cart import PricedCart, PricedLine, pickup_place, price_cart, promise_with
from backend.workflows.tell_low_stock import tell_low_stock


@dataclass(frozen=True, slots=True)
class WaitingPart:
    """`base_quantity` base units of a line are not there yet, but will have come by `promised_on`."""

    line: PricedLine
    base_quantity: int
    promised_on: date


@dataclass(frozen=True, slots=True)
class ConfirmationToShow:
    """`confirmation` is opaque and stands for `cart` until `expires_at`.

    `held_until` says how long its goods are set aside; None when they are not. `waiting` will come later.
    """

    confirmation: str
    cart: PricedCart
    expires_at: datetime
    held_until: datetime | None
    waiting: tuple[WaitingPart, ...]


def confirm_cart(session: Session, customer_id: str) -> ConfirmationToShow:
    """What the customer will be asked to confirm; its goods are set aside for a while, as far as the shop allows.

    Records: a Confirmation, StockHold rows, an Allocation, the event `stock.low`.
    Raises: CartEmpty, AddressMissing, PaymentMethodMissing, OutOfStock.
    """
    cart = carts.lock_open(session, customer_id)
    if not cart.lines:
        raise CartEmpty()
    if cart.choice.address is None:
        raise AddressMissing()
    if cart.choice.payment_method is None:
        raise PaymentMethodMissing()
    offered = offers(session, sorted({line.sku for line in cart.lines}))
    priced = price_cart(session, cart, offered)
    held = _hold(session, cart, priced, offered)
    waiting = _waiting(session, cart, priced, held)
    if waiting:
        priced = replace(priced, promised_on=promise_with(session, priced, max(line.promised_on for line in waiting)))
    tell_low_stock(session)
    confirmation, expires_at = carts.remember_confirmation(session, cart, priced.shown() | _told(priced, waiting))
    return ConfirmationToShow(confirmation, priced, expires_at, held.expires_at, waiting)


def _hold(session: Session, cart: CartContent, priced: PricedCart, offered: Mapping[str, Offer]) -> HeldForCart:
    assert cart.id is not None, "a cart with lines has an id"
    for sku in priced.unavailable:
        raise out_of_stock(session, _of(cart, sku), None, 0)
    at = pickup_place(session, cart.choice)
    ours = [line for line in cart.lines if line.sku not in priced.by_partner]
    wishes = [Wish(line.sku, line.base_quantity, line.may_wait) for line in ours]
    try:
        return inventory.hold(session, cart.id, wishes, near=priced.near, at=at)
    except Short as short:
        raise out_of_stock(session, _of(cart, short.sku), offered[short.sku], short.available, at) from None


def _of(cart: CartContent, sku: str) -> list[Line]:
    return [line for line in cart.lines if line.sku == sku]


def _waiting(session: Session, cart: CartContent, priced: PricedCart, held: HeldForCart) -> tuple[WaitingPart, ...]:
    """The parts of lines that must wait, with their day: what nobody has announced any more is out of stock."""
    at = pickup_place(session, cart.choice)
    promised = inventory.promises(session, held.lacking, at)
    left = dict(held.lacking)
    patient = {(line.sku, line.unit) for line in cart.lines if line.may_wait}
    waiting = []
    for line in reversed(priced.lines):
        part = min(left.get(line.sku, 0), line.base_quantity if (line.sku, line.unit) in patient else 0)
        if not part:
            continue
        left[line.sku] -= part
        promised_on = promised[line.sku]
        if promised_on is None:
            mine = _of(cart, line.sku)
            there = sum(each.base_quantity for each in mine) - held.lacking[line.sku]
            raise out_of_stock(session, mine, offers(session, [line.sku])[line.sku], there, at)
        waiting.append(WaitingPart(line, part, promised_on))
    return tuple(reversed(waiting))


def _told(priced: PricedCart, waiting: tuple[WaitingPart, ...]) -> dict[str, Any]:
    """What is shown beside what is confirmed: a later day is told when placing, and refuses nothing."""
    return {
        "promised_on": priced.promised_on.isoformat() if priced.promised_on else None,
        "waiting": _lacking(waiting),
    }


def _lacking(waiting: tuple[WaitingPart, ...]) -> dict[str, int]:
    lacking: dict[str, int] = {}
    for each in waiting:
        lacking[each.line.sku] = lacking.get(each.line.sku, 0) + each.base_quantity
    return lacking
