"""Quotes: carts that the shop makes for a customer."""

from __future__ import annotations

from collections.abc import Sequence

from backend.client.wire import Wire, segment
from backend.schemas.orders import Order
from backend.schemas.quotes import (
    AcceptQuote,
    ChangeQuote,
    GiveDiscount,
    NewQuote,
    PlaceQuote,
    Quote,
    QuotePage,
    SendQuote,
    TakeDiscountOff,
    WithdrawQuote,
)
from backend.schemas.staff import PendingAct


class QuoteCalls(Wire):
    async def quote(self, number: str) -> Quote:
        """The customer's own."""
        return await self._get(Quote, f"quotes/{segment(number)}")

    async def accept_quote(self, number: str, confirmation: str, *, key: str) -> Order:
        body = AcceptQuote(confirmation=confirmation)
        return await self._send(Order, "POST", f"quotes/{segment(number)}/accept", body, key=key)

    async def staff_quotes(self, status: Sequence[str] = (), cursor: str | None = None) -> QuotePage:
        return await self._get(QuotePage, "staff/quotes", status=list(status) or None, cursor=cursor)

    async def staff_quote(self, number: str) -> Quote:
        return await self._get(Quote, f"staff/quotes/{segment(number)}")

    async def draft_quote(self, new: NewQuote, *, key: str) -> Quote:
        return await self._send(Quote, "POST", "staff/quotes", new, key=key)

    async def change_quote(self, number: str, new: ChangeQuote, *, key: str) -> Quote:
        return await self._send(Quote, "PUT", f"staff/quotes/{segment(number)}", new, key=key)

    async def give_discount(self, number: str, given: GiveDiscount, *, key: str) -> Quote | PendingAct:
        """Above the caller's limit it waits for a second person."""
        return await self._send_or_wait(Quote, "POST", f"staff/quotes/{segment(number)}/discount", given, key=key)

    async def take_discount_off(self, number: str, version: int, *, key: str) -> Quote:
        path, body = f"staff/quotes/{segment(number)}/discount/withdrawal", TakeDiscountOff(version=version)
        return await self._send(Quote, "POST", path, body, key=key)

    async def send_quote(self, number: str, said: SendQuote, *, key: str) -> Quote:
        return await self._send(Quote, "POST", f"staff/quotes/{segment(number)}/send", said, key=key)

    async def place_quote(self, number: str, said: PlaceQuote, *, key: str) -> Order:
        """On the customer's behalf."""
        return await self._send(Order, "POST", f"staff/quotes/{segment(number)}/place", said, key=key)

    async def withdraw_quote(self, number: str, version: int, *, key: str) -> Quote:
        body = WithdrawQuote(version=version)
        return await self._send(Quote, "POST", f"staff/quotes/{segment(number)}/withdraw", body, key=key)
