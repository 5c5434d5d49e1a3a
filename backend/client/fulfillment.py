"""The warehouse: the queue, picking, packing, shipping."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from backend.client.wire import Wire, segment
from backend.schemas.fulfillment import (
    CollectOrder,
    Fulfillment,
    FulfillmentPage,
    PackOrder,
    PackParcel,
    Pick,
    PickList,
    PickOrder,
    PutBack,
    ResetPickup,
    ShipOrder,
    StartPicking,
)


class FulfillmentCalls(Wire):
    async def fulfillments(
        self,
        *,
        location: str | None = None,
        status: Sequence[str] = (),
        kind: str | None = None,
        carrier: str | None = None,
        by: str | None = None,
        cursor: str | None = None,
    ) -> FulfillmentPage:
        """The queue, the oldest first, or by "promise"; of a `carrier`: where it goes."""
        given = {
            "location": location,
            "status": list(status) or None,
            "kind": kind,
            "carrier": carrier,
            "by": by,
            "cursor": cursor,
        }
        return await self._get(FulfillmentPage, "staff/fulfillments", **given)

    async def fulfillment(self, number: str) -> Fulfillment:
        return await self._get(Fulfillment, f"staff/fulfillments/{segment(number)}")

    async def pick_list(self, *numbers: str) -> PickList:
        """One walk for all of them."""
        return await self._get(PickList, "staff/fulfillments/pick-list", number=list(numbers))

    async def start_picking(self, number: str, version: int, *, key: str) -> Fulfillment:
        return await self._fulfil(number, "start", StartPicking(version=version), key)

    async def pick_order(self, number: str, version: int, picks: Sequence[Pick], *, key: str) -> Fulfillment:
        return await self._fulfil(number, "picks", PickOrder(version=version, picks=list(picks)), key)

    async def put_back(self, number: str, version: int, line: str, quantity: int, *, key: str) -> Fulfillment:
        """Out of the basket again: it was a mistake."""
        return await self._fulfil(number, "put-back", PutBack(version=version, line=line, quantity=quantity), key)

    async def pack_order(self, number: str, version: int, parcels: Sequence[PackParcel], *, key: str) -> Fulfillment:
        return await self._fulfil(number, "parcels", PackOrder(version=version, parcels=list(parcels)), key)

    async def ship_order(
        self,
        number: str,
        version: int,
        carrier: str,
        *,
        shipment: str | None = None,
        tracking_number: str | None = None,
        tracking_url: str | None = None,
        key: str,
    ) -> Fulfillment:
        body = ShipOrder(
            version=version,
            shipment=shipment,
            carrier=carrier,
            tracking_number=tracking_number,
            tracking_url=tracking_url,
        )
        return await self._fulfil(number, "ship", body, key)

    async def collect_order(
        self, number: str, code: str, *, key: str, collected_minor: int | None = None
    ) -> Fulfillment:
        return await self._fulfil(number, "collect", CollectOrder(code=code, collected_minor=collected_minor), key)

    async def reset_pickup(self, number: str, version: int, *, key: str) -> Fulfillment:
        return await self._fulfil(number, "collect/reset", ResetPickup(version=version), key)

    async def _fulfil(self, number: str, step: str, body: BaseModel, key: str) -> Fulfillment:
        return await self._send(Fulfillment, "POST", f"staff/fulfillments/{segment(number)}/{step}", body, key=key)
