"""Ratings: how customers found it, asked once when a conversation is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations.models import Conversation, Message
from bot.conversations.service import Button
from bot.handoff.models import Rating
from bot.replies import say
from kernel import clock

# A payload that means the bot itself, with the score behind it.
RATE = "bot:rate:"
SCORES = range(1, 6)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one agent, or (None) of the assistant alone: how many answered, and their mean to a tenth."""

    agent_id: str | None
    agent_name: str | None
    asked: int
    rated: int
    mean: float | None


def ask(session: Session, conversation: Conversation, agent_id: str | None, agent_name: str | None) -> None:
    """Ask the customer how it was. Records: a message with five buttons, and its Rating."""
    last = conversations.last_of_customer(session, conversation.id)
    message = conversations.append(
        session,
        conversation,
        "assistant",
        say("rate", conversation.language),
        buttons=[Button(str(score), f"{RATE}{score}") for score in SCORES],
        in_reply_to=last.id if last else None,
    )
    session.add(
        Rating(
            message_id=message.id,
            conversation_id=conversation.id,
            agent_id=agent_id,
            agent_name=agent_name,
            score=None,
            asked_at=message.at,
            rated_at=None,
        )
    )
    session.flush()


def take(session: Session, conversation: Conversation, payload: str, answered_by: Message) -> None:
    """What the customer pressed. Who only rates has not begun anew: the conversation is closed again."""
    rating = latest(session, conversation.id)
    assert rating is not None, "its button was asked with it"
    rating.score, rating.rated_at = int(payload.removeprefix(RATE)), clock.now()
    conversations.append(
        session, conversation, "assistant", say("rated", conversation.language), in_reply_to=answered_by.id
    )
    asked = session.get_one(Message, rating.message_id)
    if conversation.owner == "assistant" and answered_by.seq == asked.seq + 1:
        conversations.change_owner(conversation, "closed")


def latest(session: Session, conversation_id: str) -> Rating | None:
    theirs = select(Rating).where(Rating.conversation_id == conversation_id)
    return session.scalar(theirs.order_by(Rating.asked_at.desc()).limit(1))


def standings(session: Session, since: datetime) -> list[Standing]:
    """Of those who were asked since an instant, by who had the conversation."""
    rated, total = func.count(Rating.score), func.sum(Rating.score)
    query = (
        select(Rating.agent_id, func.max(Rating.agent_name), func.count(), rated, total)
        .where(Rating.asked_at >= since)
        .group_by(Rating.agent_id)
    )
    found = [
        Standing(agent_id, name, asked, count, round(sum_ / count, 1) if sum_ else None)
        for agent_id, name, asked, count, sum_ in session.execute(query)
    ]
    return sorted(found, key=lambda each: (each.agent_name or "", each.agent_id or ""))
