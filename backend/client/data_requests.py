"""All that is kept of one person: a look at it, a copy, its erasure."""

from __future__ import annotations

from typing import Literal

from backend.client.wire import Wire, segment
from backend.schemas.data_requests import DataRequest, DataRequestPage, NewDataRequest, NewErasure


class DataRequestCalls(Wire):
    async def data_requests(self, customer_id: str | None = None, cursor: str | None = None) -> DataRequestPage:
        return await self._get(DataRequestPage, "staff/data-requests", customer=customer_id, cursor=cursor)

    async def data_request(self, number: str) -> DataRequest:
        return await self._get(DataRequest, f"staff/data-requests/{segment(number)}")

    async def request_data(self, customer_id: str, kind: Literal["look", "export"], *, key: str) -> DataRequest:
        path = f"staff/customers/{segment(customer_id)}/data-requests"
        return await self._send(DataRequest, "POST", path, NewDataRequest(kind=kind), key=key)

    async def request_erasure(self, look: str, erasure: NewErasure, *, key: str) -> DataRequest:
        path = f"staff/data-requests/{segment(look)}/erasure"
        return await self._send(DataRequest, "POST", path, erasure, key=key)

    async def data_file(self, number: str) -> bytes:
        """The copy that was made: a zip."""
        return (await self._ask("GET", f"staff/data-requests/{segment(number)}/file")).content
