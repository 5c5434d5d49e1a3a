"""The table of claims."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref

KINDS = ("unknown", "missing", "wrong", "faulty")
STATES = ("open", "closed")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Claim(Base):
    """A customer says that something is wrong with an order. What exactly (`kind`) they say, or a person finds out.

    It is closed with an `answer`, or by the return that makes it good, with or without goods that come back.
    """

    __tablename__ = "oms_claim"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    )

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(10))
    return_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_return.id"))
    answer: Mapped[str | None] = mapped_column(String(300))
    opened_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[datetime | None]
