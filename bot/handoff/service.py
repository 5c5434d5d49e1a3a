"""What may be done with handoffs. Every function works in the caller's transaction, on a locked conversation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.handoff import agents, hours, policy
from bot.handoff.acts import Doer
from bot.handoff.errors import AgentFull, ConversationNotYours, ConversationTaken, QueueEmpty, SnoozePast
from bot.handoff.models import Agent, Ending, Handoff
from kernel import clock, ids

SNOOZE_MOST = timedelta(days=31)
# An agent stepped in, and nobody had asked for one.
STEPPED_IN = "stepped_in"


def current(session: Session, conversation_id: str) -> Handoff | None:
    """The handoff that a conversation is in, if it is."""
    return session.scalar(select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None)))


def earlier(session: Session, conversation_id: str, limit: int) -> list[Handoff]:
    """Those that are over, the latest first."""
    over = select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_not(None))
    return list(session.scalars(over.order_by(Handoff.asked_at.desc()).limit(limit)))


def current_of(session: Session, conversation_ids: Collection[str]) -> dict[str, Handoff]:
    found = select(Handoff).where(Handoff.conversation_id.in_(conversation_ids), Handoff.ended_at.is_(None))
    return {handoff.conversation_id: handoff for handoff in session.scalars(found)}


def sees(staff_id: str, teams: Collection[str]) -> ColumnElement[bool]:
    """Of conversations: those of one's own teams, and what one has."""
    own = select(Handoff.conversation_id).where(Handoff.agent_id == staff_id, Handoff.ended_at.is_(None))
    return Conversation.team.is_(None) | Conversation.team.in_(teams) | Conversation.id.in_(own)


def is_held_by(staff_id: str) -> ColumnElement[bool]:
    """Of conversations: those that an agent has."""
    own = select(Handoff.conversation_id).where(Handoff.agent_id == staff_id, Handoff.ended_at.is_(None))
    return (Conversation.owner == "agent") & Conversation.id.in_(own)


def may_see(session: Session, conversation: Conversation, staff_id: str, *, is_admin: bool) -> bool:
    """Is it one of their teams', or theirs? Who is bound to no team sees all."""
    teams = [] if is_admin else agents.teams_of(session, staff_id)
    own = select(Conversation.id).where(Conversation.id == conversation.id, sees(staff_id, teams))
    return not teams or session.scalar(own) is not None


def ask(session: Session, conversation: Conversation, reason: str) -> Handoff:
    """A person is asked for: the conversation waits in the queue. Records: Handoff, if there is none yet."""
    conversations.change_owner(conversation, "queued", reason=reason)
    handoff = _begin(session, conversation, reason)
    handoff.agent_id = handoff.agent_name = None
    handoff.lease_until = handoff.snoozed_until = handoff.typing_at = None
    return handoff


def claim(session: Session, conversation: Conversation, doer: Doer, version: int) -> Handoff:
    """A person takes the conversation, as they saw it. Whose it is already keeps it.

    Raises: ConversationTaken, AgentFull.
    """
    handoff = current(session, conversation.id)
    if conversation.owner == "agent" and handoff and handoff.agent_id == doer.id:
        return handoff
    if conversation.version != version or conversation.owner == "agent":
        raise ConversationTaken(**standing(conversation, handoff))
    agents.introduce(session, doer.id, doer.name)
    if not doer.is_admin and not agents.has_room(session, doer.id):
        raise AgentFull
    return _give_to(session, conversation, doer.id, doer.name)


def transfer(session: Session, conversation: Conversation, doer: Doer, version: int, to: Agent | str) -> Handoff:
    """Give a conversation to another agent, or put it into a team's queue, as one saw it.

    What somebody else has only an admin gives away.
    Raises: ConversationTaken, ConversationNotYours.
    """
    handoff = current(session, conversation.id)
    is_others = conversation.owner == "agent" and (handoff is None or handoff.agent_id != doer.id)
    if is_others and not doer.is_admin:
        raise ConversationNotYours(**standing(conversation, handoff))
    if conversation.version != version:
        raise ConversationTaken(**standing(conversation, handoff))
    if isinstance(to, str):
        handoff = ask(session, conversation, conversation.handoff_reason or STEPPED_IN)
        handoff.team = conversation.team = to
        return handoff
    return _give_to(session, conversation, to.staff_id, to.name)


def _give_to(session: Session, conversation: Conversation, agent_id: str, name: str) -> Handoff:
    reason = conversation.handoff_reason or STEPPED_IN
    if conversation.owner != "agent":
        # What was offered before was the assistant's to do; who they are is not.
        conversations.end_choices(session, conversation.id, sparing=conversations.LINK)
    conversations.change_owner(conversation, "agent", reason=reason)
    handoff = _begin(session, conversation, reason)
    handoff.agent_id, handoff.agent_name = agent_id, name
    handoff.claimed_at = handoff.claimed_at or clock.now()
    handoff.snoozed_until = None
    keep(session, handoff)
    return handoff


def next_waiting(session: Session, doer: Doer) -> str:
    """The conversation whose turn it is, of those that this agent may take. Raises: QueueEmpty."""
    own = agents.teams_of(session, doer.id)
    first = waiting(session, teams=None if doer.is_admin else own or None, limit=1)
    if not first:
        raise QueueEmpty
    return first[0].conversation_id


