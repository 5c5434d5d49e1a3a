"""The table of notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base
from kernel.db import UtcDateTime

NoticeStatus = Literal["queued", "sent", "skipped"]

_ID = String(36)


class Notice(Base):
    """What is said to a customer because of one event: once, and it ends `sent` or `skipped`, with the `reason`.

    `what` is the kind of the event, or `delivery_feedback` for the question that follows a delivery; `subject` the
    order's number; `facts` the event's payload. A queued one is due at `due_at`, which quiet hours may move.
    """

    __tablename__ = "bot_notice"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'sent', 'skipped')", name="status"),
        UniqueConstraint("event_id", "what"),
        Index(None, "subject", "what"),
        Index(None, "status", "due_at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    event_id: Mapped[str] = mapped_column(_ID)
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(_ID)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[NoticeStatus] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int]
    message_id: Mapped[str | None] = mapped_column(ForeignKey("bot_message.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
