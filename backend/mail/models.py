"""The outbox of e-mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id

STATUSES = ("queued", "sending", "sent", "failed", "uncertain", "kept")


class Mail(Base):
    """One e-mail. `key` names why it is sent (`order.shipped:PED-10023-1-A`), so that it is sent once.

    `kept`: no SMTP server is configured, it can be read in the outbox. `failed`: given up, `error` says why.
    `sending`: with the server at this moment. `uncertain`: the server may have it or not, so it is not sent again by
    itself. A queued one is tried at `due_at`. The files of the invoice numbered `document` go along with it.
    """

    __tablename__ = "oms_mail"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
