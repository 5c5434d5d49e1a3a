"""Endings: what is written of a turn that the assistant did not answer; in the caller's transaction, on a locked
conversation.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.answering import proofs, waiting
from bot.conversations import service
from bot.conversations.models import Conversation, Turn
from bot.handoff import service as handoffs
from bot.replies import say
from kernel import clock
from kernel.logging import get_logger

log = get_logger(__name__)


def tell(session: Session, conversation: Conversation, key: str, turn: Turn) -> None:
    words = say(key, conversation.language)
    service.append(session, conversation, "assistant", words, in_reply_to=turn.message_id)


def resume(session: Session, conversation: Conversation, turn: Turn) -> None:
    if conversation.owner == "queued":
        handoffs.give_back(session, conversation, "resumed")
    if conversation.owner == "assistant":
        tell(session, conversation, "resumed", turn)
        service.end_turn(turn, "answered")
    else:
        service.end_turn(turn, "left_to_staff")


def leave_to_staff(session: Session, conversation: Conversation, turn: Turn) -> None:
    """A person reads it. While none has come yet the customer is told so once, with the way back.

    Who they are is none of that person's to say: who opened a link is asked by the bot.
    """
    if conversation.owner == "agent":
        handoffs.note_heard(session, conversation)
    if conversation.owner == "queued" and not conversation.is_queue_told:
        waiting.tell(session, conversation, "queued", turn.message_id)
    proofs.ask(session, conversation, turn)
    service.end_turn(turn, "left_to_staff")


def ask_for_person(session: Session, conversation: Conversation, turn: Turn, key: str, reason: str) -> None:
    """Ask for a person, because the assistant cannot help."""
    handoffs.ask(session, conversation, reason)
    waiting.tell(session, conversation, key, turn.message_id)


def give_up(session: Session, conversation: Conversation, turn: Turn) -> None:
    log.error("turn_failed", message_id=turn.message_id, attempts=turn.attempts)
    if conversation.owner == "assistant":
        ask_for_person(session, conversation, turn, "turn_failed", "assistant_failed")
    service.end_turn(turn, "failed")


def note_outage(session: Session, conversation: Conversation, turn: Turn) -> None:
    """The first failure passes in silence, for most are gone a second later; the next one is told."""
    if conversation.outage_since is None:
        conversation.outage_since = clock.now()
    else:
        apologise(session, conversation, turn)


def apologise(session: Session, conversation: Conversation, turn: Turn) -> None:
    """Once per outage and conversation."""
    if conversation.owner == "assistant" and not conversation.is_outage_told:
        conversation.is_outage_told = True
        tell(session, conversation, "outage", turn)
