"""What a discount takes off which line: plain terms that an order keeps, and the shares they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from backend.pricing import split
from kernel.money import round_half_away


@dataclass(frozen=True, slots=True)
class Terms:
    """See Discount. An order keeps them as they were, so that a change of it is priced by the same."""

    code: str
    name_es: str
    name_en: str
    kind: str
    percent: Decimal | None
    amount_minor: int | None
    sku: str | None
    category: str | None
    minimum_minor: int

    def kept(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"percent": None if self.percent is None else str(self.percent)}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        percent = kept["percent"]
        return cls(**kept | {"percent": None if percent is None else Decimal(percent)})


@dataclass(frozen=True, slots=True)
class Goods:
    """A line before any discount, at the shop's prices."""

    sku: str
    category: str | None
    listed_minor: int


def shares(terms: Terms, lines: Sequence[Goods]) -> list[int]:
    """What is taken off each line; together exactly the discount, never more than the lines it is on cost.

    It is rounded once, as a whole, and split in proportion; what rounding leaves goes to the largest remainders.
    """
    if sum(line.listed_minor for line in lines) < terms.minimum_minor:
        return [0] * len(lines)
    weights = [line.listed_minor if _is_on(terms, line) else 0 for line in lines]
    whole = sum(weights)
    off = terms.amount_minor if terms.percent is None else round_half_away(whole * terms.percent / 100)
    assert off is not None, "it is of one kind"
    return split(min(off, whole), weights)


def _is_on(terms: Terms, line: Goods) -> bool:
    if terms.sku is not None:
        return line.sku == terms.sku
    return terms.category is None or line.category == terms.category
