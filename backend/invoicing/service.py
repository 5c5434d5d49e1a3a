"""What may be done with invoices: issue, correct by notes, keep their files, prove that they arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend.base import columns_of, table_of
from backend.invoicing import submissions
from backend.invoicing.errors import InvoiceNotFound, SeriesUsedUp
from backend.invoicing.models import Invoice, InvoiceFile, InvoiceLine, InvoiceSeries
from backend.invoicing.providers import LOCAL
from backend.persons import is_of
from kernel import clock
from kernel.ids import new_id

_series = table_of(InvoiceSeries)
_insert_invoice, _insert_lines = insert(table_of(Invoice)), insert(table_of(InvoiceLine))


@dataclass(frozen=True, slots=True)
class NewLine:
    """See InvoiceLine."""

    order_line_id: str | None
    sku: str | None
    name: str
    name_en: str
    unit: str
    unit_name_es: str
    unit_name_en: str
    factor: int
    base_quantity: int
    tax_class: str
    tax_rate: Decimal
    discount_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """A document before it has a number; see Invoice. `cause` names why it is issued, so that it is issued once."""

    kind: str
    cause: str
    order_id: str
    customer_id: str
    currency: str
    delivery_minor: int
    withheld_minor: int
    seller: dict[str, Any]
    buyer: dict[str, Any]
    payment_method: str
    issued_on: date
    due_on: date
    corrects_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FullInvoice:
    invoice: Invoice
    lines: Sequence[InvoiceLine]


def issue(session: Session, new: NewInvoice, lines: Sequence[NewLine]) -> FullInvoice:
    """Write a document under the next number of its series. Callers ask `of_cause` first.

    Records: the series' counter, Invoice, InvoiceLine rows, an InvoiceSubmission with its work.
    Raises: SeriesUsedUp.
    """
    subtotal_minor = sum(line.net_minor for line in lines)
    tax_minor = sum(line.tax_minor for line in lines)
    total_minor = subtotal_minor + new.delivery_minor + tax_minor
    prefix, sequence = _next_number(session, new.kind, new.issued_on)
    invoice_id = new_id()
    row = columns_of(new) | {
        "id": invoice_id,
        "number": f"{prefix}-{sequence}",
        "sequence": sequence,
        "subtotal_minor": subtotal_minor,
        "tax_minor": tax_minor,
        "total_minor": total_minor,
        "payable_minor": total_minor - new.withheld_minor,
        "issued_at": clock.now(),
    }
    rows = [{"invoice_id": invoice_id, "position": at} | columns_of(line) for at, line in enumerate(lines, start=1)]
    connection = session.connection()
    connection.execute(_insert_invoice, row)
    if rows:
        connection.execute(_insert_lines, rows)
    submissions.begin(session, invoice_id, LOCAL)
    return FullInvoice(Invoice(**row), [InvoiceLine(**line) for line in rows])


def _next_number(session: Session, kind: str, issued_on: date) -> tuple[str, int]:
    """The counter is locked until the document is committed: two wait for each other, and no number is lost."""
    statement = (
        update(_series)
        .where(_series.c.kind == kind)
        .values(last=_series.c.last + 1)
        .returning(_series.c.prefix, _series.c.last, _series.c.resolution)
    )
    prefix, sequence, resolution = session.connection().execute(statement).one()
    if resolution is not None:
        is_over = sequence > resolution["to"] or issued_on.isoformat() > resolution["valid_until"]
        if is_over:
            raise SeriesUsedUp(prefix=prefix)
    return prefix, sequence


def find(session: Session, number: str, *, customer_id: str | None = None, lock: bool = False) -> FullInvoice:
    """The document of this number; of this customer, if given.

    Raises: InvoiceNotFound, for someone else's too.
    """
    query = select(Invoice).where(Invoice.number == number.strip().upper())
    if customer_id is not None:
        query = query.where(is_of(Invoice.customer_id, customer_id))
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise InvoiceNotFound()
    return _full(session, found)


def of_cause(session: Session, cause: str) -> FullInvoice | None:
    """What was issued for this cause."""
    found = session.scalar(select(Invoice).where(Invoice.cause == cause))
    return None if found is None else _full(session, found)


def by_id(session: Session, invoice_id: str) -> Invoice:
    return session.get_one(Invoice, invoice_id)


def technical_key(session: Session, kind: str) -> str:
    """The key that came with the resolution of a series; empty as long as there is none."""
    resolution = session.get_one(InvoiceSeries, kind).resolution or {}
    return str(resolution.get("technical_key", ""))


def of_order(session: Session, order_id: str) -> list[FullInvoice]:
    """The order's documents, oldest first."""
    found = session.scalars(select(Invoice).where(Invoice.order_id == order_id).order_by(Invoice.id))
    return [_full(session, invoice) for invoice in found]


