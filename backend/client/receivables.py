"""What the customer owes."""

from __future__ import annotations

from backend.client.wire import Wire
from backend.schemas.receivables import OpenInvoices


class ReceivableCalls(Wire):
    async def open_invoices(self) -> OpenInvoices:
        """The customer's open documents, and what the shop has of theirs."""
        return await self._get(OpenInvoices, "customers/me/open-invoices")
