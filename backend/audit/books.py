"""What always holds of the ledger and the documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, and_, case, func, literal, or_, select

from backend.inventory.models import StockMove
from backend.invoicing.models import Invoice, InvoiceLine, InvoiceSeries
from backend.ledger import chart
from backend.ledger.models import JournalEntry, Posting
from backend.orders.models import OrderLine
from backend.shipping.models import Shipment, ShipmentLine


def _entry_balances() -> Executable:
    debits, credits = func.coalesce(func.sum(Posting.debit_minor), 0), func.coalesce(func.sum(Posting.credit_minor), 0)
    return (
        select(JournalEntry.key.label("subject"), debits.label("debits"), credits.label("credits"))
        .outerjoin(Posting, Posting.entry_id == JournalEntry.id)
        .group_by(JournalEntry.id, JournalEntry.key)
        .having(or_(debits != credits, debits == 0))
    )


def _numbers_have_no_gap() -> Executable:
    count, last = func.count(Invoice.id), func.coalesce(func.max(Invoice.sequence), 0)
    return (
        select(InvoiceSeries.prefix.label("subject"), InvoiceSeries.last, count.label("documents"))
        .outerjoin(Invoice, Invoice.kind == InvoiceSeries.kind)
        .group_by(InvoiceSeries.kind, InvoiceSeries.prefix, InvoiceSeries.last)
        .having(or_(InvoiceSeries.last != count, InvoiceSeries.last != last))
    )


def _invoice_is_its_lines() -> Executable:
    net = func.coalesce(func.sum(InvoiceLine.net_minor), 0)
    tax = func.coalesce(func.sum(InvoiceLine.tax_minor), 0)
    return (
        select(Invoice.number.label("subject"), Invoice.subtotal_minor, net.label("net"), tax.label("tax"))
        .outerjoin(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .group_by(Invoice.id, Invoice.number, Invoice.subtotal_minor, Invoice.tax_minor)
        .having(or_(Invoice.subtotal_minor != net, Invoice.tax_minor != tax))
    )


def _document_is_booked() -> Executable:
    key = Invoice.kind + literal("_issued:") + Invoice.number
    return (
        select(Invoice.number.label("subject"), Invoice.kind)
        .outerjoin(JournalEntry, JournalEntry.key == key)
        .where(JournalEntry.id.is_(None), Invoice.total_minor > 0)
    )


def _billed_within_bounds() -> Executable:
    """Per order line: billed at most what the line has, credited at most what is billed."""

    def count(kind: str) -> Any:
        return func.coalesce(func.sum(case((Invoice.kind == kind, InvoiceLine.base_quantity), else_=0)), 0)

    billed, credited = count("invoice"), count("credit_note")
    return (
        select(
            OrderLine.id.label("subject"), OrderLine.base_quantity, billed.label("billed"), credited.label("credited")
        )
        .join(InvoiceLine, InvoiceLine.order_line_id == OrderLine.id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .group_by(OrderLine.id, OrderLine.base_quantity)
        .having(or_(billed > OrderLine.base_quantity, credited > billed))
    )


def _what_left_is_billed() -> Executable:
    """Per order and sku: what is in parcels that have left is on invoices.

    Not per line: a line that was made smaller after its parcel left is another line, and what was billed stays billed.
    """
    left = (
        select(Shipment.order_id, ShipmentLine.sku, func.sum(ShipmentLine.quantity).label("left_house"))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(Shipment.status != "packed")
        .group_by(Shipment.order_id, ShipmentLine.sku)
        .subquery()
    )
    billed = (
        select(Invoice.order_id, InvoiceLine.sku, func.sum(InvoiceLine.base_quantity).label("billed"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.kind == "invoice")
        .group_by(Invoice.order_id, InvoiceLine.sku)
        .subquery()
    )
    same = and_(billed.c.order_id == left.c.order_id, billed.c.sku == left.c.sku)
    return (
        select(left.c.order_id.label("subject"), left.c.sku, left.c.left_house, billed.c.billed)
        .outerjoin(billed, same)
        .where(left.c.left_house > func.coalesce(billed.c.billed, 0))
    )


def _shelves_are_worth_the_books() -> Executable:
    """What lies in the house is worth, move by move, what the account of goods says."""
    worth = select(func.coalesce(func.sum(StockMove.cost_minor), 0)).scalar_subquery()
    booked = (
        select(func.coalesce(func.sum(Posting.debit_minor - Posting.credit_minor), 0))
        .where(Posting.account_code == chart.GOODS)
        .scalar_subquery()
    )
    return select(literal(chart.GOODS).label("subject"), worth.label("worth"), booked.label("booked")).where(
        worth != booked
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "a journal entry balances": _entry_balances,
    "invoice numbers have no gap": _numbers_have_no_gap,
    "an invoice's sums are those of its lines": _invoice_is_its_lines,
    "a document is booked": _document_is_booked,
    "the account of goods is what lies in the house": _shelves_are_worth_the_books,
    "what has left is billed": _what_left_is_billed,
    "no more is billed than was agreed, no more credited than billed": _billed_within_bounds,
}
