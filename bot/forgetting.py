"""Forgetting: of chats and files that are older than the shop keeps them, the content goes and the rows stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, String, cast, delete, select, update
from sqlalchemy.orm import Session

from bot.attachments.models import Attachment
from bot.conversations.models import Choice, Conversation, Enclosure, Message, Turn
from bot.handoff.models import Draft, Handoff, Note
from bot.learning.models import Doubt
from bot.notices.models import Notice
from bot.outbox.models import Outgoing
from kernel.seals import unsealed

AT_ONCE = 1_000


def forget_chats(session: Session, before: datetime, limit: int = AT_ONCE) -> int:
    """Blank what was said before an instant, with its choices and what was sent of it; how many messages.

    What was never answered is not touched: someone is still to look at it.
    """
    unanswered = select(Turn.message_id).where(Turn.status == "received")
    old = select(Message.id).where(Message.at < before, Message.text != "", Message.id.not_in(unanswered))
    ids = list(session.scalars(old.order_by(Message.at).limit(limit)))
    if not ids:
        return 0
    session.execute(delete(Doubt).where(Doubt.message_id.in_(ids), Doubt.label.is_(None)))
    for of_message in (Outgoing, Choice, Enclosure):
        session.execute(delete(of_message).where(of_message.message_id.in_(ids)))
    session.execute(update(Turn).where(Turn.message_id.in_(ids)).values(payload=None))
    with unsealed(session, [Message.__tablename__]):
        session.execute(update(Message).where(Message.id.in_(ids)).values(text=""))
    return len(ids)


def forget_notes(session: Session, before: datetime) -> int:
    """Blank what staff wrote for each other before an instant, and drop what they never sent; how many notes."""
    session.execute(delete(Draft).where(Draft.changed_at < before))
    session.execute(update(Handoff).where(Handoff.ended_at < before).values(done=None))
    old = update(Note).where(Note.at < before, Note.text != "").values(text="")
    with unsealed(session, [Note.__tablename__]):
        done = session.execute(old.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount


def forget_notices(session: Session, before: datetime) -> int:
    """The facts of what customers were told before an instant; how many notices."""
    old = update(Notice).where(
        Notice.created_at < before, Notice.status != "queued", cast(Notice.facts, String) != "{}"
    )
    done = session.execute(old.values(facts={}).execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount


def forget_files(session: Session, before: datetime, limit: int = AT_ONCE) -> list[tuple[str, str]]:
    """Drop files that were sent before an instant: conversation and id of each, for whoever deletes the content."""
    old = select(Attachment).where(Attachment.taken_at < before).order_by(Attachment.taken_at).limit(limit)
    found = list(session.scalars(old))
    for attachment in found:
        session.delete(attachment)
    session.flush()
    return [(attachment.conversation_id, attachment.id) for attachment in found]


def silent_since(session: Session, before: datetime, limit: int = AT_ONCE) -> list[str]:
    """Conversations in which nobody has said anything since an instant."""
    silent = select(Conversation.id).where(Conversation.last_message_at < before)
    return list(session.scalars(silent.order_by(Conversation.last_message_at.desc()).limit(limit)))
