"""The table of doubts.

Doubt   a message of which the assistant was not sure: its guess, and the label that a person gave it
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base
from kernel.db import UtcDateTime

_ID = String(36)


class Doubt(Base):
    """`guess` is an intent and `confidence` what it was worth in percent; `is_misunderstood`: it served nothing.

    `label` is what was meant, None with a `labelled_at` that it teaches nothing. `text` are the words to learn from,
    as a person let them stand: without what names anybody.
    """

    __tablename__ = "bot_doubt"
    __table_args__ = (
        CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence"),
        CheckConstraint("(label IS NULL) = (text IS NULL)", name="labelled_text"),
        CheckConstraint("(labelled_at IS NULL) = (labelled_by IS NULL)", name="labelled"),
        Index(None, "labelled_at", "at"),
    )

    message_id: Mapped[str] = mapped_column(ForeignKey("bot_message.id"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), index=True)
    language: Mapped[str] = mapped_column(String(5))
    guess: Mapped[str] = mapped_column(String(40))
    confidence: Mapped[int]
    is_misunderstood: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    label: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str | None] = mapped_column(Text)
    labelled_by: Mapped[str | None] = mapped_column(_ID)
    labelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
