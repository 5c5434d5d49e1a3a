"""What is billed, and what the customer owes of it."""

from __future__ import annotations

from datetime import date

from backend.client.wire import Wire, segment
from backend.schemas.invoices import Invoice
from backend.schemas.receivables import NewPaymentPromise, OpenInvoices, PaymentPromise


class ReceivableCalls(Wire):
    async def open_invoices(self) -> OpenInvoices:
        """The customer's open documents, and what the shop has of theirs."""
        return await self._get(OpenInvoices, "customers/me/open-invoices")

    async def promise_payment(self, promised_on: date, said: str, *, key: str) -> PaymentPromise:
        """What is owed will be paid by the end of that day."""
        body = NewPaymentPromise(promised_on=promised_on, said=said)
        return await self._send(PaymentPromise, "POST", "customers/me/payment-promises", body, key=key)

    async def invoice_shipment(self, number: str, *, key: str) -> Invoice:
        """Bill a parcel that has left."""
        return await self._send(Invoice, "POST", f"staff/shipments/{segment(number)}/invoice", None, key=key)
