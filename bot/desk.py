"""The desk: what staff do to conversations. Each act is one transaction, done once, and written down with its doer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import card_numbers
from bot.attachments import service as attachments
from bot.channels.pushed import Channels
from bot.contacts import service as contacts
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.delivery import Delivery
from bot.handoff import acts
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer, State
from bot.handoff.errors import (
    ConversationNotFound,
    CustomerOptedOut,
    CustomerUnreachable,
    MessageEmpty,
    MessageUnseen,
    WindowClosed,
)
from bot.replies import say
from bot.sending import is_window_open
from kernel import clock
from kernel.acts import IdempotencyConflict

# Gives back the id of what it made, if anything.
Work = Callable[[Session, Conversation], str | None]


class Desk:
    def __init__(self, delivery: Delivery, channels: Channels) -> None:
        self._delivery = delivery
        self._channels = channels

    def claim(self, conversation_id: str, doer: Doer, version: int) -> None:
        """Take a conversation over, as one saw it: what the assistant says from here on is dropped.

        Raises: ConversationNotFound, ConversationTaken.
        """

        def work(session: Session, conversation: Conversation) -> None:
            handoffs.claim(session, conversation, doer, version)

        self._do("claim", conversation_id, doer, work)

    def say(self, conversation_id: str, doer: Doer, text: str, files: Sequence[str] = ()) -> str:
        """Write to the customer; the id of the message. `files` are ids of attachments taken in for it.

        Raises: ConversationNotFound, ConversationNotYours, MessageEmpty, CustomerOptedOut, CustomerUnreachable,
        WindowClosed, AttachmentGone, AttachmentsTooMany.
        """

        def work(session: Session, conversation: Conversation) -> str:
            handoff = handoffs.held_by(session, conversation, doer)
            if not text.strip() and not files:
                raise MessageEmpty
            self._check_reachable(session, conversation)
            safe = card_numbers.redact(text.strip()).text
            asked = conversations.last_of_customer(session, conversation.id)
            message = conversations.append(
                session,
                conversation,
                "agent",
                safe,
                in_reply_to=asked.id if asked else None,
                staff=(doer.id, doer.name),
            )
            attachments.send_with(session, message, files)
            handoffs.note_reply(handoff, message.at)
            return message.id

        made = self._do("say", conversation_id, doer, work)
        assert made is not None, "it makes a message"
        return made

    def release(self, conversation_id: str, doer: Doer, seen_seq: int) -> None:
        """Give the conversation back to the assistant, having seen what the customer said up to `seen_seq`.

        Raises: ConversationNotFound, ConversationNotYours, MessageUnseen.
        """

        def work(session: Session, conversation: Conversation) -> None:
            handoffs.held_by(session, conversation, doer)
            _check_seen(session, conversation, seen_seq)
            handoffs.give_back(session, conversation, "returned")
            conversations.append(session, conversation, "assistant", say("returned", conversation.language))

        self._do("release", conversation_id, doer, work)

    def close(self, conversation_id: str, doer: Doer, seen_seq: int) -> None:
        """End the conversation, having seen what the customer said up to `seen_seq`; their next message opens it again.

        Raises: ConversationNotFound, ConversationNotYours, MessageUnseen.
        """

        def work(session: Session, conversation: Conversation) -> None:
            handoffs.held_by(session, conversation, doer)
            _check_seen(session, conversation, seen_seq)
            handoffs.close(session, conversation)

        self._do("close", conversation_id, doer, work)

    def _check_reachable(self, session: Session, conversation: Conversation) -> None:
        channel = self._channels.get(conversation.channel)
        if channel is None:
            return
        contact = contacts.find(session, channel.name, channel.same_person(conversation.sender))
        # Who asked for peace and then asks something gets their answer.
        if contact and contact.opted_out_at and (contact.heard_at or contact.opted_out_at) <= contact.opted_out_at:
            raise CustomerOptedOut
        if contact and contact.unreachable:
            raise CustomerUnreachable(reason=contact.unreachable)
        if not is_window_open(channel, contact, clock.now()):
            raise WindowClosed

    def _do(self, what: str, conversation_id: str, doer: Doer, work: Work) -> str | None:
        """Do it, unless it was done before; what it made, either way."""

        def find(session: Session) -> Conversation:
            found = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
            if found is None:
                raise ConversationNotFound
            return found

        try:
            with self._delivery.to_found(find) as (session, conversation):
                known = acts.done_before(session, doer)
                if known:
                    return known.subject_id
                before = _state(session, conversation)
                made = work(session, conversation)
                acts.record(
                    session,
                    doer,
                    what,
                    before=before,
                    after=_state(session, conversation),
                    conversation_id=conversation.id,
                    subject_id=made,
                )
                return made
        except IntegrityError as error:
            # The same key for another conversation, at the same moment.
            raise IdempotencyConflict(key=doer.key) from error


def _state(session: Session, conversation: Conversation) -> State:
    return handoffs.standing(conversation, handoffs.current(session, conversation.id))


def _check_seen(session: Session, conversation: Conversation, seen_seq: int) -> None:
    """Nothing that a customer wrote goes unread because someone was just leaving."""
    last = conversations.last_of_customer(session, conversation.id)
    if last and last.seq > seen_seq:
        raise MessageUnseen(last_seq=last.seq)
