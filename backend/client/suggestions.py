"""What goes well with a cart, and who says so."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.carts import Cart
from backend.schemas.suggestions import CuratedPair, MaybeSuggestion, Pair, Suggestion, SuggestionReport


class SuggestionCalls(Wire):
    async def suggest(self, *, key: str) -> Suggestion | None:
        """What goes well with the open cart: at most one offer a cart, None if there is nothing to offer."""
        return (await self._send(MaybeSuggestion, "POST", "suggestions", None, key=key)).root

    async def accept_suggestion(self, suggestion_id: str, *, key: str) -> Cart:
        """Put one usual unit of it into the cart."""
        return await self._send(Cart, "POST", f"suggestions/{segment(suggestion_id)}/accept", None, key=key)

    async def decline_suggestion(self, suggestion_id: str, *, key: str) -> Cart:
        """Not this: it is never offered to the customer again."""
        return await self._send(Cart, "POST", f"suggestions/{segment(suggestion_id)}/decline", None, key=key)

    async def pairs(self, sku: str | None = None, source: str | None = None) -> list[Pair]:
        return await self._list(Pair, "staff/suggestions", sku=sku, source=source)

    async def curate_pair(self, sku: str, suggested_sku: str, score: int, *, key: str) -> Pair:
        path = f"staff/suggestions/{segment(sku)}/{segment(suggested_sku)}"
        return await self._send(Pair, "PUT", path, CuratedPair(score=score), key=key)

    async def withdraw_pair(self, sku: str, suggested_sku: str, *, key: str) -> Pair:
        path = f"staff/suggestions/{segment(sku)}/{segment(suggested_sku)}"
        return await self._send(Pair, "DELETE", path, None, key=key)

    async def suggestion_report(self, days: int = 30) -> SuggestionReport:
        return await self._get(SuggestionReport, "staff/suggestions/report", days=days)
