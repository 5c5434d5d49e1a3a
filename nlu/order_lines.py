"""The order-line grammar: how many, in which unit, of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OrderLine:
    quantity: str
    unit: str | None
    text: str
    start: int
    end: int

    def as_value(self) -> dict[str, Any]:
        return {"quantity": self.quantity, "unit": self.unit, "text": self.text}


def parse_order_lines(text: str, language: str | None = None) -> list[OrderLine]:
    return []
