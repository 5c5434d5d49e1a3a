"""The table of payment proofs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref


class PaymentProof(Base):
    """A picture (or PDF) by which a customer shows that they paid an order: open → approved | rejected.

    The picture is with the bot; here are its id and the SHA-256 of its content, by which the same picture is known
    again. `amount`, `reference` and `paid_on` are what the customer says of it, and count for nothing: `payment` is
    what finance found. Of a rejected one the customer is told the `reason`; of `other`, in the words of the `note`.
    """

    __tablename__ = "oms_payment_proof"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'approved', 'rejected')", name="status"),
        CheckConstraint(
            "reason IN ('unreadable', 'not_received', 'wrong_amount', 'wrong_account', 'other')", name="reason"
        ),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(status = 'approved') = (payment_id IS NOT NULL)", name="approved"),
        CheckConstraint("(status = 'rejected') = (reason IS NOT NULL)", name="rejected"),
        CheckConstraint("amount_minor > 0", name="amount"),
        # The same picture waits once for an order.
        Index(
            "uq_oms_payment_proof_open",
            "order_id",
            "attachment_hash",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(None, "status", "id"),
        Index(None, "attachment_hash"),
        Index(None, "reference"),
    )  # fmt: skip

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"), index=True)
    attachment_id: Mapped[str] = mapped_column(String(36))
    attachment_hash: Mapped[str] = mapped_column(String(64))
    attachment_type: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[Minor | None]
    reference: Mapped[str | None] = mapped_column(String(80))
    paid_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(300))
    payment_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_payment.id"), index=True)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    sent_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
