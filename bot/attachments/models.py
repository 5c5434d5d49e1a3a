"""The table of attachments; their content is in files (bot/attachments/files.py)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base
from kernel.db import UtcDateTime

_ID = String(36)


class Attachment(Base):
    """A file of one conversation: first taken in, then sent with one message, at a `position` in it.

    `type` is what the content is, `hash` the SHA-256 of what is kept: a picture is written anew, so the same picture
    has the same hash whatever its camera or its sender wrote around it. `width` and `height` are a picture's.
    """

    __tablename__ = "bot_attachment"
    __table_args__ = (
        CheckConstraint("type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')", name="type"),
        CheckConstraint("(message_id IS NULL) = (position IS NULL)", name="sent"),
        Index(None, "message_id", "position", unique=True),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("bot_message.id"))
    position: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(100))
    type: Mapped[str] = mapped_column(String(20))
    size_bytes: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
