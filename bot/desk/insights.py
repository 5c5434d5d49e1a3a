"""Insights: how conversations went in a span of time, counted by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from bot.conversations.models import Conversation, Message, Turn
from bot.handoff.models import Handoff
from bot.learning.models import Doubt

# Of how many answers, the latest of the span, it is looked how long they took.
LATEST = 5_000


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds that half, and that nineteen of twenty, waited at most; None for nobody."""

    count: int
    p50_s: float | None
    p95_s: float | None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Waits:
        if not seconds:
            return cls(0, None, None)
        ordered = sorted(seconds)

        def at(share: float) -> float:
            return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

        return cls(len(ordered), at(0.5), at(0.95))


@dataclass(frozen=True, slots=True)
class Insights:
    """Of the conversations in which a customer wrote: on which channel, and how many never needed a person.

    `handoffs` are by reason; `messages` those of customers, `misunderstood` those of them that served nothing.
    `assistant_waits` are from a message to its answer, `people_waits` from asking for a person to their first word.
    """

    conversations: int
    contained: int
    channels: dict[str, int]
    messages: int
    misunderstood: int
    handoffs: dict[str, int]
    assistant_waits: Waits
    people_waits: Waits


def insights(session: Session, since: datetime, until: datetime) -> Insights:
    """How it went from `since` until before `until`."""
    wrote = (Message.author == "customer", Message.at >= since, Message.at < until)
    active = select(Message.conversation_id).where(*wrote).distinct()
    by_channel = (
        select(Conversation.channel, func.count()).where(Conversation.id.in_(active)).group_by(Conversation.channel)
    )
    channels = {str(channel): int(count) for channel, count in session.execute(by_channel)}
    asked = (Handoff.asked_at >= since, Handoff.asked_at < until)
    handed = select(func.count(Handoff.conversation_id.distinct())).where(*asked, Handoff.conversation_id.in_(active))
    handoffs = Counter[str]()
    people_s: list[float] = []
    for reason, began_at, replied_at in session.execute(
        select(Handoff.reason, Handoff.asked_at, Handoff.replied_at).where(*asked)
    ):
        handoffs[reason] += 1
        if replied_at is not None:
            people_s.append((replied_at - began_at).total_seconds())
    doubted = select(func.count()).select_from(Doubt).where(Doubt.at >= since, Doubt.at < until, Doubt.is_misunderstood)
    total = sum(channels.values())
    return Insights(
        conversations=total,
        contained=total - (session.scalar(handed) or 0),
        channels=channels,
        messages=session.scalar(select(func.count()).select_from(Message).where(*wrote)) or 0,
        misunderstood=session.scalar(doubted) or 0,
        handoffs=dict(handoffs.most_common()),
        assistant_waits=Waits.of(_answer_seconds(session, since, until)),
        people_waits=Waits.of(people_s),
    )


def _answer_seconds(session: Session, since: datetime, until: datetime) -> list[float]:
    """From a customer's message to when its turn ended with an answer."""
    asked = aliased(Message)
    answered = (
        select(asked.at, Turn.finished_at)
        .join(Turn, Turn.message_id == asked.id)
        .where(Turn.status == "answered", asked.at >= since, asked.at < until, Turn.finished_at.is_not(None))
        .order_by(asked.at.desc())
        .limit(LATEST)
    )
    return [(finished_at - at).total_seconds() for at, finished_at in session.execute(answered) if finished_at]
