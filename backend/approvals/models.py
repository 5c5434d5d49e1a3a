"""Pending acts: what a member may not do alone, until a second person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor

ACTS = ("credit_note", "debit_note", "write_off", "journal_entry", "discount")
STATUSES = ("pending", "approved", "refused", "withdrawn")


class PendingAct(Base):
    """`body` is what was asked, as its route takes it; `subject` what of; `result` what came of it once approved."""

    __tablename__ = "oms_pending_act"
    __table_args__ = (
        CheckConstraint(f"act IN {ACTS}", name="act"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("status NOT IN ('approved', 'refused') OR decided_by <> requested_by", name="second_person"),
        Index(None, "status", "number"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    act: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(12))
    requested_by: Mapped[str] = mapped_column(String(80))
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(300))
    result: Mapped[str | None] = mapped_column(String(40))
