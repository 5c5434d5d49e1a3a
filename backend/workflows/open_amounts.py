"""What is still to be paid of each invoice and debit note: its payable, less what corrects it, less what settled it.

What a note takes from an invoice that was paid is below zero, until the settlement is taken back for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Select, case, func, select, union_all
from sqlalchemy.orm import Session

from backend.customers import identities
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


def open_amounts(
    as_of: AsOf | None = None, customer_id: str | None = None, document_ids: Sequence[str] | None = None
) -> CTE:
    """Per document that owes or is owed: `id customer_id currency due_on open_minor`; one query, no row opened."""
    corrected = _per_document(_notes(as_of, customer_id), "corrected", document_ids)
    settled = _per_document(_settlements(as_of), "settled", document_ids)
    open_minor = Invoice.payable_minor - func.coalesce(corrected.c.amount, 0) - func.coalesce(settled.c.amount, 0)
    query = (
        select(Invoice.id, Invoice.customer_id, Invoice.currency, Invoice.due_on, open_minor.label("open_minor"))
        .outerjoin(corrected, corrected.c.document_id == Invoice.id)
        .outerjoin(settled, settled.c.document_id == Invoice.id)
        .where(Invoice.kind.in_(OWING), open_minor != 0)
    )
    if document_ids is not None:
        query = query.where(Invoice.id.in_(document_ids))
    return _until(query, as_of, customer_id).cte("open_amount")


def _per_document(query: Rows, name: str, document_ids: Sequence[str] | None) -> CTE:
    rows = query.subquery()
    summed = select(rows.c.document_id, func.sum(rows.c.amount).label("amount")).group_by(rows.c.document_id)
    if document_ids is not None:
        summed = summed.where(rows.c.document_id.in_(document_ids))
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


def open_of(session: Session, document_ids: Sequence[str]) -> dict[str, int]:
    """What of each of these documents is open, 0 for what owes nothing (any more), as a credit note."""
    owed = open_amounts(document_ids=document_ids)
    found = {document_id: int(minor) for document_id, minor in session.execute(select(owed.c.id, owed.c.open_minor))}
    return {document_id: found.get(document_id, 0) for document_id in document_ids}


def open_minor(session: Session, document: Invoice) -> int:
    return open_of(session, [document.id])[document.id]


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


def open_documents_of_person(session: Session, customer_id: str) -> list[OpenDocument]:
    """The same of all customers that are one person with this one."""
    everyone = identities.ids_of_person(session, customer_id)
    found = [each for one in everyone for each in open_documents(session, one)]
    return sorted(found, key=lambda each: each.due_on)


def owed_on_credit(session: Session, customer_id: str, *, without_order_id: str | None = None) -> int:
    return credit_used(session, [customer_id], without_order_id=without_order_id)[customer_id]


def credit_used(
    session: Session, customer_ids: Sequence[str], *, without_order_id: str | None = None
) -> dict[str, int]:
    """Minor units that count against each customer's limit: what is open of documents on credit, and what of their
    accepted orders on credit is not invoiced yet. What of a cancelled order was not invoiced is not owed.
    """
    methods: Sequence[str] = sorted(CREDIT_METHODS)
    owed = open_amounts(customer_id=customer_ids[0] if len(customer_ids) == 1 else None)
    documents = (
        select(Invoice.customer_id, owed.c.open_minor.label("amount"))
        .join(owed, owed.c.id == Invoice.id)
        .where(Invoice.payment_method.in_(methods), Invoice.customer_id.in_(customer_ids))
    )
    billed = (
        select(func.coalesce(func.sum(Invoice.total_minor), 0))
        .where(Invoice.order_id == Order.id, Invoice.kind == "invoice")
        .correlate(Order)
        .scalar_subquery()
    )
    unbilled = case((Order.total_minor > billed, Order.total_minor - billed), else_=0)
    orders = select(Order.customer_id, unbilled.label("amount")).where(
        Order.customer_id.in_(customer_ids), Order.payment_method.in_(methods), Order.status != "cancelled"
    )
    if without_order_id is not None:
        documents = documents.where(Invoice.order_id != without_order_id)
        orders = orders.where(Order.id != without_order_id)
    parts = union_all(documents, orders).subquery()
    query = select(parts.c.customer_id, func.sum(parts.c.amount)).group_by(parts.c.customer_id)
    found = {customer_id: int(amount) for customer_id, amount in session.execute(query)}
    return {customer_id: found.get(customer_id, 0) for customer_id in customer_ids}
