"""Apply a discount to a cart by its code, or take it off again."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.discounts.errors import (
    DiscountBelowMinimum,
    DiscountEnded,
    DiscountNotYet,
    DiscountOnNothing,
    DiscountUnknown,
    DiscountUsedUp,
)
from backend.discounts.service import canonical
from backend.workflows.discount_lines import Refused
from backend.workflows.price_cart import PricedCart, price_cart
from kernel.errors import ComandaError

# What an empty cart cannot be asked yet.
_ABOUT_GOODS = frozenset({"below_minimum", "on_nothing"})


def apply_discount(session: Session, customer_id: str, code: str) -> PricedCart:
    """The cart with the discount of this code, in place of one that was said before.

    It is kept in a cart that is still empty, and beside an automatic discount that takes off more, which then applies.

    Records: the cart's choice and its next version.
    Raises: DiscountUnknown, DiscountNotYet, DiscountEnded, DiscountUsedUp, DiscountBelowMinimum, DiscountOnNothing.
    """
    priced = _choose(session, customer_id, canonical(code))
    refused = priced.discount_refused
    if refused is not None and refused.reason != "better" and (priced.lines or refused.reason not in _ABOUT_GOODS):
        raise _refusal(refused, priced.currency)
    return priced


def remove_discount(session: Session, customer_id: str) -> PricedCart:
    """The cart without the code that was said; automatic discounts stay. Records: the cart and its next version."""
    return _choose(session, customer_id, None)


def _choose(session: Session, customer_id: str, code: str | None) -> PricedCart:
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    cart = carts.open_for_change(session, customer_id)
    assert cart.id is not None, "an open cart has an id"
    choice = replace(cart.choice, discount_code=code)
    return price_cart(session, carts.save(session, cart.id, cart.version, cart.lines, choice))


def _refusal(refused: Refused, currency: str) -> ComandaError:
    code = refused.code
    match refused.reason:
        case "not_yet":
            assert refused.valid_from is not None, "it has a beginning"
            return DiscountNotYet(discount=code, valid_from=refused.valid_from.isoformat())
        case "ended":
            return DiscountEnded(discount=code)
        case "used_up":
            return DiscountUsedUp(discount=code)
        case "below_minimum":
            minimum = {"amount_minor": refused.minimum_minor, "currency": currency}
            return DiscountBelowMinimum(discount=code, minimum=minimum)
        case "on_nothing":
            return DiscountOnNothing(discount=code)
        case _:
            return DiscountUnknown(discount=code)
