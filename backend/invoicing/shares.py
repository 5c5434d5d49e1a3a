"""How much of a line's money belongs to a part of its quantity: parts always add up to the whole, exactly."""

from __future__ import annotations

from decimal import Decimal

from kernel.money import round_half_away


def share(whole_minor: int, quantity: int, before: int, part: int) -> int:
    """What `part` of `quantity` costs of `whole_minor`, after `before` of it were counted.

    The last part takes the rest:
    `share(1000, 3, 0, 1), share(1000, 3, 1, 1), share(1000, 3, 2, 1) == 333, 334, 333`.
    """
    assert 0 <= before < before + part <= quantity, "a part lies within the whole"
    return _upto(whole_minor, quantity, before + part) - _upto(whole_minor, quantity, before)


def _upto(whole_minor: int, quantity: int, count: int) -> int:
    return round_half_away(Decimal(whole_minor) * count / quantity)
