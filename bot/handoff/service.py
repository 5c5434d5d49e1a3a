"""What may be done with handoffs. Every function works in the caller's transaction, on a locked conversation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.handoff.acts import Doer
from bot.handoff.errors import ConversationNotYours, ConversationTaken
from bot.handoff.models import Ending, Handoff
from kernel import clock, ids

# Whoever shows no sign of life for so long has lost the conversation to the queue.
LEASE = timedelta(minutes=5)
# An agent stepped in, and nobody had asked for one.
STEPPED_IN = "stepped_in"


def current(session: Session, conversation_id: str) -> Handoff | None:
    """The handoff that a conversation is in, if it is."""
    return session.scalar(select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None)))


def current_of(session: Session, conversation_ids: Collection[str]) -> dict[str, Handoff]:
    found = select(Handoff).where(Handoff.conversation_id.in_(conversation_ids), Handoff.ended_at.is_(None))
    return {handoff.conversation_id: handoff for handoff in session.scalars(found)}


def ask(session: Session, conversation: Conversation, reason: str) -> Handoff:
    """A person is asked for: the conversation waits in the queue. Records: Handoff, if there is none yet."""
    conversations.change_owner(conversation, "queued", reason=reason)
    return _begin(session, conversation, reason)


def claim(session: Session, conversation: Conversation, doer: Doer, version: int) -> Handoff:
    """A person takes the conversation, as they saw it. Whose it is already keeps it.

    Raises: ConversationTaken.
    """
    handoff = current(session, conversation.id)
    if conversation.owner == "agent" and handoff and handoff.agent_id == doer.id:
        return handoff
    if conversation.version != version or conversation.owner == "agent":
        raise ConversationTaken(**standing(conversation, handoff))
    reason = conversation.handoff_reason or STEPPED_IN
    conversations.change_owner(conversation, "agent", reason=reason)
    handoff = handoff or _begin(session, conversation, reason)
    handoff.agent_id, handoff.agent_name = doer.id, doer.name
    handoff.claimed_at = clock.now()
    keep(handoff)
    return handoff


def held_by(session: Session, conversation: Conversation, doer: Doer) -> Handoff:
    """The handoff, of whom it is in the hands of. Raises: ConversationNotYours."""
    handoff = current(session, conversation.id)
    if conversation.owner != "agent" or handoff is None or handoff.agent_id != doer.id:
        raise ConversationNotYours(**standing(conversation, handoff))
    return handoff


def keep(handoff: Handoff) -> None:
    """Its agent is there: the lease begins anew."""
    handoff.lease_until = clock.now() + LEASE


def note_reply(handoff: Handoff, at: datetime) -> None:
    handoff.replied_at = handoff.replied_at or at
    handoff.snoozed_until = None
    keep(handoff)


def give_back(session: Session, conversation: Conversation, ending: Ending) -> None:
    """The assistant answers again."""
    _end(session, conversation, ending)
    conversations.change_owner(conversation, "assistant")


def close(session: Session, conversation: Conversation) -> None:
    """Nobody answers until the customer writes again."""
    _end(session, conversation, "closed")
    conversations.change_owner(conversation, "closed")


def standing(conversation: Conversation, handoff: Handoff | None) -> dict[str, Any]:
    """Whose a conversation is, as those hear of it who are refused, and as it is written down with each act."""
    agent = handoff.agent_name if handoff and conversation.owner == "agent" else None
    return {"owner": conversation.owner, "version": conversation.version, "agent": agent}


def _begin(session: Session, conversation: Conversation, reason: str) -> Handoff:
    handoff = current(session, conversation.id)
    if handoff:
        return handoff
    handoff = Handoff(
        id=ids.new_id(),
        conversation_id=conversation.id,
        reason=reason,
        team=None,
        priority=0,
        asked_at=clock.now(),
        agent_id=None,
        agent_name=None,
        claimed_at=None,
        replied_at=None,
        lease_until=None,
        snoozed_until=None,
        typing_at=None,
        wants_call=False,
        reply_due_at=None,
        resolve_due_at=None,
        ended_at=None,
        ending=None,
    )
    session.add(handoff)
    session.flush()
    return handoff


def _end(session: Session, conversation: Conversation, ending: Ending) -> None:
    handoff = current(session, conversation.id)
    if handoff:
        handoff.ended_at, handoff.ending = clock.now(), ending
        handoff.lease_until = handoff.snoozed_until = None
        session.flush()
