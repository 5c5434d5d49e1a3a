"""The table of contacts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base
from kernel.db import UtcDateTime


class Contact(Base):
    """One person on one channel. `person` is what all ways of writing their address have in common, `sender` the way
    in which they first came: it is never rewritten.

    `heard_at` is when they last wrote, as far as the provider's window goes; `opted_out_at` when they asked to be left
    alone; `unreachable` why nothing can be sent to them.
    """

    __tablename__ = "bot_contact"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    person: Mapped[str] = mapped_column(String(128), primary_key=True)
    sender: Mapped[str] = mapped_column(String(128))
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unreachable: Mapped[str | None] = mapped_column(String(40))
