"""What a line costs: its price times its quantity, less its discount, with the tax inside or on top.

Everything that is priced says it in the same words: offers, lines as they are agreed, lines of an order.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """`total_minor` is what is paid, `tax_minor` of it tax; `discount_minor` was taken off the price."""

    @property
    def price_includes_tax(self) -> bool: ...
    @property
    def discount_minor(self) -> int: ...
    @property
    def tax_minor(self) -> int: ...
    @property
    def total_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Charge:
    """What is paid in the end, how much of it is tax, and what was taken off the price before."""

    discount_minor: int
    total_minor: int
    tax_minor: int


def listed(priced: Priced, base_quantity: int) -> int:
    """The price of `base_quantity` base units, rounded once, at the end."""
    return round_half_away(Decimal(priced.price_minor) * base_quantity / priced.price_quantity)


def charge(priced: Priced, base_quantity: int, discount_minor: int = 0) -> Charge:
    """What `base_quantity` base units cost in the end: tax is on what the discount leaves, rounded once, by line."""
    price_minor = listed(priced, base_quantity) - discount_minor
    if priced.price_includes_tax:
        return Charge(discount_minor, price_minor, tax_included(price_minor, priced.tax_rate))
    tax_minor = tax_on_top(price_minor, priced.tax_rate)
    return Charge(discount_minor, price_minor + tax_minor, tax_minor)


def as_listed(line: Charged) -> int:
    """What a line costs in the shop's prices, before its discount: without the tax where that comes on top."""
    on_top_minor = 0 if line.price_includes_tax else line.tax_minor
    return line.total_minor - on_top_minor + line.discount_minor


def net_discount(line: Charged, rate: Decimal) -> int:
    """How much less a line is without tax than it would be without its discount."""
    if not line.price_includes_tax:
        return line.discount_minor
    before_minor = line.total_minor + line.discount_minor
    net_minor = line.total_minor - line.tax_minor
    # A part of a line has a share of its tax: that is a unit more, or less, than its own would be.
    return max(before_minor - tax_included(before_minor, rate) - net_minor, 0)


def share(whole_minor: int, quantity: int, before: int, part: int) -> int:
    """What `part` of `quantity` costs of `whole_minor`, after `before` of it were counted; parts add up exactly.

    The last part takes the rest:
    `share(1000, 3, 0, 1), share(1000, 3, 1, 1), share(1000, 3, 2, 1) == 333, 334, 333`.
    """
    assert 0 <= before < before + part <= quantity, "a part lies within the whole"
    return _upto(whole_minor, quantity, before + part) - _upto(whole_minor, quantity, before)


def _upto(whole_minor: int, quantity: int, count: int) -> int:
    return round_half_away(Decimal(whole_minor) * count / quantity)


def split(whole_minor: int, weights: Sequence[int]) -> list[int]:
    """Parts of an amount in proportion to `weights`, which add up to it exactly.

    What rounding down leaves goes to the largest remainders, the first of equals:
    `split(100, [1, 1, 1]) == [34, 33, 33]`.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    parts = [whole_minor * weight // total for weight in weights]
    largest = sorted(range(len(weights)), key=lambda at: (-(whole_minor * weights[at] % total), at))
    for at in largest[: whole_minor - sum(parts)]:
        parts[at] += 1
    return parts
