"""What is billed, and what the customer owes of it."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.invoices import Invoice
from backend.schemas.receivables import OpenInvoices


class ReceivableCalls(Wire):
    async def open_invoices(self) -> OpenInvoices:
        """The customer's open documents, and what the shop has of theirs."""
        return await self._get(OpenInvoices, "customers/me/open-invoices")

    async def invoice_shipment(self, number: str, *, key: str) -> Invoice:
        """Bill a parcel that has left."""
        return await self._send(Invoice, "POST", f"staff/shipments/{segment(number)}/invoice", None, key=key)
