"""The table of claims."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref


class Claim(Base):
    """A customer says that something is wrong with an order. What exactly (`kind`) a person finds out with them."""

    __tablename__ = "oms_claim"
    __table_args__ = (
        CheckConstraint("kind IN ('unknown')", name="kind"),
        CheckConstraint("state IN ('open')", name="state"),
    )

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime]
