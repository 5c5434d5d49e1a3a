"""The shape of the context pack, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from bot.answering.customers import Business
from bot.desk.context import Pack
from bot.handoff.models import Handoff


class OpenQuestion(BaseModel):
    """What the assistant had asked last, and what may be answered."""

    kind: str
    options: list[str]


class EarlierHandoff(BaseModel):
    """`ending`: returned to the assistant, resumed by the customer, or closed."""

    reason: str
    asked_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    ending: str | None
    agent_name: str | None

    @classmethod
    def of(cls, handoff: Handoff) -> Self:
        return cls(
            reason=handoff.reason,
            asked_at=handoff.asked_at,
            claimed_at=handoff.claimed_at,
            ended_at=handoff.ended_at,
            ending=handoff.ending,
            agent_name=handoff.agent_name,
        )


class ContextView(BaseModel):
    """All that who takes a conversation over must know.

    `summary` is by language. `window_ends_at`: from then on the channel takes only templates; null where it always
    takes words. `place` in the queue, and `wait_minutes` as far as that was measured. `is_assistant_silent`: it could
    not be asked for the open question; `business` is null when the OMS could not be asked, or knows no customer.
    """

    reason: str | None
    asked_at: datetime | None
    language: str
    channel: str
    customer_id: str | None
    summary: dict[str, str]
    last_words: list[str]
    last_answer: str
    numbers: list[str]
    since: datetime | None
    from_customer: int
    from_assistant: int
    from_agents: int
    unanswered: int
    is_window_open: bool
    window_ends_at: datetime | None
    is_opted_out: bool
    unreachable: str | None
    place: int | None
    wait_minutes: int | None
    wants_call: bool
    open_question: OpenQuestion | None
    misunderstandings: int
    is_assistant_silent: bool
    earlier: list[EarlierHandoff]
    business: Business | None

    @classmethod
    def of(cls, pack: Pack) -> Self:
        conversation, handoff, summary, reach = pack.conversation, pack.handoff, pack.summary, pack.reach
        slots = pack.slots or {}
        return cls(
            reason=conversation.handoff_reason,
            asked_at=handoff.asked_at if handoff else None,
            language=conversation.language,
            channel=conversation.channel,
            customer_id=conversation.customer_id,
            summary={language: summary.in_words(language) for language in ("es", "en")},
            last_words=list(summary.last_words),
            last_answer=summary.last_answer,
            numbers=list(summary.numbers),
            since=summary.since,
            from_customer=summary.from_customer,
            from_assistant=summary.from_assistant,
            from_agents=summary.from_agents,
            unanswered=summary.unanswered,
            is_window_open=reach.is_window_open,
            window_ends_at=reach.window_ends_at,
            is_opted_out=reach.is_opted_out,
            unreachable=reach.unreachable,
            place=pack.place,
            wait_minutes=pack.minutes,
            wants_call=handoff.wants_call if handoff else False,
            open_question=_question(slots.get("open_questions")),
            misunderstandings=int(slots.get("misunderstandings") or 0),
            is_assistant_silent=pack.slots is None,
            earlier=[EarlierHandoff.of(each) for each in pack.earlier],
            business=pack.business,
        )


def _question(stack: Any) -> OpenQuestion | None:
    """The one on top (actions/questions.py)."""
    if not isinstance(stack, list) or not stack:
        return None
    top = stack[-1]
    return OpenQuestion(kind=str(top["kind"]), options=[str(each["title"]) for each in top.get("options") or ()])
