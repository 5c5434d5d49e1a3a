"""Stock as staff see it."""

from __future__ import annotations

from backend.schemas.base import Answer


class StockLevel(Answer):
    """Base units of one variant at one location; `available` = `on_hand` - `reserved`."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    available: int


class StockAnswer(Answer):
    levels: list[StockLevel]
