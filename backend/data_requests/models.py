"""Data requests: who asked for what of whom, how far it is, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref

KINDS = ("look", "export", "erasure")
ENDED = ("done", "refused", "failed")
STATUSES = ("queued", "working", "clearing", *ENDED)
# Of a copy, in what was found: it was made of what is erased by now.
WITHDRAWN = "is_withdrawn"
# A choice and no text: what is kept of an erasure names nobody.
REASONS = ("asked", "consent_withdrawn", "authority")


class DataRequest(Base):
    """`found` is what came of it, in numbers and names of documents; `clearing` are an erasure's rows gone, and the
    rest under way. `due_at` is when it should be tried again at the latest.
    """

    __tablename__ = "oms_data_request"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint(f"reason IN {REASONS}", name="reason"),
        CheckConstraint("(kind = 'erasure') = (reason IS NOT NULL)", name="reasoned"),
        CheckConstraint("kind = 'erasure' OR status <> 'clearing'", name="clears"),
        CheckConstraint(f"(status IN {ENDED}) = (ended_at IS NOT NULL)", name="ended"),
        Index(None, "customer_id", "number"),
        Index(None, "status", "due_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    reason: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int] = mapped_column(Integer)
    requested_by: Mapped[str] = mapped_column(String(80))
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    found: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def is_withdrawn(self) -> bool:
        return WITHDRAWN in self.found
