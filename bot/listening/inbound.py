"""Inbox first (R1): a customer's message is stored together with the work of answering it, then acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import card_numbers
from bot.attachments import service as attachments
from bot.channels.base import InboundMessage
from bot.conversations import service
from bot.conversations.models import Conversation, Message
from bot.delivery import Delivery, staff_see
from bot.handoff import service as handoffs
from bot.replies import say
from kernel import clock, durable
from kernel.errors import Conflict, Invalid

MAX_TEXT_LENGTH = 1_000
QUEUE = "bot_turns"
WORKFLOW = "handle_turn"
FETCH_WORKFLOW = "fetch_media"
HEAR_WORKFLOW = "hear_voice"
# Within that time, and so many messages, a number that is sent in pieces is still one number.
PIECES_WITHIN, PIECES_MOST = timedelta(minutes=10), 8
# A payload of this kind is said by the bot itself, by the key behind it.
SAY = "bot:say:"
# Behind it are the words that were heard in a voice note.
HEARD = "bot:heard:"
# What the assistant is asked for who opened the chat and has said nothing yet: its greeting, in their language.
HELLO = "/greet"


class TextEmpty(Invalid):
    code, title = "text_empty", "The message says nothing"


class TextTooLong(Invalid):
    code, title = "text_too_long", f"The message has more than {MAX_TEXT_LENGTH} characters"


class ChoiceExpired(Conflict):
    code, title = "choice_expired", "The choice cannot be pressed any more"


@dataclass(frozen=True, slots=True)
class Receipt:
    message_id: str
    seq: int
    at: datetime
    is_new: bool


class Inbox:
    """Takes messages in. The same message again gives the same receipt and no second turn."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def receive(self, inbound: InboundMessage) -> Receipt:
        """Store the message and enqueue its turn, in one transaction.

        Raises: TextEmpty, TextTooLong, ChoiceExpired, AttachmentGone, AttachmentsTooMany; then nothing is stored.
        """
        with self._delivery.to(inbound.conversation_id) as (session, conversation):
            return self.take(session, conversation, inbound)

    def receive_within(self, session: Session, inbound: InboundMessage) -> tuple[Receipt, set[str]]:
        """The same, in the caller's transaction, with the news to `tell` of once it is committed. Raises the same."""
        news: set[str] = set()
        with self._delivery.within(session, lambda each: service.lock(each, inbound.conversation_id), news) as its:
            return self.take(session, its, inbound), news

    def note_typing(self, conversation_id: str) -> None:
        """Its customer is writing: staff see it."""
        with self._delivery.to(conversation_id) as (session, conversation):
            handoff = handoffs.current(session, conversation_id)
            if handoff and conversation.owner == "agent":
                handoff.typing_at = clock.now()
                staff_see(session, conversation)

    def tell(self, news: set[str]) -> None:
        self._delivery.tell(news)

    def take(self, session: Session, conversation: Conversation, inbound: InboundMessage) -> Receipt:
        """The same, in the caller's transaction, on a locked conversation. Raises the same, with nothing written."""
        known = service.find_by_provider_id(session, conversation.channel, inbound.provider_message_id)
        if known:
            return Receipt(known.id, known.seq, known.at, is_new=False)
        return self.take_new(session, conversation, inbound)

    def take_new(self, session: Session, conversation: Conversation, inbound: InboundMessage) -> Receipt:
        """The same of one that is known not to have been taken in."""
        if inbound.choice is None:
            _check_text(inbound)
        payload, has_card = None, False
        if inbound.choice is None:
            text, has_card = card_numbers.redact(inbound.text, _before(session, conversation, inbound.text))
        else:
            choice = service.live_choice(session, conversation.id, inbound.choice)
            if choice is None:
                raise ChoiceExpired
            text, payload = choice.title, choice.payload
            service.end_choices(session, conversation.id)
        service.reopen(conversation)
        message = service.append(
            session, conversation, "customer", text, provider_message_id=inbound.provider_message_id
        )
        attachments.send_with(session, message, inbound.attachments)
        if inbound.answer:
            payload = f"{SAY}{inbound.answer}"
        elif inbound.is_hello:
            payload = HELLO
        phone = inbound.contact.phone if inbound.contact else None
        service.begin_turn(session, message, payload, start_token=inbound.start_token, shared_phone=phone)
        if has_card and not conversation.is_card_warned:
            conversation.is_card_warned = True
            warning = say("card_removed", conversation.language)
            service.append(session, conversation, "assistant", warning, in_reply_to=message.id)
        if inbound.media:
            self._enqueue_before(session, conversation, message, FETCH_WORKFLOW, list(inbound.media))
        if inbound.voice:
            self._enqueue_before(session, conversation, message, HEAR_WORKFLOW, inbound.voice)
        durable.enqueue(
            session,
            WORKFLOW,
            message.id,
            queue=QUEUE,
            partition=conversation.id,
            # Sorts as the messages do, so that two of the same millisecond keep their order.
            workflow_id=f"{conversation.id}:{message.seq:09d}",
            is_awaited=True,
        )
        return Receipt(message.id, message.seq, message.at, is_new=True)

    def _enqueue_before(
        self, session: Session, conversation: Conversation, message: Message, workflow: str, what: list[str] | str
    ) -> None:
        """Work on what came with the message, in its lane; named so that it comes before the turn."""
        durable.enqueue(
            session,
            workflow,
            message.id,
            what,
            queue=QUEUE,
            partition=conversation.id,
            workflow_id=f"{conversation.id}:{message.seq - 1:09d}:fetch",
        )


def _before(session: Session, conversation: Conversation, text: str) -> list[str]:
    """What the customer wrote just before a text that may end a number they began there; the latest first."""
    if not any(each.isdecimal() for each in text):
        return []
    return service.latest_words(session, conversation.id, clock.now() - PIECES_WITHIN, PIECES_MOST)


def _check_text(inbound: InboundMessage) -> None:
    if len(inbound.text) > MAX_TEXT_LENGTH:
        raise TextTooLong
    if not inbound.text.strip() and not inbound.attachments and not inbound.media:
        raise TextEmpty
