"""What each agent has seen: up to which message of a conversation, and so what is unread."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message
from bot.handoff.models import Handoff, Seen
from kernel import clock

T = TypeVarTuple("T")


def note(session: Session, conversation_id: str, staff_id: str, seq: int) -> None:
    """They have it before them up to that message; what was seen stays so."""
    known = session.get(Seen, (conversation_id, staff_id), with_for_update=True)
    last_seq = session.scalar(select(Conversation.last_seq).where(Conversation.id == conversation_id)) or 0
    seq = min(seq, last_seq)
    if known is None:
        session.add(Seen(conversation_id=conversation_id, staff_id=staff_id, seq=seq, at=clock.now()))
    elif seq > known.seq:
        known.seq, known.at = seq, clock.now()
    session.flush()


def unread(session: Session, staff_id: str, conversation_ids: Collection[str]) -> dict[str, int]:
    """How many messages of its customer an agent has not seen, of conversations that wait or that they have."""
    wanted = (
        _looked_after(select(Conversation.id, func.count(Message.id)), staff_id)
        .join(Message, _IS_UNSEEN)
        .where(Conversation.id.in_(conversation_ids))
        .group_by(Conversation.id)
    )
    return {row.id: row[1] for row in session.execute(wanted)}


def conversations_unread(session: Session, staff_id: str, only: Sequence[ColumnElement[bool]] = ()) -> int:
    """In how many conversations that wait, or that an agent has, there is something that they have not seen."""
    # Whether there is one, not how many: the first that is found ends the search.
    is_there_one = select(Message.id).where(_IS_UNSEEN).exists()
    wanted = _looked_after(select(func.count(Conversation.id)), staff_id).where(*only, is_there_one)
    return session.scalar(wanted) or 0


_IS_UNSEEN = and_(
    Message.conversation_id == Conversation.id,
    Message.seq > func.coalesce(Seen.seq, 0),
    Message.author == "customer",
)


def _looked_after(wanted: Select[*T], staff_id: str) -> Select[*T]:
    """Of conversations that wait or that an agent has, beside what the agent has seen of each."""
    is_theirs = and_(Conversation.owner == "agent", Handoff.agent_id == staff_id)
    return (
        wanted.select_from(Conversation)
        .join(Handoff, and_(Handoff.conversation_id == Conversation.id, Handoff.ended_at.is_(None)))
        .outerjoin(Seen, and_(Seen.conversation_id == Conversation.id, Seen.staff_id == staff_id))
        .where((Conversation.owner == "queued") | is_theirs)
    )
