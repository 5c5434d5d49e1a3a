"""What is billed, and what the customer owes of it."""

from __future__ import annotations

from datetime import date

from backend.client.wire import Wire, segment
from backend.schemas.invoices import Invoice
from backend.schemas.receivables import (
    AgingReport,
    NewPaymentPromise,
    OpenInvoices,
    PaymentPromise,
    Receivables,
    SalesOutstanding,
    Statement,
)


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

    async def receivables(self, as_of: str | None = None) -> Receivables:
        """Who owes what, and for how long; who owes most first."""
        return await self._get(Receivables, "staff/receivables", as_of=as_of)

    async def aging(self, as_of: str | None = None) -> AgingReport:
        return await self._get(AgingReport, "staff/receivables/aging", as_of=as_of)

    async def days_sales_outstanding(self) -> SalesOutstanding:
        return await self._get(SalesOutstanding, "staff/receivables/days-sales-outstanding")

    async def statement(self, customer_id: str, since: str | None = None, through: str | None = None) -> Statement:
        """What a customer owed, what was added and paid, what they owe."""
        path = f"staff/customers/{segment(customer_id)}/statement"
        return await self._get(Statement, path, since=since, through=through)

    async def statement_table(self, customer_id: str, since: str | None = None, through: str | None = None) -> bytes:
        """The same as CSV."""
        path = f"staff/customers/{segment(customer_id)}/statement.csv"
        return (await self._ask("GET", path, params={"since": since, "through": through})).content
