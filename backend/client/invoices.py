"""Invoices and notes: the customer's own, and what the link to one opens."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.invoices import (
    Invoice,
    InvoiceAnswer,
    InvoiceDelivery,
    InvoicePage,
    LinkedInvoice,
    NewCreditNote,
    NewDebitNote,
)
from backend.schemas.payments import InvoiceOpen, WriteOff
from backend.schemas.staff import PendingAct


class InvoiceCalls(Wire):
    async def order_invoices(self, number: str) -> list[Invoice]:
        return await self._list(Invoice, f"orders/{segment(number)}/invoices")

    async def credit_invoice(self, number: str, note: NewCreditNote, *, key: str) -> Invoice | PendingAct:
        path = f"staff/invoices/{segment(number)}/credit-notes"
        return await self._send_or_wait(Invoice, "POST", path, note, key=key)

    async def debit_invoice(self, number: str, note: NewDebitNote, *, key: str) -> Invoice | PendingAct:
        path = f"staff/invoices/{segment(number)}/debit-notes"
        return await self._send_or_wait(Invoice, "POST", path, note, key=key)

    async def write_off_invoice(self, number: str, given: WriteOff, *, key: str) -> InvoiceOpen | PendingAct:
        path = f"staff/invoices/{segment(number)}/write-offs"
        return await self._send_or_wait(InvoiceOpen, "POST", path, given, key=key)

    async def invoices(self, cursor: str | None = None, **sought: str | None) -> InvoicePage:
        """Documents, the newest first; `sought`: kind, order, since, until (days)."""
        return await self._get(InvoicePage, "staff/invoices", cursor=cursor, **sought)

    async def invoice(self, number: str) -> Invoice:
        return await self._get(Invoice, f"staff/invoices/{segment(number)}")

    async def invoice_file(self, number: str, form: str) -> tuple[bytes, str, str]:
        """A document as it is sent: its bytes, media type and `Content-Disposition`."""
        response = await self._ask("GET", f"staff/invoices/{segment(number)}/files/{segment(form)}")
        return response.content, response.headers["content-type"], response.headers["content-disposition"]

    async def invoice_delivery(self, number: str) -> InvoiceDelivery:
        """Whether it arrived, what its customer says of it, and how its submission stands."""
        return await self._get(InvoiceDelivery, f"staff/invoices/{segment(number)}/proof")

    async def enter_invoice_answer(self, number: str, answer: InvoiceAnswer, *, key: str) -> InvoiceDelivery:
        return await self._send(InvoiceDelivery, "POST", f"staff/invoices/{segment(number)}/proof", answer, key=key)

    async def submit_invoice_again(self, number: str, *, key: str) -> InvoiceDelivery:
        return await self._send(InvoiceDelivery, "POST", f"staff/invoices/{segment(number)}/submission", None, key=key)

    async def send_invoice(self, number: str, *, key: str) -> Invoice:
        """To its customer once more: to the chat, and by e-mail with its files."""
        return await self._send(Invoice, "POST", f"staff/invoices/{segment(number)}/sending", None, key=key)

    async def linked_invoice(self, token: str) -> LinkedInvoice:
        """What the link to a document shows."""
        return await self._get(LinkedInvoice, f"documents/{segment(token)}")

    async def linked_invoice_file(self, token: str, form: str) -> tuple[bytes, str, str]:
        """A file of it: its bytes, media type and `Content-Disposition`."""
        response = await self._ask("GET", f"documents/{segment(token)}/files/{segment(form)}")
        return response.content, response.headers["content-type"], response.headers["content-disposition"]

    async def answer_invoice(self, token: str, answer: InvoiceAnswer, *, key: str) -> LinkedInvoice:
        return await self._send(LinkedInvoice, "POST", f"documents/{segment(token)}/answer", answer, key=key)
