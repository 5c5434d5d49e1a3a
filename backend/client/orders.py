"""The customer's orders."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.claims import Claim, ClaimKind, NewClaim
from backend.schemas.fulfillment import ResolveShortage, Shortage, Shortages
from backend.schemas.orders import CancelOrder, ChangeOrder, Order, OrderChangePreview, PlaceOrder, Repeated


class OrderCalls(Wire):
    async def place_order(self, confirmation: str) -> Order:
        """Place what was confirmed. A repeat gives the same order."""
        key = f"order:place:{confirmation}"
        return await self._send(Order, "POST", "orders", PlaceOrder(confirmation=confirmation), key=key)

    async def orders(self, limit: int = 10) -> list[Order]:
        """The customer's orders, newest first."""
        return await self._list(Order, "orders", limit=limit)

    async def order(self, number: str) -> Order:
        return await self._get(Order, f"orders/{segment(number)}")

    async def cancel_order(self, number: str, reason: str | None = None, *, key: str) -> Order:
        return await self._send(Order, "POST", f"orders/{segment(number)}/cancel", CancelOrder(reason=reason), key=key)

    async def repeat_order(self, number: str = "latest", *, key: str) -> Repeated:
        """Put the lines of an order into the cart again."""
        return await self._send(Repeated, "POST", f"orders/{segment(number)}/repeat", None, key=key)

    async def propose_order_change(self, number: str, change: ChangeOrder, *, key: str) -> OrderChangePreview:
        """What the customer's order would become; `apply_order_change` does it."""
        return await self._send(OrderChangePreview, "POST", f"orders/{segment(number)}/changes", change, key=key)

    async def apply_order_change(self, number: str, confirmation: str, *, key: str) -> Order:
        path = f"orders/{segment(number)}/changes/{segment(confirmation)}"
        return await self._send(Order, "POST", path, None, key=key)

    async def shortages(self, number: str) -> list[Shortage]:
        """What the customer has to decide."""
        return (await self._get(Shortages, f"orders/{segment(number)}/shortages")).shortages

    async def resolve_shortage(
        self, number: str, shortage: str, resolution: str, substitute_sku: str | None = None, *, key: str
    ) -> Order:
        """`resolution` is wait, substitute or drop."""
        body = ResolveShortage.model_validate({"resolution": resolution, "substitute_sku": substitute_sku})
        path = f"orders/{segment(number)}/shortages/{segment(shortage)}"
        return await self._send(Order, "POST", path, body, key=key)

    async def open_claim(self, number: str, note: str | None = None, kind: ClaimKind = "unknown", *, key: str) -> Claim:
        """Say that something is wrong with an order."""
        return await self._send(
            Claim, "POST", f"orders/{segment(number)}/claims", NewClaim(note=note, kind=kind), key=key
        )