def documents_of(session: Session, order_ids: Sequence[str]) -> dict[str, list[Invoice]]:
    """The documents of each order without their lines, oldest first."""
    found: dict[str, list[Invoice]] = {order_id: [] for order_id in order_ids}
    for invoice in session.scalars(select(Invoice).where(Invoice.order_id.in_(order_ids)).order_by(Invoice.id)):
        found[invoice.order_id].append(invoice)
    return found


def documents_of_customer(session: Session, customer_id: str, currency: str) -> list[Invoice]:
    """All documents of a customer in a currency without their lines, oldest first."""
    query = select(Invoice).where(Invoice.customer_id == customer_id, Invoice.currency == currency)
    return list(session.scalars(query.order_by(Invoice.id)))


def notes_of(session: Session, invoice_id: str) -> list[FullInvoice]:
    """The credit and debit notes that correct an invoice, oldest first."""
    found = session.scalars(select(Invoice).where(Invoice.corrects_id == invoice_id).order_by(Invoice.id))
    return [_full(session, note) for note in found]


def invoiced(session: Session, order_line_ids: Sequence[str]) -> dict[str, int]:
    """Per order line how many base units invoices (notes aside) bill of it so far."""
    query = (
        select(InvoiceLine.order_line_id, func.sum(InvoiceLine.base_quantity))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.kind == "invoice", InvoiceLine.order_line_id.in_(order_line_ids))
        .group_by(InvoiceLine.order_line_id)
    )
    sums = {line_id: int(count) for line_id, count in session.execute(query)}
    return {line_id: sums.get(line_id, 0) for line_id in order_line_ids}


def _full(session: Session, invoice: Invoice) -> FullInvoice:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    return FullInvoice(invoice, session.scalars(query).all())


def page(
    session: Session,
    kind: str | None,
    before: str | None,
    limit: int,
    order_id: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Invoice]:
    """Documents, newest first, from before the number `before`; of one order, and of these days, if given."""
    query = select(Invoice).order_by(Invoice.id.desc()).limit(limit)
    if order_id is not None:
        query = query.where(Invoice.order_id == order_id)
    if kind is not None:
        query = query.where(Invoice.kind == kind)
    if since is not None:
        query = query.where(Invoice.issued_on >= since)
    if until is not None:
        query = query.where(Invoice.issued_on <= until)
    if before is not None:
        query = query.where(Invoice.id < select(Invoice.id).where(Invoice.number == before).scalar_subquery())
    return list(session.scalars(query))


# files


def keep_file(session: Session, invoice_id: str, form: str, content: bytes) -> InvoiceFile:
    """Records: one InvoiceFile, as it was first made."""
    known = file(session, invoice_id, form)
    if known is not None:
        return known
    digest = hashlib.sha256(content).hexdigest()
    kept = InvoiceFile(invoice_id=invoice_id, format=form, sha256=digest, content=content, made_at=clock.now())
    session.add(kept)
    session.flush()
    return kept


def file(session: Session, invoice_id: str, form: str) -> InvoiceFile | None:
    return session.get(InvoiceFile, (invoice_id, form))
