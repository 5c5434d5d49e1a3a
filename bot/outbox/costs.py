"""Costs: what leaves as a template is paid for; of that there is a most, for each person and for the shop, in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.outbox.models import Outgoing
from kernel import clock
from kernel.config import Settings
from kernel.logging import get_logger

log = get_logger(__name__)

A_DAY = timedelta(days=1)
REASON = "cost_cap"


@dataclass(frozen=True, slots=True)
class Caps:
    """How many paid parts may leave in a day: to each person, and in all."""

    each: int
    in_all: int

    @classmethod
    def of(cls, settings: Settings) -> Caps:
        return cls(settings.paid_sends_each, settings.paid_sends_a_day)


def is_spent(session: Session, conversation_id: str, caps: Caps) -> bool:
    """Has the person, or the shop, had its most since this time yesterday? It is an error in the log when so."""
    lately = select(func.count()).select_from(Outgoing).where(Outgoing.paid_at > clock.now() - A_DAY)
    theirs = lately.join(Message, Message.id == Outgoing.message_id).where(Message.conversation_id == conversation_id)
    for name, most, count in (
        ("each", caps.each, theirs),
        ("in_all", caps.in_all, lately),
    ):
        if (session.scalar(count) or 0) >= most:
            log.error("cost_cap_reached", cap=name, most=most, conversation_id=conversation_id)
            return True
    return False
