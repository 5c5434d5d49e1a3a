"""The sums beneath the lines of a cart or an order: what they cost, what is taken off, the tax, in them or on top."""

from __future__ import annotations

from typing import Protocol

from actions import wording
from actions.turn import Turn
from backend.schemas.base import Money
from backend.schemas.carts import AppliedDiscount, Cart
from backend.schemas.shop import Shop


class Charged(Protocol):
    """What an order would become."""

    @property
    def discount(self) -> AppliedDiscount | None: ...
    @property
    def tax(self) -> Money: ...
    @property
    def prices_include_tax(self) -> bool: ...


class Priced(Charged, Protocol):
    """A cart or an order."""

    @property
    def subtotal(self) -> Money: ...


def sums(turn: Turn, priced: Priced, shop: Shop) -> str:
    """Each sum on a line of its own; the delivery and the total are the caller's to say."""
    subtotal = wording.money(priced.subtotal, shop, turn.language)
    tax = wording.money(priced.tax, shop, turn.language)
    if priced.prices_include_tax and priced.discount is None:
        return turn.text("sums_tax_inside", subtotal=subtotal, tax=tax)
    first = turn.text("sums_subtotal", subtotal=subtotal)
    if not priced.prices_include_tax:
        return first + beneath(turn, priced, shop)
    return first + beneath(turn, priced, shop) + "\n" + turn.text("sums_tax_included", tax=tax)


def refused(turn: Turn, cart: Cart, shop: Shop) -> str:
    """Why the customer's coupon takes nothing off, where it does not; another that is better says so itself."""
    why = cart.discount_refused
    if why is None or why.reason == "better":
        return ""
    minimum = wording.money(why.minimum, shop, turn.language) if why.minimum else ""
    return "\n" + turn.text(f"discount_refused_{why.reason}", code=why.code, minimum=minimum)


def beneath(turn: Turn, charged: Charged, shop: Shop) -> str:
    """What stands between the lines and the total: the discount, and the tax where it comes on top."""
    told = list(filter(None, [discounted(turn, charged, shop)]))
    if not charged.prices_include_tax:
        told.append(turn.text("sums_tax", tax=wording.money(charged.tax, shop, turn.language)))
    return "".join(f"\n{one}" for one in told)


def discounted(turn: Turn, charged: Charged, shop: Shop) -> str:
    """What is taken off and why, on one line; nothing where there is no discount."""
    if charged.discount is None:
        return ""
    amount = wording.money(charged.discount.amount, shop, turn.language)
    return turn.text("sums_discount", name=wording.words(charged.discount.name, turn.language), amount=amount)


def delivery(turn: Turn, fee: Money, shop: Shop) -> str:
    """What the delivery costs, which may be nothing."""
    return wording.money(fee, shop, turn.language) if fee.amount_minor else turn.text("delivery_free")
