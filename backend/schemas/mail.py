"""E-mails as staff see them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.schemas.base import Answer

MailStatus = Literal["queued", "sending", "sent", "failed", "uncertain", "kept"]


class MailSummary(Answer):
    """`key` names the fact that the mail tells of; `error` is how the last try ended."""

    id: str
    key: str = Field(examples=["shipment.shipped:0193f2c1-7a30-7c11-9d5e-0c3f6c1b2a44"])
    recipient: str = Field(examples=["ana@example.com"])
    subject: str
    status: MailStatus
    attempts: int
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None


class Mail(MailSummary):
    text: str
    html: str | None = None


class MailPage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    mails: list[MailSummary]
    next_cursor: str | None = None
