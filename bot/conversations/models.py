"""The tables of conversations.

Conversation   one customer on one channel; `owner` says who answers
Message        append-only (R7, a database trigger refuses the rest); `seq` counts from 1 without gaps
Choice         a button: an opaque token that stands for what is said to the assistant when it is pressed
Enclosure      a PDF of the shop's that goes with a message
Turn           what becomes of one message of a customer: received → answered | left_to_staff | failed
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kernel.db import UtcDateTime, new_metadata

Owner = Literal["assistant", "queued", "agent", "closed"]
Author = Literal["customer", "assistant", "agent"]
TurnStatus = Literal["received", "answered", "left_to_staff", "failed"]

_ID = String(36)


class Base(DeclarativeBase):
    metadata = new_metadata()


class Conversation(Base):
    """`version` grows with every change of owner: a reply computed under another version is dropped.

    `team` is whose it was when people last had it.
    `policy_shown` is the version of the privacy policy that was shown here, in the message `policy_message_id`,
    `policy_accepted` the one that its customer is known to have accepted.
    `is_queue_told`: they were told how it stands since they wait.
    `outage_since` is set while the assistant cannot answer here; `is_outage_told` when the customer knows of it.
    """

    __tablename__ = "bot_conversation"
    __table_args__ = (
        CheckConstraint("owner IN ('assistant', 'queued', 'agent', 'closed')", name="owner"),
        # One open conversation of one person on one channel (invariant I8).
        Index(
            "uq_bot_conversation_open",
            "channel",
            "sender",
            unique=True,
            sqlite_where=text("owner <> 'closed'"),
            postgresql_where=text("owner <> 'closed'"),
        ),
        Index("ix_bot_conversation_last_message_at", "last_message_at", "id"),
        Index(None, "channel", "sender"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    sender: Mapped[str] = mapped_column(String(128))
    customer_id: Mapped[str | None] = mapped_column(_ID, index=True)
    owner: Mapped[Owner] = mapped_column(String(16))
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(5))
    handoff_reason: Mapped[str | None] = mapped_column(String(40))
    team: Mapped[str | None] = mapped_column(String(40))
    last_seq: Mapped[int]
    is_queue_told: Mapped[bool]
    is_card_warned: Mapped[bool]
    policy_shown: Mapped[str | None] = mapped_column(String(40))
    policy_message_id: Mapped[str | None] = mapped_column(_ID)
    policy_accepted: Mapped[str | None] = mapped_column(String(40))
    outage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_outage_told: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Message(Base):
    """`provider_message_id` is the channel's own id of a customer's message; `in_reply_to` the message it answers.

    `staff_id` and `staff_name` say which agent wrote it.
    """

    __tablename__ = "bot_message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("channel", "provider_message_id"),
        CheckConstraint("author IN ('customer', 'assistant', 'agent')", name="author"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"))
    seq: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    provider_message_id: Mapped[str | None] = mapped_column(String(128))
    author: Mapped[Author] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    in_reply_to: Mapped[str | None] = mapped_column(ForeignKey("bot_message.id"), index=True)
    staff_id: Mapped[str | None] = mapped_column(_ID)
    staff_name: Mapped[str | None] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Choice(Base):
    """`token` is the secret the customer's side holds; `payload` never leaves the server."""

    __tablename__ = "bot_choice"

    token: Mapped[str] = mapped_column(String(43), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("bot_message.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Enclosure(Base):
    """`url` opens the PDF without signing in; the text of its message says a link that leads to it, too."""

    __tablename__ = "bot_enclosure"

    message_id: Mapped[str] = mapped_column(ForeignKey("bot_message.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(Text)


class Turn(Base):
    """`attempts` counts the tries whose outcome may be unknown.

    `payload` is set when a choice was pressed, when a voice note was heard, and when the bot itself answers.
    `start_token` (of a link that was opened) and `shared_phone` are proofs of who they are, kept until the turn ends.
    """

    __tablename__ = "bot_turn"
    __table_args__ = (CheckConstraint("status IN ('received', 'answered', 'left_to_staff', 'failed')", name="status"),)

    message_id: Mapped[str] = mapped_column(ForeignKey("bot_message.id"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), index=True)
    payload: Mapped[str | None] = mapped_column(Text)
    start_token: Mapped[str | None] = mapped_column(String(64))
    shared_phone: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[TurnStatus] = mapped_column(String(16))
    attempts: Mapped[int]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
