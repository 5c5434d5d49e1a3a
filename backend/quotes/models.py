"""Quotes, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref

STATUSES = ("drafted", "sent", "accepted", "placed", "withdrawn")


class Quote(Base):
    """A cart that someone of the shop made for a customer. `number` is `COT-10001`.

    `content` holds its lines and how it is delivered and paid; `total_minor` is what it cost when it was last looked
    at. Sent, it may be accepted until `valid_until`; accepted by its customer, or placed for them, it is `order_id`.
    """

    __tablename__ = "oms_quote"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        CheckConstraint("(status IN ('accepted', 'placed')) = (order_id IS NOT NULL)", name="ordered"),
        CheckConstraint("status <> 'sent' OR valid_until IS NOT NULL", name="sent"),
        Index(None, "customer_id", "id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[Minor]
    valid_until: Mapped[datetime | None]
    order_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_order.id"), unique=True)
    who: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
