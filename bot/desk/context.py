"""The context pack: all that who takes a conversation over must know, from what was said, the assistant and the OMS.

Whoever of the neighbours does not answer is left out and named; what was said is always there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.answering.assistant import Assistant, AssistantFailed, AssistantUnreachable
from bot.answering.customers import Business, Customers
from bot.channels.pushed import Channels
from bot.contacts import service as contacts
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.handoff import service as handoffs
from bot.handoff import waits
from bot.handoff.models import Handoff
from bot.handoff.summary import Summary, summarise
from bot.telling.sending import is_window_open
from kernel import clock
from kernel.errors import ComandaError
from kernel.logging import get_logger

log = get_logger(__name__)

READ_MOST, EARLIER_MOST = 500, 10


@dataclass(frozen=True, slots=True)
class Reach:
    """May they be written to now? `window_ends_at` is when the channel takes only templates, if it ever does."""

    is_window_open: bool
    window_ends_at: datetime | None
    is_opted_out: bool
    unreachable: str | None


@dataclass(frozen=True, slots=True)
class Pack:
    """`slots` are what the assistant remembers, `business` what the OMS has; None when it does not answer.

    `place` and `minutes` are what the customer is told of the queue.
    """

    conversation: Conversation
    handoff: Handoff | None
    summary: Summary
    reach: Reach
    place: int | None
    minutes: int | None
    earlier: list[Handoff]
    slots: dict[str, Any] | None
    business: Business | None


class Contexts:
    def __init__(self, assistant: Assistant, customers: Customers, channels: Channels) -> None:
        self._assistant, self._customers, self._channels = assistant, customers, channels
        # The two neighbours are asked at once.
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="context")

    def of(self, session: Session, conversation: Conversation) -> Pack:
        slots = self._pool.submit(self._slots, conversation.id)
        business = self._pool.submit(self._business, conversation)
        handoff = handoffs.current(session, conversation.id)
        is_waiting = handoff is not None and conversation.owner == "queued"
        first = max(conversation.last_seq - READ_MOST, 0)
        said = [each for each, _ in conversations.messages_after(session, conversation.id, first, READ_MOST)]
        return Pack(
            conversation=conversation,
            handoff=handoff,
            summary=summarise(said),
            reach=self._reach(session, conversation),
            place=handoffs.position(session, handoff) if handoff and is_waiting else None,
            minutes=waits.usual_minutes(session, conversation.team) if is_waiting else None,
            earlier=handoffs.earlier(session, conversation.id, EARLIER_MOST),
            slots=slots.result(),
            business=business.result(),
        )

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._assistant.close()

    def _reach(self, session: Session, conversation: Conversation) -> Reach:
        channel = self._channels.get(conversation.channel)
        if channel is None:
            return Reach(is_window_open=True, window_ends_at=None, is_opted_out=False, unreachable=None)
        contact = contacts.find(session, channel.name, channel.same_person(conversation.sender))
        window, heard_at = channel.limits.window, contact.heard_at if contact else None
        return Reach(
            is_window_open=is_window_open(channel, contact, clock.now()),
            window_ends_at=heard_at + window if window and heard_at else None,
            is_opted_out=contact is not None and contact.opted_out_at is not None,
            unreachable=contact.unreachable if contact else None,
        )

    def _slots(self, conversation_id: str) -> dict[str, Any] | None:
        try:
            return self._assistant.remembered(conversation_id)
        except (AssistantUnreachable, AssistantFailed) as error:
            log.info("context_without_assistant", conversation_id=conversation_id, reason=error.detail)
            return None

    def _business(self, conversation: Conversation) -> Business | None:
        if conversation.customer_id is None:
            return None
        try:
            return self._customers.business(conversation.customer_id, conversation.id)
        except ComandaError as refusal:
            log.info("context_without_oms", conversation_id=conversation.id, code=refusal.code)
            return None
