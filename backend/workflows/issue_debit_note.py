"""Issue a debit note: the customer owes more than an invoice says, for a reason that the note names."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import shop, shop_day, tax_rate
from backend.invoicing import service as invoicing
from backend.invoicing.errors import NotAnInvoice
from backend.invoicing.service import FullInvoice, NewInvoice, NewLine
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.orders import service as orders
from backend.workflows.issue_invoice import booked, told
from backend.workflows.lock_document import lock_document
from kernel.money import tax_included


def issue_debit_note(
    session: Session, number: str, amount_minor: int, tax_class: str, *, reason: str, cause: str, who: str
) -> FullInvoice:
    """The note that adds `amount_minor`, tax of `tax_class` included, to what the invoice charges.

    Records: Invoice (a debit_note) with one line, the series' counter, a JournalEntry, the event `debit_note.issued`.
    Raises: InvoiceNotFound, NotAnInvoice, UnknownTaxClass, SeriesUsedUp, PeriodClosed.
    """
    invoice = lock_document(session, number).invoice
    if invoice.kind != "invoice":
        raise NotAnInvoice(number=invoice.number)
    known = invoicing.of_cause(session, cause)
    if known is not None:
        return known
    rate = tax_rate(session, tax_class)
    tax_minor = tax_included(amount_minor, rate)
    today = shop_day(shop(session))
    charge = NewLine(
        order_line_id=None,
        sku=None,
        name=reason,
        name_en=reason,
        unit="unidad",
        unit_name_es="unidad",
        unit_name_en="unit",
        factor=1,
        base_quantity=1,
        tax_class=tax_class,
        tax_rate=rate,
        discount_minor=0,
        net_minor=amount_minor - tax_minor,
        tax_minor=tax_minor,
        gross_minor=amount_minor,
    )
    issued = invoicing.issue(
        session,
        NewInvoice(
            kind="debit_note",
            cause=cause,
            order_id=invoice.order_id,
            customer_id=invoice.customer_id,
            currency=invoice.currency,
            delivery_minor=0,
            withheld_minor=0,
            seller=invoice.seller,
            buyer=invoice.buyer,
            payment_method=invoice.payment_method,
            issued_on=today,
            due_on=today,
            corrects_id=invoice.id,
            reason=reason,
        ),
        [charge],
    )
    note = issued.invoice
    order_number = orders.by_id(session, note.order_id).order.number
    legs = rules.invoice_issued(note.subtotal_minor, 0, note.tax_minor)
    ledger.post(session, booked("debit_note_issued", issued, order_number, who), legs)
    events.record(session, "debit_note.issued", order_number, told(session, issued, order_number))
    return issued
