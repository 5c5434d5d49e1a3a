"""Costs: what leaves as a template is paid for; of that there is a most, for each person and for the shop, in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from bot.channels.base import Part
from bot.conversations.models import Message
from bot.outbox.models import Outgoing
from kernel import clock
from kernel.config import Settings
from kernel.logging import get_logger

log = get_logger(__name__)

A_DAY = timedelta(days=1)
REASON = "cost_cap"
_MARK = {"is_paid": True}
_MARKED = '%"is_paid": true%'


@dataclass(frozen=True, slots=True)
class Caps:
    """How many paid parts may leave in a day: to each person, and in all."""

    each: int
    in_all: int

    @classmethod
    def of(cls, settings: Settings) -> Caps:
        return cls(settings.paid_sends_each, settings.paid_sends_a_day)


def paid(part: Part) -> Part:
    """The part, marked: a channel overlooks what it does not know."""
    return part | _MARK


def is_spent(session: Session, conversation_id: str, caps: Caps) -> bool:
    """Has the person, or the shop, had its most since this time yesterday? It is an error in the log when so."""
    query = select(func.count()).select_from(Outgoing).join(Message, Message.id == Outgoing.message_id)
    lately = query.where(
        Outgoing.attempts > 0, Outgoing.changed_at > clock.now() - A_DAY, cast(Outgoing.part, String).like(_MARKED)
    )
    for name, most, count in (
        ("each", caps.each, lately.where(Message.conversation_id == conversation_id)),
        ("in_all", caps.in_all, lately),
    ):
        if (session.scalar(count) or 0) >= most:
            log.error("cost_cap_reached", cap=name, most=most, conversation_id=conversation_id)
            return True
    return False
