"""Invoices and the notes that correct them: lines, files, and the counters of their numbers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

KINDS = ("invoice", "credit_note", "debit_note")
MEDIA_TYPES = {"pdf": "application/pdf", "xml": "application/xml"}
PROOF_KINDS = ("sent", "opened", "accepted", "rejected")
SUBMISSION_STATUSES = ("pending", "accepted", "refused", "failed")
FORMATS = ("pdf", "xml")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class InvoiceSeries(Base):
    """The numbers of one kind of document: `FV-1`, `FV-2`… without a gap, because the counter moves with the document.

    `resolution` is what the tax office allowed: `{"number": …, "from": 1, "to": 5000, "valid_until": "2027-11-30"}`.
    """

    __tablename__ = "oms_invoice_series"
    __table_args__ = (CheckConstraint(_one_of("kind", KINDS), name="kind"),)

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(10), unique=True)
    last: Mapped[int] = mapped_column(Integer)
    resolution: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Invoice(Base):
    """A document as it was issued. Append-only: what is wrong in it is corrected by a note that `corrects_id` it.

    `subtotal` (lines, without tax) + `delivery` + `tax` = `total`; `payable` = `total` - `withheld`. Amounts of a note
    are positive; its kind says which way they go. `seller` and `buyer` are who they were on that day.
    """

    __tablename__ = "oms_invoice"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint("total_minor = subtotal_minor + delivery_minor + tax_minor", name="total"),
        CheckConstraint("payable_minor = total_minor - withheld_minor", name="payable"),
        CheckConstraint("subtotal_minor >= 0 AND delivery_minor >= 0 AND tax_minor >= 0", name="positive"),
        CheckConstraint("(kind = 'invoice') = (corrects_id IS NULL)", name="corrects"),
        UniqueConstraint("kind", "sequence"),
        Index(None, "order_id"),
        Index(None, "customer_id", "id"),
        # All that the aging of receivables reads of a document: it never opens the row, which is wide.
        Index(
            "ix_oms_invoice_aging",
            "kind", "issued_on", "id", "customer_id", "currency", "due_on", "payable_minor", "corrects_id",
        ),
    )  # fmt: skip

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(24), unique=True)
    sequence: Mapped[int] = mapped_column(Integer)
    cause: Mapped[str] = mapped_column(String(120), unique=True)
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    corrects_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_invoice.id"), index=True)
    reason: Mapped[str | None] = mapped_column(String(300))
    currency: Mapped[str] = mapped_column(String(3))
    subtotal_minor: Mapped[Minor]
    delivery_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    withheld_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    payable_minor: Mapped[Minor]
    seller: Mapped[dict[str, Any]] = mapped_column(JSON)
    buyer: Mapped[dict[str, Any]] = mapped_column(JSON)
    payment_method: Mapped[str] = mapped_column(String(40))
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    due_on: Mapped[date]


class InvoiceLine(Base):
    """What is billed: `base_quantity` base units for `net` + `tax` = `gross`. Append-only.

    `discount` is what was taken off before: without tax, as `net` is.

    A debit note's line is no order line: it is a charge, and `name` says what for.
    """

    __tablename__ = "oms_invoice_line"
    __table_args__ = (
        CheckConstraint("base_quantity > 0", name="base_quantity"),
        CheckConstraint("gross_minor = net_minor + tax_minor AND net_minor >= 0 AND tax_minor >= 0", name="gross"),
        Index(None, "order_line_id"),
    )

    invoice_id: Mapped[Ref] = mapped_column(ForeignKey("oms_invoice.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    order_line_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_order_line.id"))
    sku: Mapped[Sku | None] = mapped_column(ForeignKey("oms_variant.sku"))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(40))
    unit_name_es: Mapped[str] = mapped_column(String(40))
    unit_name_en: Mapped[str] = mapped_column(String(40))
    factor: Mapped[int] = mapped_column(Integer)
    base_quantity: Mapped[int] = mapped_column(Integer)
    tax_class: Mapped[str] = mapped_column(String(20))
    tax_rate: Mapped[Decimal]
    discount_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    gross_minor: Mapped[Minor]


class InvoiceFile(Base):
    """A document as a file, as it was first made: never made again, for the hash is what was sent. Append-only."""

    __tablename__ = "oms_invoice_file"
    __table_args__ = (CheckConstraint(_one_of("format", FORMATS), name="format"),)

    invoice_id: Mapped[Ref] = mapped_column(ForeignKey("oms_invoice.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(4), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class InvoiceProof(Base):
    """That a document arrived, and what its customer says of it (*radicación*). Append-only.

    `sent`: the mail was accepted. `opened`: one of its files was fetched by the link. `accepted` and `rejected` (with
    its `reason`) are the customer's answers, by the link or entered by `who`.
    """

    __tablename__ = "oms_invoice_proof"
    __table_args__ = (
        CheckConstraint(_one_of("kind", PROOF_KINDS), name="kind"),
        CheckConstraint("kind <> 'rejected' OR reason IS NOT NULL", name="reason"),
        Index(None, "invoice_id", "id"),
    )

    id: Mapped[Id]
    invoice_id: Mapped[Ref] = mapped_column(ForeignKey("oms_invoice.id"))
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(300))
    who: Mapped[str] = mapped_column(String(80))
    happened_at: Mapped[datetime]


class InvoiceSubmission(Base):
    """How far a document is with the e-invoicing provider; `reference` is what the provider calls it.

    `failed`: given up for now, `reason` says why; a person submits it again. A pending one is tried at `due_at`.
    """

    __tablename__ = "oms_invoice_submission"
    __table_args__ = (
        CheckConstraint(_one_of("status", SUBMISSION_STATUSES), name="status"),
        Index(None, "status", "due_at"),
    )

    invoice_id: Mapped[Ref] = mapped_column(ForeignKey("oms_invoice.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    reference: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(300))
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
