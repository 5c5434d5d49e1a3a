"""Handing back: the assistant hears what a person did, and goes on where the customer was, in their language.

It runs in the conversation's lane, so that it never meets a turn (R3). What the assistant says is dropped when someone
took the conversation over meanwhile; when it cannot be asked, the bot itself says that it is there again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.client import BackendUnavailable
from bot.answering import waiting
from bot.answering.assistant import Assistant, AssistantFailed, AssistantUnreachable, Question, Reply, Said
from bot.answering.customers import Customers
from bot.conversations import service as conversations
from bot.conversations.models import Conversation, Message
from bot.delivery import Delivery
from bot.handoff import service as handoffs
from bot.handoff.models import Handoff
from bot.handoff.summary import summarise
from bot.listening.inbound import QUEUE
from bot.replies import LANGUAGES, say
from kernel import durable
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)

WORKFLOW = "hand_back"
# What is said to the assistant for a person who gives a conversation back (actions/people.py).
HANDED_BACK = "/handed_back"
WAITS_S = (1.0, 3.0, 10.0)


def start(session: Session, conversation: Conversation, handoff_id: str) -> None:
    """Have the assistant go on, after all that was said so far and before any answer to it."""
    durable.enqueue(
        session,
        WORKFLOW,
        handoff_id,
        conversation.version,
        queue=QUEUE,
        partition=conversation.id,
        workflow_id=f"{conversation.id}:{conversation.last_seq:09d}:back:{conversation.version}",
    )


class HandBackHandler:
    """`register` before `durable.launch`."""

    def __init__(self, database: Database, delivery: Delivery, assistant: Assistant, customers: Customers) -> None:
        self._database, self._delivery = database, delivery
        self._assistant, self._customers = assistant, customers

    def register(self) -> None:
        self._step: Callable[[str, int, bool], bool] = durable.step("hand_back")(self._attempt_safely)
        durable.workflow(WORKFLOW)(self.handle)

    def handle(self, handoff_id: str, version: int) -> None:
        for wait_s in WAITS_S:
            if self._step(handoff_id, version, False):
                return
            durable.sleep(wait_s)
        self._step(handoff_id, version, True)

    def _attempt_safely(self, handoff_id: str, version: int, is_last: bool) -> bool:
        try:
            return self.attempt(handoff_id, version, is_last=is_last)
        except Exception:  # the edge: it may fail, but never unnoticed, and never the lane with it
            log.exception("hand_back_surprised", handoff_id=handoff_id)
            return False

    def attempt(self, handoff_id: str, version: int, *, is_last: bool) -> bool:
        """One try; whether it is over."""
        with self._database.read() as session:
            handoff = session.get_one(Handoff, handoff_id)
            conversation = session.get_one(Conversation, handoff.conversation_id)
            told = _told(session, handoff)
        if conversation.owner != "assistant" or conversation.version != version:
            return True
        try:
            reply = self._ask(conversation, f"back:{handoff_id}", told)
        except (AssistantUnreachable, AssistantFailed, BackendUnavailable) as error:
            log.warning("hand_back_failed", conversation_id=conversation.id, reason=error.detail)
            if not is_last:
                return False
            reply = Reply((Said(say("returned", conversation.language)),))
        self._say(conversation.id, version, reply)
        return True

    def _ask(self, conversation: Conversation, message_id: str, told: dict[str, Any]) -> Reply:
        customer_id = self._customers.whose(conversation.channel, conversation.sender).customer_id
        said = self._assistant.recall(conversation.id, message_id)
        if said:
            return said
        return self._assistant.ask(
            Question(
                conversation_id=conversation.id,
                message_id=message_id,
                channel=conversation.channel,
                text=HANDED_BACK,
                via="button",
                locale=conversation.language,
                customer_token=self._customers.mint_token(customer_id, conversation.id, message_id),
                handed_back=told,
            )
        )

    def _say(self, conversation_id: str, version: int, reply: Reply) -> None:
        with self._delivery.to(conversation_id) as (session, conversation):
            if conversation.owner != "assistant" or conversation.version != version:
                return
            if reply.language in LANGUAGES:
                conversation.language = reply.language
            last = conversations.last_of_customer(session, conversation_id)
            reply_to = last.id if last else None
            for said in reply.said:
                conversations.append(
                    session,
                    conversation,
                    "assistant",
                    said.text,
                    buttons=said.buttons,
                    enclosures=said.enclosures,
                    in_reply_to=reply_to,
                )
            if reply.handoff:
                handoffs.ask(session, conversation, reply.handoff)
                waiting.tell(session, conversation, None if reply.said else "handoff", reply_to)


def _told(session: Session, handoff: Handoff) -> dict[str, Any]:
    """What the assistant's memory keeps of it: no words of the talk but those that the person chose for it."""
    during = select(Message).where(
        Message.conversation_id == handoff.conversation_id, Message.at >= (handoff.claimed_at or handoff.asked_at)
    )
    summary = summarise(list(session.scalars(during.order_by(Message.seq))))
    return {
        "agent": handoff.agent_name,
        "reason": handoff.reason,
        "done": handoff.done,
        "messages": summary.from_agents,
        "numbers": list(summary.numbers),
    }
