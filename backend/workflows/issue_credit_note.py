"""Issue a credit note: a part of an invoice is taken back, never more than is left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import shop, shop_day
from backend.invoicing import service as invoicing
from backend.invoicing.errors import LineNotInvoiced, NotAnInvoice, NothingToInvoice, TooMuchToCredit
from backend.invoicing.models import InvoiceLine
from backend.invoicing.service import FullInvoice, NewInvoice, NewLine
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.orders import service as orders
from backend.pricing import share
from backend.workflows.issue_invoice import booked, told
from backend.workflows.lock_document import lock_document
from backend.workflows.release_invoice import release_invoice


@dataclass(frozen=True, slots=True)
class Credit:
    """`quantity` base units of the invoice's line at `position`, at least one."""

    position: int
    quantity: int


def issue_credit_note(
    session: Session, number: str, credits: Sequence[Credit], *, with_delivery: bool, reason: str, cause: str, who: str
) -> FullInvoice:
    """The note that takes `credits` (and the delivery, if said) of the invoice back; each part at its exact share.

    What was written off, or paid, of the invoice and is now not owed at all is taken back, and the tax that the
    customer withholds by law shrinks with what they owe.

    Records: Invoice (a credit_note), its lines, the series' counter, a JournalEntry, the event `credit_note.issued`;
    what `release_invoice` records.
    Raises: InvoiceNotFound, NotAnInvoice, LineNotInvoiced, TooMuchToCredit, NothingToInvoice, SeriesUsedUp,
    PeriodClosed.
    """
    # Of two that credit, or pay, the same invoice at once the second waits, and sees what is left.
    invoice = lock_document(session, number)
    if invoice.invoice.kind != "invoice":
        raise NotAnInvoice(number=invoice.invoice.number)
    known = invoicing.of_cause(session, cause)
    if known is not None:
        return known
    notes = [note for note in invoicing.notes_of(session, invoice.invoice.id) if note.invoice.kind == "credit_note"]
    lines = _lines(invoice, credits, _credited(notes))
    delivery_minor = invoice.invoice.delivery_minor - sum(note.invoice.delivery_minor for note in notes)
    if with_delivery and delivery_minor == 0:
        raise TooMuchToCredit(sku="delivery", left=0)
    if not lines and not with_delivery:
        raise NothingToInvoice(number=invoice.invoice.number)
    today = shop_day(shop(session))
    issued = invoicing.issue(
        session,
        NewInvoice(
            kind="credit_note",
            cause=cause,
            order_id=invoice.invoice.order_id,
            customer_id=invoice.invoice.customer_id,
            currency=invoice.invoice.currency,
            delivery_minor=delivery_minor if with_delivery else 0,
            withheld_minor=_withheld(invoice, notes, sum(line.net_minor for line in lines)),
            seller=invoice.invoice.seller,
            buyer=invoice.invoice.buyer,
            payment_method=invoice.invoice.payment_method,
            issued_on=today,
            due_on=today,
            corrects_id=invoice.invoice.id,
            reason=reason,
        ),
        lines,
    )
    note = issued.invoice
    order = orders.by_id(session, note.order_id).order
    # What was given away comes back for nothing.
    if note.total_minor:
        legs = rules.credit_note_issued(note.subtotal_minor, note.delivery_minor, note.tax_minor, note.withheld_minor)
        ledger.post(session, booked("credit_note_issued", issued, order.number, who), legs)
    release_invoice(session, order, invoice.invoice, note.number, who)
    events.record(session, "credit_note.issued", order.number, told(session, issued, order.number))
    return issued


def _withheld(invoice: FullInvoice, notes: Sequence[FullInvoice], net_minor: int) -> int:
    """The share of what is withheld that goes with so much of the goods; all notes together never take more."""
    if net_minor == 0:
        return 0
    before = sum(note.invoice.subtotal_minor for note in notes)
    return share(invoice.invoice.withheld_minor, invoice.invoice.subtotal_minor, before, net_minor)


def _credited(notes: Sequence[FullInvoice]) -> dict[str | None, int]:
    """Base units credited so far, per order line."""
    credited: dict[str | None, int] = {}
    for note in notes:
        for line in note.lines:
            credited[line.order_line_id] = credited.get(line.order_line_id, 0) + line.base_quantity
    return credited


def _lines(invoice: FullInvoice, credits: Sequence[Credit], credited: Mapping[str | None, int]) -> list[NewLine]:
    by_position = {line.position: line for line in invoice.lines}
    wanted: dict[int, int] = {}
    for credit in credits:
        if credit.position not in by_position:
            raise LineNotInvoiced(position=credit.position)
        wanted[credit.position] = wanted.get(credit.position, 0) + credit.quantity
    lines = []
    for position, quantity in sorted(wanted.items()):
        line = by_position[position]
        before = credited.get(line.order_line_id, 0)
        if before + quantity > line.base_quantity:
            raise TooMuchToCredit(sku=line.sku, left=line.base_quantity - before)
        lines.append(_line(line, before, quantity))
    return lines


def _line(line: InvoiceLine, before: int, quantity: int) -> NewLine:
    net_minor = share(line.net_minor, line.base_quantity, before, quantity)
    tax_minor = share(line.tax_minor, line.base_quantity, before, quantity)
    whole = NewLine(**{name: getattr(line, name) for name in NewLine.__slots__})
    return replace(
        whole,
        base_quantity=quantity,
        discount_minor=share(line.discount_minor, line.base_quantity, before, quantity),
        net_minor=net_minor,
        tax_minor=tax_minor,
        gross_minor=net_minor + tax_minor,
    )
