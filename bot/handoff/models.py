"""The tables of handoffs.

Handoff   one time that a conversation is with people: from when one was asked for until it is given back or closed
Agent     a member of staff as the desk knows them: when they were last seen, what they help with, how much they take
Note      append-only: what staff write for each other; never sent, and never told to the assistant
Tag       a word by which a conversation is found
Draft     what an agent has begun to write
Rating    how a customer found it
Canned    a reply that is used again and again, in both languages
Act       append-only (a database trigger refuses the rest): who did what to a conversation, and how it stood
          before and after; it holds no words of anybody
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.conversations.models import Base
from kernel.acts import MAX_KEY_LENGTH
from kernel.db import UtcDateTime

Ending = Literal["returned", "resumed", "closed"]

_ID = String(36)


class Handoff(Base):
    """`agent_id` is who has it, or had it last; while it waits nobody does. The higher its `priority`, the sooner.

    `claimed_at` is when it was first taken, `replied_at` when a person first answered.
    `lease_until`: who shows no sign of life until then has lost it to the queue. It ends `returned` to the assistant
    by a person, who may say what was `done`, `resumed` by the customer, or `closed`.
    """

    __tablename__ = "bot_handoff"
    __table_args__ = (
        CheckConstraint("ending IN ('returned', 'resumed', 'closed')", name="ending"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended"),
        # A conversation is handed to people once at a time.
        Index(
            "uq_bot_handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "conversation_id", "asked_at"),
        Index(None, "ended_at", "claimed_at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"))
    reason: Mapped[str] = mapped_column(String(40))
    team: Mapped[str | None] = mapped_column(String(40))
    priority: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agent_id: Mapped[str | None] = mapped_column(_ID)
    agent_name: Mapped[str | None] = mapped_column(String(120))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    typing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wants_call: Mapped[bool]
    reply_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolve_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = mapped_column(String(16))


class Agent(Base):
    """`teams`: whose conversations they see and take; none named means all. `capacity` of None is the shop's."""

    __tablename__ = "bot_agent"

    staff_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    teams: Mapped[list[str]] = mapped_column(JSON)
    capacity: Mapped[int | None]
    is_away: Mapped[bool]
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Note(Base):
    __tablename__ = "bot_note"
    __table_args__ = (Index(None, "conversation_id", "at"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"))
    staff_id: Mapped[str] = mapped_column(_ID)
    staff_name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Tag(Base):
    __tablename__ = "bot_tag"
    __table_args__ = (Index(None, "name"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)


class Draft(Base):
    __tablename__ = "bot_draft"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Seen(Base):
    """Up to which message (`seq`) an agent had a conversation before them."""

    __tablename__ = "bot_seen"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Canned(Base):
    """`{{…}}` in its words stands for a fact of the order, the customer or the agent, which the console fills in."""

    __tablename__ = "bot_canned"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    es: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Rating(Base):
    """How a customer found it, from 1 to 5: asked by a message when the conversation was closed. `agent_id` is who had
    it then; without one it was the assistant.
    """

    __tablename__ = "bot_rating"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"), Index(None, "conversation_id"))

    message_id: Mapped[str] = mapped_column(ForeignKey("bot_message.id"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("bot_conversation.id"))
    agent_id: Mapped[str | None] = mapped_column(_ID)
    agent_name: Mapped[str | None] = mapped_column(String(120))
    score: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Act(Base):
    """`key` and `fingerprint` are those of the request: the same again is done once. `subject_id` is what it made."""

    __tablename__ = "bot_act"
    __table_args__ = (UniqueConstraint("staff_id", "key"), Index(None, "conversation_id", "at"))

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("bot_conversation.id"))
    staff_id: Mapped[str] = mapped_column(_ID)
    staff_name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(24))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    subject_id: Mapped[str | None] = mapped_column(_ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
