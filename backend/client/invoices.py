"""Invoices and notes: the customer's own, and what the link to one opens."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.invoices import Invoice, InvoiceAnswer, LinkedInvoice, NewCreditNote


class InvoiceCalls(Wire):
    async def order_invoices(self, number: str) -> list[Invoice]:
        return await self._list(Invoice, f"orders/{segment(number)}/invoices")

    async def credit_invoice(self, number: str, note: NewCreditNote, *, key: str) -> Invoice:
        return await self._send(Invoice, "POST", f"staff/invoices/{segment(number)}/credit-notes", note, key=key)

    async def linked_invoice(self, token: str) -> LinkedInvoice:
        """What the link to a document shows."""
        return await self._get(LinkedInvoice, f"documents/{segment(token)}")

    async def linked_invoice_file(self, token: str, form: str) -> tuple[bytes, str, str]:
        """A file of it: its bytes, media type and `Content-Disposition`."""
        response = await self._ask("GET", f"documents/{segment(token)}/files/{segment(form)}")
        return response.content, response.headers["content-type"], response.headers["content-disposition"]

    async def answer_invoice(self, token: str, answer: InvoiceAnswer, *, key: str) -> LinkedInvoice:
        return await self._send(LinkedInvoice, "POST", f"documents/{segment(token)}/answer", answer, key=key)
