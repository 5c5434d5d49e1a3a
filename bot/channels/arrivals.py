"""Arrivals: what a provider posted, or told when asked, becomes a customer's message in the inbox."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from bot.channels.base import Arrival, Channel, InboundMessage, Presence, Webhook
from bot.contacts import service as contacts
from bot.contacts.models import Contact
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.delivery import Delivery
from bot.inbound import MAX_TEXT_LENGTH, ChoiceExpired, Inbox, Receipt
from bot.replies import DEFAULT_LANGUAGE, say
from kernel.db import Database


class Arrivals:
    def __init__(self, database: Database, delivery: Delivery) -> None:
        self._database = database
        self._delivery = delivery
        self._inbox = Inbox(delivery)

    def take(self, channel: Channel, webhook: Webhook) -> Arrival | None:
        """Store what came; the message, if it is one. Raises: Invalid for what cannot be read."""
        arrival = channel.parse(webhook)
        if arrival is None:
            return None
        with self._database.write() as session:
            news = self.store(session, channel, arrival)
        self._delivery.tell(news)
        return arrival if isinstance(arrival, Arrival) else None

    def store(self, session: Session, channel: Channel, arrival: Arrival | Presence) -> set[str]:
        """The same for one that is read, in the caller's transaction: the conversations to tell of once committed."""
        news: set[str] = set()
        if isinstance(arrival, Presence):
            contact = contacts.find(session, channel.name, channel.same_person(arrival.sender))
            if contact:
                contact.unreachable = "blocked" if arrival.is_gone else None
            return news
        contact = contacts.ensure(session, channel.name, channel.same_person(arrival.sender), arrival.sender)
        if contact.heard_at is None and conversations.was_erased(session, channel.name, arrival.provider_message_id):
            # It comes again, and its sender stays erased.
            session.delete(contact)
            return news
        sender, language = contact.sender, arrival.language or DEFAULT_LANGUAGE

        def find(session: Session) -> Conversation:
            return conversations.open_for(session, channel.name, sender, language)

        with self._delivery.within(session, find, news) as conversation:
            word = _word(arrival, contact)
            inbound = _inbound(arrival, conversation.id, conversation.language, word)
            choice = arrival.choice or conversations.choice_in_words(session, conversation, arrival.text)
            receipt = self._receive(session, conversation, inbound, None if word else choice)
            if receipt.is_new:
                contacts.hear(contact, receipt.at, word)
        return news

    def _receive(
        self, session: Session, conversation: Conversation, inbound: InboundMessage, choice: str | None
    ) -> Receipt:
        if choice:
            try:
                return self._inbox.take(session, conversation, _choosing(inbound, choice))
            except ChoiceExpired:
                # Its words still say what is wanted.
                pass
        return self._inbox.take(session, conversation, inbound)


def _word(arrival: Arrival, contact: Contact) -> Literal["out", "in"] | None:
    """Does the whole message ask for peace, or for its end? "Start" means something only to who has stopped."""
    is_said = not (arrival.choice or arrival.media or arrival.start_token)
    word = contacts.meaning(arrival.text) if is_said else None
    return None if word == "in" and contact.opted_out_at is None else word


def _inbound(
    arrival: Arrival, conversation_id: str, language: str, word: Literal["out", "in"] | None
) -> InboundMessage:
    text, answer = arrival.text, None
    if word:
        answer = f"opted_{word}"
    elif len(text) > MAX_TEXT_LENGTH:
        text, answer = text[:MAX_TEXT_LENGTH], "text_too_long"
    elif arrival.contact:
        text = say("contact_shown", language)
    elif arrival.kind and arrival.kind != "location":
        answer = f"{arrival.kind}_unreadable"
        text = f"{say(f'{arrival.kind}_shown', language)} {text}".rstrip()
    return InboundMessage(
        conversation_id,
        arrival.provider_message_id,
        text,
        answer=answer,
        media=arrival.media,
        is_hello=arrival.is_hello,
        start_token=arrival.start_token,
        contact=arrival.contact,
        voice=arrival.voice if answer == "voice_unreadable" else None,
    )


def _choosing(inbound: InboundMessage, choice: str) -> InboundMessage:
    return InboundMessage(inbound.conversation_id, inbound.provider_message_id, inbound.text, choice)
