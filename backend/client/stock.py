"""What lies where, and what is to come."""

from __future__ import annotations

from datetime import date

from backend.client.wire import Wire, segment
from backend.schemas import inventory as stock
from backend.schemas.inventory import StockAnswer


class StockCalls(Wire):
    async def staff_stock(
        self, sku: str | None = None, location: str | None = None, cursor: str | None = None
    ) -> StockAnswer:
        return await self._get(StockAnswer, "staff/stock", sku=sku, location=location, cursor=cursor)

    async def stock_moves(
        self, sku: str | None = None, location: str | None = None, cursor: str | None = None
    ) -> stock.StockMoves:
        return await self._get(stock.StockMoves, "staff/stock/moves", sku=sku, location=location, cursor=cursor)

    async def receive_stock(self, receipt: stock.StockReceipt, *, key: str) -> stock.StockReceived:
        return await self._send(stock.StockReceived, "POST", "staff/stock/receipts", receipt, key=key)

    async def incoming_stock(self, sku: str | None = None) -> list[stock.Incoming]:
        return await self._list(stock.Incoming, "staff/stock/incoming", sku=sku)

    async def announce_incoming(self, incoming: stock.NewIncoming, *, key: str) -> stock.Incoming:
        return await self._send(stock.Incoming, "POST", "staff/stock/incoming", incoming, key=key)

    async def reschedule_incoming(self, incoming_id: str, expected_on: date, *, key: str) -> stock.Incoming:
        """It comes on another day; whose order is late by that is told."""
        path = f"staff/stock/incoming/{segment(incoming_id)}"
        return await self._send(stock.Incoming, "PATCH", path, stock.IncomingChange(expected_on=expected_on), key=key)

    async def withdraw_incoming(self, incoming_id: str, *, key: str) -> stock.Incoming:
        """It does not come, or not the rest of it."""
        return await self._send(stock.Incoming, "DELETE", f"staff/stock/incoming/{segment(incoming_id)}", None, key=key)

    async def transfer_stock(self, transfer: stock.StockTransfer, *, key: str) -> StockAnswer:
        return await self._send(StockAnswer, "POST", "staff/stock/transfers", transfer, key=key)

    async def adjust_stock(self, adjustment: stock.StockAdjustment, *, key: str) -> StockAnswer:
        return await self._send(StockAnswer, "POST", "staff/stock/adjustments", adjustment, key=key)

    async def count_stock(self, count: stock.NewStockCount, *, key: str) -> stock.StockCount:
        return await self._send(stock.StockCount, "POST", "staff/stock/counts", count, key=key)

    async def stock_thresholds(self, *, only_low: bool = False) -> list[stock.Threshold]:
        return await self._list(stock.Threshold, "staff/stock/thresholds", low=only_low)

    async def set_stock_threshold(self, threshold: stock.NewThreshold, *, key: str) -> stock.Threshold:
        return await self._send(stock.Threshold, "PUT", "staff/stock/thresholds", threshold, key=key)

    async def forget_stock_threshold(self, location: str, sku: str, *, key: str) -> stock.Threshold:
        path = f"staff/stock/thresholds/{segment(location)}/{segment(sku)}"
        return await self._send(stock.Threshold, "DELETE", path, None, key=key)

    async def stock_locations(self) -> list[stock.Location]:
        return await self._list(stock.Location, "staff/stock/locations")

    async def open_location(self, location: stock.NewLocation, *, key: str) -> stock.Location:
        return await self._send(stock.Location, "POST", "staff/stock/locations", location, key=key)

    async def change_location(self, code: str, change: stock.LocationChange, *, key: str) -> stock.Location:
        return await self._send(stock.Location, "PATCH", f"staff/stock/locations/{segment(code)}", change, key=key)

    async def stock_bins(self, location: str) -> list[stock.Bin]:
        return await self._list(stock.Bin, f"staff/stock/locations/{segment(location)}/bins")

    async def stock_bin(self, location: str, code: str) -> stock.BinContent:
        """What lies there by the books."""
        return await self._get(stock.BinContent, f"staff/stock/locations/{segment(location)}/bins/{segment(code)}")

    async def put_up_bin(self, location: str, shelf: stock.NewBin, *, key: str) -> stock.Bin:
        return await self._send(stock.Bin, "POST", f"staff/stock/locations/{segment(location)}/bins", shelf, key=key)

    async def change_bin(self, location: str, code: str, change: stock.BinChange, *, key: str) -> stock.Bin:
        path = f"staff/stock/locations/{segment(location)}/bins/{segment(code)}"
        return await self._send(stock.Bin, "PATCH", path, change, key=key)
