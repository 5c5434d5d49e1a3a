"""The table of outgoing parts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base
from kernel.db import UtcDateTime

Status = Literal["queued", "sending", "uncertain", "sent", "failed", "delivered", "read", "skipped"]

_ID = String(36)


class Outgoing(Base):
    """A part of a message, as its channel will send it: queued → sending → sent → delivered → read.

    `is_template`: an agent chose one that the provider approved, so it may leave at any time.
    `paid_at` is when it left as a template, which the provider bills.
    `uncertain`: the provider may or may not have it; `looks` counts how often it was looked for there
    (bot/telling/looking.py).
    `own_part` is what it was before it left as a template, should it have to leave again.
    `said_in` is the part of another message whose template says this one, too: they share what becomes of it.
    `failed` and `skipped` say why in `reason`.
    """

    __tablename__ = "bot_outgoing"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        CheckConstraint(
            "status IN ('queued', 'sending', 'uncertain', 'sent', 'failed', 'delivered', 'read', 'skipped')",
            name="status",
        ),
        Index(None, "status", "created_at"),
        Index(
            None,
            "paid_at",
            sqlite_where=text("paid_at IS NOT NULL"),
            postgresql_where=text("paid_at IS NOT NULL"),
        ),
        Index(
            None,
            "said_in",
            sqlite_where=text("said_in IS NOT NULL"),
            postgresql_where=text("said_in IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("bot_message.id"))
    position: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    part: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_template: Mapped[bool] = mapped_column(server_default=false())
    status: Mapped[Status] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int]
    looks: Mapped[int] = mapped_column(server_default=text("0"))
    provider_message_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    said_in: Mapped[str | None] = mapped_column(_ID)
    own_part: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
