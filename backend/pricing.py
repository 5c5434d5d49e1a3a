"""What a line costs: its price times its quantity, with the tax inside or on top.

Everything that is priced says it in the same words: offers, lines as they are agreed, lines of an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from kernel.money import round_half_away, tax_included, tax_on_top


class Priced(Protocol):
    """`price_minor` is for `price_quantity` base units; the tax at `tax_rate` is in it, or comes on top."""

    @property
    def price_minor(self) -> int: ...
    @property
    def price_quantity(self) -> int: ...
    @property
    def price_includes_tax(self) -> bool: ...
    @property
    def tax_rate(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Price:
    """See Priced."""

    price_minor: int
    price_quantity: int
    price_includes_tax: bool
    tax_rate: Decimal


class Charged(Protocol):
    """`total_minor` is what is paid, `tax_minor` of it tax."""

    @property
    def price_includes_tax(self) -> bool: ...
    @property
    def tax_minor(self) -> int: ...
    @property
    def total_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Charge:
    """What is paid in the end, and how much of it is tax."""

    total_minor: int
    tax_minor: int


def listed(priced: Priced, base_quantity: int) -> int:
    """The price of `base_quantity` base units, rounded once, at the end."""
    return round_half_away(Decimal(priced.price_minor) * base_quantity / priced.price_quantity)


def charge(priced: Priced, base_quantity: int) -> Charge:
    """What `base_quantity` base units cost in the end. The tax is rounded once, by line."""
    price_minor = listed(priced, base_quantity)
    if priced.price_includes_tax:
        return Charge(price_minor, tax_included(price_minor, priced.tax_rate))
    tax_minor = tax_on_top(price_minor, priced.tax_rate)
    return Charge(price_minor + tax_minor, tax_minor)


def as_listed(line: Charged) -> int:
    """What a line costs in the shop's prices: without the tax where that comes on top."""
    return line.total_minor if line.price_includes_tax else line.total_minor - line.tax_minor
