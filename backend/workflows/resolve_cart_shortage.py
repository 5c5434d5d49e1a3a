"""Resolve a shortage in the cart: the customer chose to wait, to take something else or less, or to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.errors import InvalidChange, NotInCart
from backend.carts.service import Line
from backend.catalog.service import Offer, offers
from backend.catalog.substitutes import substitutes
from backend.inventory import service as inventory
from backend.inventory.errors import NotASubstitute
from backend.workflows.available_variants import available_variants
from backend.workflows.check_stock import check_stock
from backend.workflows.offer_choices import out_of_stock
from backend.workflows.price_cart import PricedCart, pickup_place, price_cart

CartChoice = Literal["wait", "drop", "substitute", "reduce"]


def resolve_cart_shortage(
    session: Session, customer_id: str, sku: str, choice: CartChoice, substitute_sku: str | None = None
) -> PricedCart:
    """The customer's cart after the choice for `sku`.

    Records: the cart's lines and its next version; what was held for it is given back.
    Raises: NotInCart, InvalidChange, NotASubstitute, OutOfStock when that cannot be chosen (any more).
    """
    if (choice == "substitute") != (substitute_sku is not None):
        raise InvalidChange("a substitute is named when one is chosen, and only then", op=choice, missing="substitute")
    cart = carts.lock_open(session, customer_id)
    mine = [line for line in cart.lines if line.sku == sku]
    if cart.id is None or not mine:
        raise NotInCart(sku=sku)
    inventory.release_hold(session, cart.id)
    at = pickup_place(session, cart.choice)
    offered = offers(session, [sku, *([substitute_sku] if substitute_sku else [])])
    if choice == "wait":
        instead = [replace(line, may_wait=True) for line in mine]
    elif choice == "reduce":
        instead = [_reduced(session, mine, offered.get(sku), at)]
    elif substitute_sku is not None:
        if substitute_sku not in substitutes(session, sku) or substitute_sku not in offered:
            raise NotASubstitute(sku=sku, substitute_sku=substitute_sku)
        instead = [_swapped(line, offered[substitute_sku]) for line in mine]
    else:
        instead = []
    lines = _instead_of(cart.lines, sku, instead)
    check_stock(session, [line for line in lines if line.sku in {each.sku for each in instead}], offered, at)
    return price_cart(session, carts.save(session, cart.id, cart.version, lines, cart.choice))


def _reduced(session: Session, mine: list[Line], offer: Offer | None, at: str | None) -> Line:
    """One line of what there is, in whole units of the kind the customer spoke of last."""
    available = available_variants(session, [mine[-1].sku], at)[mine[-1].sku] if offer else 0
    units = min(available, sum(line.base_quantity for line in mine)) // mine[-1].factor
    if not units:
        raise out_of_stock(session, mine, offer, available, at)
    return replace(mine[-1], base_quantity=units * mine[-1].factor, may_wait=False)


def _swapped(line: Line, offer: Offer) -> Line:
    """As many of the substitute, in the same unit if it is sold in that, else in its usual one; at least one."""
    unit = next((unit for unit in offer.units if unit.code == line.unit), offer.units[0])
    base_quantity = max(1, line.base_quantity * unit.factor // line.factor)
    return Line(offer.sku, unit.code, unit.factor, base_quantity)


def _instead_of(lines: tuple[Line, ...], sku: str, instead: list[Line]) -> list[Line]:
    """`instead` in the place of the first line of `sku`; lines that now are of one variant and unit become one."""
    first = next(index for index, line in enumerate(lines) if line.sku == sku)
    others = [line for line in lines[first:] if line.sku != sku]
    merged: dict[tuple[str, str], Line] = {}
    for line in [*lines[:first], *instead, *others]:
        there = merged.get((line.sku, line.unit))
        if there is not None:
            line = replace(
                there,
                base_quantity=there.base_quantity + line.base_quantity,
                may_wait=there.may_wait or line.may_wait,
            )
        merged[line.sku, line.unit] = line
    return list(merged.values())
