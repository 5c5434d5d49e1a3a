"""Discounts, as those who sell put them up."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.discounts import Discount, NewDiscount


class DiscountCalls(Wire):
    async def put_discount(self, code: str, given: NewDiscount, *, key: str) -> Discount:
        return await self._send(Discount, "PUT", f"staff/discounts/{segment(code)}", given, key=key)

    async def withdraw_discount(self, code: str, *, key: str) -> Discount:
        """Nobody gets it from now on; orders that have it keep it."""
        return await self._send(Discount, "DELETE", f"staff/discounts/{segment(code)}", None, key=key)
