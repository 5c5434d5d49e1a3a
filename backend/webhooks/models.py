"""Subscribers, and what became of each event on its way to each of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref

STATUSES = ("pending", "delivered", "dead")


class Subscriber(Base):
    """Who wants to hear of events: all, or those whose kind is in `kinds` (`order.placed`, `shipment.*`).

    `secret` signs what is sent. Source: https://www.standardwebhooks.com
    """

    __tablename__ = "oms_subscriber"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(100))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event on its way to one subscriber; `dead` after the last attempt, with the reason, until sent again.

    A pending one is tried at `due_at`.
    """

    __tablename__ = "oms_webhook_delivery"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        UniqueConstraint("event_id", "subscriber_id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    event_id: Mapped[Ref] = mapped_column(ForeignKey("oms_event.id"))
    subscriber_id: Mapped[Ref] = mapped_column(ForeignKey("oms_subscriber.id"))
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(String(300))
    due_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
