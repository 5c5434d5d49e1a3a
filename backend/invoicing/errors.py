"""What invoicing refuses."""

from __future__ import annotations

from kernel.errors import ComandaError, Conflict, Invalid, NotFound


class InvoiceNotFound(NotFound):
    """No such document, or not one the asker may see: the answer is the same."""

    code, title = "invoice_not_found", "There is no such invoice"


class NothingToInvoice(Conflict):
    """`params`: `number` of the order."""

    code, title = "nothing_to_invoice", "Nothing of it has left that is not invoiced"


class NotAnInvoice(Conflict):
    """`params`: `number`. Notes correct invoices, not each other."""

    code, title = "not_an_invoice", "Only an invoice can be corrected by a note"


class TooMuchToCredit(Conflict):
    """`params`: `sku` (or `delivery`) and `left`, what of it can still be credited."""

    code, title = "too_much_to_credit", "More than is left of the invoice"


class LineNotInvoiced(Invalid):
    """`params`: `position`."""

    code, title = "line_not_invoiced", "The invoice has no such line"


class SeriesUsedUp(Conflict):
    """`params`: `prefix`. A new resolution of the tax office is needed."""

    code, title = "invoice_series_used_up", "The authorised numbers are used up or have lapsed"


class SubmissionNotFailed(Conflict):
    """`params`: `status`; `none` for a document that was never to be submitted."""

    code, title = "submission_not_failed", "Only what was refused or given up is submitted again"


class InvoiceAnswered(Conflict):
    """`params`: `number`, `answer`. What the customer said stands; finance enters what was agreed later."""

    code, title = "invoice_answered", "The customer has answered already"


class RejectionWithoutReason(Invalid):
    code, title = "rejection_without_reason", "Who rejects a document says why"


class InvoiceLinkUnknown(NotFound):
    code, title = "invoice_link_unknown", "This link opens nothing"


class InvoiceLinkExpired(ComandaError):
    code, status, title = "invoice_link_expired", 410, "This link has ended"
