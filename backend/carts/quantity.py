"""Quantities as people send them, in whole base units."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from backend.carts.errors import InvalidQuantity, QuantityTooLarge

MAX_QUANTITY = 10_000


def base_units(quantity: str, factor: int) -> int:
    """`quantity` (a decimal string) of a unit of `factor` base units: `base_units("1.5", 12) == 18`.

    Raises: InvalidQuantity, QuantityTooLarge.
    """
    try:
        number = Decimal(quantity)
    except InvalidOperation:
        raise InvalidQuantity(quantity=quantity) from None
    if not number.is_finite() or number <= 0:
        raise InvalidQuantity(quantity=quantity)
    if number > MAX_QUANTITY:
        raise QuantityTooLarge(limit=MAX_QUANTITY)
    base = number * factor
    if base != base.to_integral_value():
        raise InvalidQuantity(quantity=quantity)
    return int(base)


def in_units(base_quantity: int, factor: int) -> str:
    """The other way, without trailing zeros: `in_units(18, 12) == "1.5"`."""
    return format((Decimal(base_quantity) / factor).normalize(), "f")
