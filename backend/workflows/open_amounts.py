"""What is still to be paid of each invoice and debit note: its payable, less what corrects it, less what settled it.

What a note takes from an invoice that was paid is below zero, until the settlement is taken back for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Select, case, func, select
from sqlalchemy.orm import Session

from backend.invoicing.models import Invoice
from backend.orders.approval import CREDIT_METHODS
from backend.orders.models import Order
from backend.payments.models import Settlement

Rows = Select[*tuple[Any, ...]]
OWING = ("invoice", "debit_note")


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """An invoice or debit note of which `open_minor` is to be paid; below zero the shop owes it to the customer."""

    number: str
    order_number: str
    issued_on: date
    due_on: date
    currency: str
    payable_minor: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """The end of a day of the shop's: documents have the day, settlements the instant."""

    day: date
    ends_at: datetime

    @classmethod
    def of(cls, day: date, time_zone: str) -> AsOf:
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))
        return cls(day, midnight)


def open_amounts(as_of: AsOf | None = None, customer_id: str | None = None) -> CTE:
    """Per document that owes or is owed: `id customer_id currency due_on open_minor`; one query, no row opened."""
    corrected = _per_document(_notes(as_of, customer_id), "corrected")
    settled = _per_document(_settlements(as_of), "settled")
    open_minor = Invoice.payable_minor - func.coalesce(corrected.c.amount, 0) - func.coalesce(settled.c.amount, 0)
    query = (
        select(Invoice.id, Invoice.customer_id, Invoice.currency, Invoice.due_on, open_minor.label("open_minor"))
        .outerjoin(corrected, corrected.c.document_id == Invoice.id)
        .outerjoin(settled, settled.c.document_id == Invoice.id)
        .where(Invoice.kind.in_(OWING), open_minor != 0)
    )
    return _until(query, as_of, customer_id).cte("open_amount")


def _per_document(query: Rows, name: str) -> CTE:
    rows = query.subquery()
    summed = select(rows.c.document_id, func.sum(rows.c.amount).label("amount")).group_by(rows.c.document_id)
    return summed.cte(name)


def _until(query: Rows, as_of: AsOf | None, customer_id: str | None) -> Rows:
    if as_of is not None:
        query = query.where(Invoice.issued_on <= as_of.day)
    return query if customer_id is None else query.where(Invoice.customer_id == customer_id)


def _notes(as_of: AsOf | None, customer_id: str | None) -> Rows:
    query = select(Invoice.corrects_id.label("document_id"), Invoice.payable_minor.label("amount"))
    return _until(query.where(Invoice.kind == "credit_note"), as_of, customer_id)


def _settlements(as_of: AsOf | None) -> Rows:
    query = select(Settlement.invoice_id.label("document_id"), Settlement.amount_minor.label("amount"))
    return query if as_of is None else query.where(Settlement.settled_at < as_of.ends_at)


def open_documents(session: Session, customer_id: str) -> list[OpenDocument]:
    """The customer's open documents, what is due first first."""
    owed = open_amounts(customer_id=customer_id)
    query = (
        select(
            Invoice.number,
            Order.number,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.currency,
            Invoice.payable_minor,
            owed.c.open_minor,
        )
        .join(owed, owed.c.id == Invoice.id)
        .join(Order, Order.id == Invoice.order_id)
        .order_by(Invoice.due_on, Invoice.id)
    )
    return [
        OpenDocument(number, order, issued_on, due_on, currency, payable_minor, int(open_minor))
        for number, order, issued_on, due_on, currency, payable_minor, open_minor in session.execute(query)
    ]


def owed_on_credit(session: Session, customer_id: str, *, without_order_id: str | None = None) -> int:
    """Minor units that count against a customer's limit: what is open of documents on credit, and what of their
    accepted orders on credit is not invoiced yet. What of a cancelled order was not invoiced is not owed.
    """
    methods: Sequence[str] = sorted(CREDIT_METHODS)
    owed = open_amounts(customer_id=customer_id)
    documents = (
        select(func.coalesce(func.sum(owed.c.open_minor), 0))
        .join(Invoice, Invoice.id == owed.c.id)
        .where(Invoice.payment_method.in_(methods))
    )
    billed = (
        select(func.coalesce(func.sum(Invoice.total_minor), 0))
        .where(Invoice.order_id == Order.id, Invoice.kind == "invoice")
        .correlate(Order)
        .scalar_subquery()
    )
    unbilled = case((Order.total_minor > billed, Order.total_minor - billed), else_=0)
    orders = select(func.coalesce(func.sum(unbilled), 0)).where(
        Order.customer_id == customer_id, Order.payment_method.in_(methods), Order.status != "cancelled"
    )
    if without_order_id is not None:
        documents = documents.where(Invoice.order_id != without_order_id)
        orders = orders.where(Order.id != without_order_id)
    return int(session.scalar(documents) or 0) + int(session.scalar(orders) or 0)
