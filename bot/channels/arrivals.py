"""Arrivals: what a provider posted, or told when asked, becomes a customer's message in the inbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from sqlalchemy.orm import Session

from bot.channels.base import Arrival, Channel, InboundMessage, Presence, Webhook
from bot.contacts import service as contacts
from bot.contacts.models import Contact
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.delivery import Delivery
from bot.listening.inbound import MAX_TEXT_LENGTH, ChoiceExpired, Inbox, Receipt
from bot.replies import DEFAULT_LANGUAGE, say
from kernel import pseudonyms
from kernel.db import Database


@dataclass(frozen=True, slots=True)
class Came:
    channel: Channel
    arrival: Arrival


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
            if isinstance(arrival, Presence):
                note_presence(session, channel, arrival)
                return None
            [news] = self.store(session, [Came(channel, arrival)])
        self._delivery.tell(news)
        return arrival

    def store(self, session: Session, came: Sequence[Came]) -> list[set[str]]:
        """The same for what is read, in the caller's transaction: for each the conversations to tell of once committed.

        What is known of those who write by one channel is looked up for all of them together.
        """
        news: list[set[str]] = []
        for channel, each_came in groupby(came, key=lambda each: each.channel):
            arrivals = [each.arrival for each in each_came]
            known = _Known(session, channel, arrivals)
            for arrival in arrivals:
                news.append(set())
                self._store(session, known, arrival, news[-1])
        return news

    def _store(self, session: Session, known: _Known, arrival: Arrival, news: set[str]) -> None:
        if arrival.provider_message_id in known.taken:
            return
        contact = known.contact_of(arrival)
        with self._delivery.within(session, lambda _: known.conversation_of(contact), news) as conversation:
            word = _word(arrival, contact)
            inbound = _inbound(arrival, conversation.id, conversation.language, word)
            choice = arrival.choice or conversations.choice_in_words(session, conversation, arrival.text)
            receipt = self._receive(session, conversation, inbound, None if word else choice)
            contacts.hear(contact, receipt.at, word)
        known.taken.add(arrival.provider_message_id)

    def _receive(
        self, session: Session, conversation: Conversation, inbound: InboundMessage, choice: str | None
    ) -> Receipt:
        if choice:
            try:
                return self._inbox.take_new(session, conversation, _choosing(inbound, choice))
            except ChoiceExpired:
                # Its words still say what is wanted.
                pass
        return self._inbox.take_new(session, conversation, inbound)


def note_presence(session: Session, channel: Channel, presence: Presence) -> None:
    """Whether they can be written to at all, as the provider tells. Who never wrote is nobody to remember it of."""
    contact = contacts.find(session, channel.name, channel.same_person(presence.sender))
    if contact:
        contact.unreachable = "blocked" if presence.is_gone else None


class _Known:
    """What is known of those who write by one channel, locked: who they are, where they talk, what was taken in."""

    def __init__(self, session: Session, channel: Channel, arrivals: Sequence[Arrival]) -> None:
        self._channel = channel
        # Of several ways to write one address the first is kept.
        senders = {channel.same_person(each.sender): each.sender for each in reversed(arrivals)}
        self._contacts = contacts.ensure_all(session, channel.name, senders)
        unheard = [each for each in arrivals if self.contact_of(each).heard_at is None]
        # What somebody said who was erased since is known by a pseudonym.
        hashed = {each.provider_message_id: pseudonyms.of(session, each.provider_message_id) for each in unheard}
        ids = [each.provider_message_id for each in arrivals]
        taken = conversations.taken(session, channel.name, [*ids, *filter(None, hashed.values())])
        erased = {each for each, its in hashed.items() if its in taken}
        self.taken = taken | erased
        new = [each for each in arrivals if each.provider_message_id not in self.taken]
        of_erased = [each for each in arrivals if each.provider_message_id in erased]
        for contact in self._of(of_erased) - self._of(new):
            # It came again, and its sender stays erased.
            session.delete(contact)
        languages = {self.contact_of(each).sender: each.language or DEFAULT_LANGUAGE for each in reversed(new)}
        self._conversations = conversations.open_all(session, channel.name, languages)

    def contact_of(self, arrival: Arrival) -> Contact:
        return self._contacts[self._channel.same_person(arrival.sender)]

    def conversation_of(self, contact: Contact) -> Conversation:
        return self._conversations[contact.sender]

    def _of(self, arrivals: Iterable[Arrival]) -> set[Contact]:
        return {self.contact_of(each) for each in arrivals}


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
