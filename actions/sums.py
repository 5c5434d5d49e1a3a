"""The sums beneath the lines of a cart or an order: what they cost, and the tax, in them or on top."""

from __future__ import annotations

from typing import Protocol

from actions import wording
from actions.turn import Turn
from backend.schemas.base import Money
from backend.schemas.shop import Shop


class Taxed(Protocol):
    """What an order would become."""

    @property
    def tax(self) -> Money: ...
    @property
    def prices_include_tax(self) -> bool: ...


class Priced(Taxed, Protocol):
    """A cart or an order."""

    @property
    def subtotal(self) -> Money: ...


def sums(turn: Turn, priced: Priced, shop: Shop) -> str:
    """Each sum on a line of its own; the total and the delivery are the caller's to say."""
    subtotal = wording.money(priced.subtotal, shop, turn.language)
    tax = wording.money(priced.tax, shop, turn.language)
    if priced.prices_include_tax:
        return turn.text("sums_tax_inside", subtotal=subtotal, tax=tax)
    return turn.text("sums_tax_on_top", subtotal=subtotal, tax=tax)


def tax_on_top(turn: Turn, priced: Taxed, shop: Shop) -> str:
    """The tax on a line of its own, beneath the lines, where it comes on top; else nothing."""
    if priced.prices_include_tax:
        return ""
    return "\n" + turn.text("sums_tax", tax=wording.money(priced.tax, shop, turn.language))
