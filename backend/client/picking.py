"""Picking walks: several fulfillments that are fetched at once."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from backend.client.wire import Wire, segment
from backend.schemas.picking import LeaveOut, OpenWalk, OpenWalks, PickingWalk, StartWalk


class PickingCalls(Wire):
    async def picking_walks(self) -> list[OpenWalk]:
        return (await self._get(OpenWalks, "staff/picking-walks")).walks

    async def picking_walk(self, walk: str) -> PickingWalk:
        return await self._get(PickingWalk, f"staff/picking-walks/{segment(walk)}")

    async def start_walk(
        self, location: str, fulfillments: Sequence[str] = (), *, upto: int | None = None, key: str
    ) -> PickingWalk:
        """With these, or with the next `upto` that wait."""
        body = StartWalk(location=location, fulfillments=list(fulfillments), next=upto)
        return await self._send(PickingWalk, "POST", "staff/picking-walks", body, key=key)

    async def take_over_walk(self, walk: str, *, key: str) -> PickingWalk:
        return await self._walk(walk, "take-over", None, key)

    async def leave_out_of_walk(self, walk: str, fulfillment: str, *, key: str) -> PickingWalk:
        return await self._walk(walk, "leave-out", LeaveOut(fulfillment=fulfillment), key)

    async def end_walk(self, walk: str, *, key: str) -> PickingWalk:
        return await self._walk(walk, "end", None, key)

    async def _walk(self, walk: str, step: str, body: BaseModel | None, key: str) -> PickingWalk:
        return await self._send(PickingWalk, "POST", f"staff/picking-walks/{segment(walk)}/{step}", body, key=key)