def waiting(session: Session, *, teams: Collection[str] | None, limit: int) -> list[Handoff]:
    """The queue, who is next first; of these teams, if any are named."""
    query = (
        select(Handoff)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Conversation.owner == "queued", Handoff.ended_at.is_(None))
        .order_by(Handoff.priority.desc(), Handoff.asked_at, Handoff.id)
        .limit(limit)
    )
    if teams is not None:
        query = query.where(Handoff.team.in_(teams) | Handoff.team.is_(None))
    return list(session.scalars(query))


def position(session: Session, handoff: Handoff) -> int:
    """Which place it has in its team's queue; 1 is next."""
    is_before = case(
        (Handoff.priority == handoff.priority, Handoff.asked_at < handoff.asked_at),
        else_=Handoff.priority > handoff.priority,
    )
    before = (
        select(func.count())
        .select_from(Handoff)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Conversation.owner == "queued", Handoff.ended_at.is_(None), Handoff.id != handoff.id, is_before)
        .where(Handoff.team == handoff.team if handoff.team else Handoff.team.is_(None))
    )
    return (session.scalar(before) or 0) + 1


def snooze(handoff: Handoff, until: datetime | None) -> None:
    """Put aside until then, or until the customer writes. Raises: SnoozePast."""
    if until is not None and not clock.now() < until <= clock.now() + SNOOZE_MOST:
        raise SnoozePast
    handoff.snoozed_until = until


def note_heard(session: Session, conversation: Conversation) -> None:
    """Its customer wrote while a person has it: it is put aside no longer."""
    handoff = current(session, conversation.id)
    if handoff is None:
        return
    handoff.typing_at = None
    if handoff.snoozed_until:
        handoff.snoozed_until = None
        keep(session, handoff)


def lapsed(session: Session, limit: int) -> list[str]:
    """Conversations whose agent has shown no sign of life for as long as the lease is."""
    at = clock.now()
    is_awake = Handoff.snoozed_until.is_(None) | (Handoff.snoozed_until <= at)
    query = (
        select(Handoff.conversation_id)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Conversation.owner == "agent", Handoff.ended_at.is_(None), Handoff.lease_until < at, is_awake)
        .limit(limit)
    )
    return list(session.scalars(query))


def put_back(session: Session, conversation: Conversation) -> bool:
    """To the queue, if its agent is still gone; where it was before it was taken."""
    handoff = current(session, conversation.id)
    if conversation.owner != "agent" or handoff is None or handoff.lease_until is None:
        return False
    if handoff.lease_until >= clock.now():
        return False
    ask(session, conversation, conversation.handoff_reason or STEPPED_IN)
    return True


def held_by(session: Session, conversation: Conversation, doer: Doer) -> Handoff:
    """The handoff, of whom it is in the hands of. Raises: ConversationNotYours."""
    handoff = current(session, conversation.id)
    if conversation.owner != "agent" or handoff is None or handoff.agent_id != doer.id:
        raise ConversationNotYours(**standing(conversation, handoff))
    return handoff


def keep(session: Session, handoff: Handoff) -> None:
    """Its agent is there: the lease begins anew."""
    handoff.lease_until = clock.now() + policy.of(session).lease


def note_reply(session: Session, handoff: Handoff, at: datetime) -> None:
    handoff.replied_at = handoff.replied_at or at
    handoff.snoozed_until = None
    keep(session, handoff)


def give_back(session: Session, conversation: Conversation, ending: Ending) -> None:
    """The assistant answers again."""
    _end(session, conversation, ending)
    conversations.change_owner(conversation, "assistant")


def close(session: Session, conversation: Conversation) -> None:
    """Nobody answers until the customer writes again."""
    _end(session, conversation, "closed")
    conversations.change_owner(conversation, "closed")


def standing(conversation: Conversation, handoff: Handoff | None) -> dict[str, Any]:
    """Whose a conversation is, as those hear of it who are refused."""
    agent = handoff.agent_name if handoff and conversation.owner == "agent" else None
    return {"owner": conversation.owner, "version": conversation.version, "agent": agent}


def state(session: Session, conversation: Conversation) -> dict[str, Any]:
    """How a conversation stands, as it is written down with each act."""
    handoff = current(session, conversation.id)
    snoozed = handoff.snoozed_until if handoff else None
    return standing(conversation, handoff) | {
        "last_seq": conversation.last_seq,
        "agent_id": handoff.agent_id if handoff else None,
        "team": conversation.team,
        "snoozed_until": snoozed.isoformat() if snoozed else None,
    }


def _begin(session: Session, conversation: Conversation, reason: str) -> Handoff:
    handoff = current(session, conversation.id)
    if handoff:
        return handoff
    at, rules = clock.now(), policy.of(session)
    conversation.team = rules.team_for(reason)
    handoff = Handoff(
        id=ids.new_id(),
        conversation_id=conversation.id,
        reason=reason,
        team=conversation.team,
        priority=rules.priority_of(reason),
        asked_at=at,
        agent_id=None,
        agent_name=None,
        claimed_at=None,
        replied_at=None,
        lease_until=None,
        snoozed_until=None,
        typing_at=None,
        wants_call=False,
        reply_due_at=hours.due(session, at, rules.reply_minutes),
        resolve_due_at=hours.due(session, at, rules.resolve_minutes),
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
