"""Change a cart: a list of changes, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.errors import InvalidChange, QuantityTooLarge
from backend.carts.quantity import MAX_QUANTITY, base_units
from backend.carts.service import Line
from backend.catalog.errors import UnknownSku, UnknownUnit
from backend.catalog.service import Offer, Unit, offers, unit_named
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.inventory import service as inventory
from backend.workflows.check_stock import check_stock
from backend.workflows.price_cart import PricedCart, price_cart


@dataclass(frozen=True, slots=True)
class Change:
    """`add`, `set`, `remove` a variant or `clear` the cart; `quantity` as a decimal string of `unit`.

    What is lacking of it `may_wait` for goods to come.
    """

    op: Literal["add", "set", "remove", "clear"]
    sku: str | None = None
    quantity: str | None = None
    unit: str | None = None
    may_wait: bool = False


def change_cart(session: Session, customer_id: str, changes: Sequence[Change]) -> PricedCart:
    """Apply `changes` in order to the customer's open cart.

    Records: the cart's lines and its next version; what was held for it is given back.
    Raises: UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge, InvalidChange, CartFull, OutOfStock.
    """
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    cart = carts.open_for_change(session, customer_id)
    assert cart.id is not None, "an open cart has an id"
    inventory.release_hold(session, cart.id)
    skus = {line.sku for line in cart.lines} | {change.sku for change in changes if change.sku}
    offered = offers(session, sorted(skus))
    lines = list(cart.lines)
    for change in changes:
        lines = apply(lines, change, offered)
    wanted_more = {change.sku for change in changes if change.op in ("add", "set")}
    check_stock(session, [line for line in lines if line.sku in wanted_more], offered)
    saved = carts.save(session, cart.id, cart.version, lines, cart.choice)
    return price_cart(session, saved, offered)


def apply(lines: list[Line], change: Change, offered: Mapping[str, Offer]) -> list[Line]:
    """Lines after one change of them.

    Raises: UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge, InvalidChange.
    """
    if change.op == "clear":
        return []
    if change.sku is None:
        raise InvalidChange(op=change.op, missing="sku")
    mine = [line for line in lines if line.sku == change.sku]
    if change.op == "remove":
        if not mine and change.sku not in offered:
            raise UnknownSku(sku=change.sku)
        return [line for line in lines if line.sku != change.sku]
    offer = offered.get(change.sku)
    if offer is None:
        raise UnknownSku(sku=change.sku)
    if change.quantity is None:
        raise InvalidChange(op=change.op, missing="quantity")
    unit = _unit(offer, change, mine)
    wanted = Line(change.sku, unit.code, unit.factor, base_units(change.quantity, unit.factor), change.may_wait)
    return _add(lines, wanted) if change.op == "add" else _set(lines, wanted)


def _unit(offer: Offer, change: Change, mine: Sequence[Line]) -> Unit:
    """The unit a change speaks of. Said: that one. Not said: a `set` keeps the line's own, else the usual one."""
    if change.unit is None and change.op == "set" and len(mine) == 1:
        return next((unit for unit in offer.units if unit.code == mine[0].unit), offer.units[0])
    if change.unit is None:
        return offer.units[0]
    unit = unit_named(offer, change.unit)
    if unit is None:
        raise UnknownUnit(sku=offer.sku, name=offer.name, unit=change.unit)
    return unit


def _add(lines: list[Line], wanted: Line) -> list[Line]:
    for index, line in enumerate(lines):
        if (line.sku, line.unit) == (wanted.sku, wanted.unit):
            base_quantity = line.base_quantity + wanted.base_quantity
            if base_quantity > MAX_QUANTITY * wanted.factor:
                raise QuantityTooLarge(limit=MAX_QUANTITY)
            more = replace(wanted, base_quantity=base_quantity, may_wait=line.may_wait or wanted.may_wait)
            return [*lines[:index], more, *lines[index + 1 :]]
    return [*lines, wanted]


def _set(lines: list[Line], wanted: Line) -> list[Line]:
    """`wanted` in the place of the variant's first line, and instead of all of them; who waits for it goes on to."""
    if any(line.may_wait for line in lines if line.sku == wanted.sku):
        wanted = replace(wanted, may_wait=True)
    first = next((index for index, line in enumerate(lines) if line.sku == wanted.sku), len(lines))
    before = lines[:first]
    return [*before, wanted, *(line for line in lines[first:] if line.sku != wanted.sku)]
