"""Delivery: a change of one conversation is one transaction (R2), and its channel hears of it once it is committed.

For the web chat a stored row is the delivery: sockets read it. For a channel that is pushed to what is said is put into
the outbox in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.orm import Session

from bot.attachments import service as attachments
from bot.attachments.links import link_to
from bot.channels.base import ASKS_CONTACT, Channel, Offered, OutgoingMessage, Part
from bot.conversations import service
from bot.conversations.models import Choice, Conversation, Message
from bot.hints import WRITING, Hints
from bot.outbox import service as outbox
from kernel import links as kernel_links
from kernel.db import Database

# In `Session.info`: the conversations of which only staff see what changed.
_STAFF_SEE = "bot.staff_see"


def staff_see(session: Session, conversation: Conversation) -> None:
    """Something changed that only staff see: they hear of it once it is committed."""
    session.info.setdefault(_STAFF_SEE, set()).add(conversation.id)


# In `Session.info`: messages, each with the approved template as which it leaves.
_APPROVED = "bot.approved"


def send_as(session: Session, message: Message, template: Part) -> None:
    """A message leaves as this template of its channel, whether or not words would do."""
    session.info.setdefault(_APPROVED, {})[message.id] = template


class Delivery:
    """The one way to write into a conversation."""

    def __init__(self, database: Database, hints: Hints, channels: Mapping[str, Channel] | None = None) -> None:
        self._database = database
        self._hints = hints
        self._channels = channels or {}

    @contextmanager
    def to(self, conversation_id: str) -> Iterator[tuple[Session, Conversation]]:
        """The conversation, locked, with the session to change it in. Commits on the way out."""
        with self.to_found(lambda session: service.lock(session, conversation_id)) as found:
            yield found

    @contextmanager
    def to_found(self, find: Callable[[Session], Conversation]) -> Iterator[tuple[Session, Conversation]]:
        """The same, for a conversation that `find` finds, or begins, and locks in the session it is given."""
        news: set[str] = set()
        with self._database.write() as session, self.within(session, find, news) as conversation:
            yield session, conversation
        self.tell(news)

    @contextmanager
    def within(
        self, session: Session, find: Callable[[Session], Conversation], news: set[str]
    ) -> Iterator[Conversation]:
        """The same, in the caller's transaction. `news` gets the conversation, to `tell` of once that is committed."""
        conversation = find(session)
        before = _seen_by_customer(conversation)
        yield conversation
        self._push(session, conversation, after=before[0])
        if _seen_by_customer(conversation) != before or conversation.id in session.info.get(_STAFF_SEE, ()):
            self._hints.within(session, conversation.id)
            news.add(conversation.id)

    def fates_changed(self, session: Session, conversation_ids: Collection[str]) -> None:
        """Staff watch what becomes of their messages: to `tell` of once the change is committed."""
        self._hints.within(session, *conversation_ids)

    def agent_writes(self, session: Session, conversation_id: str) -> str:
        """The person who has it writes to the customer, who may see it. What to `tell` of when that is committed."""
        hint = f"{WRITING}{conversation_id}"
        self._hints.within(session, hint)
        return hint

    def tell(self, news: Iterable[str]) -> None:
        for conversation_id in news:
            self._hints.after(conversation_id)

    def _push(self, session: Session, conversation: Conversation, after: int) -> None:
        channel = self._channels.get(conversation.channel)
        if channel is None or not service.has_spoken(session, conversation):
            return
        session.flush()
        new = conversation.last_seq - after
        said = [
            (message, choices)
            for message, choices in service.messages_after(session, conversation.id, after, new)
            if message.author != "customer"
        ]
        enclosures = service.enclosures_of(session, [message.id for message, _ in said])
        for message, choices in said:
            offered = tuple(_offered(choice) for choice in choices)
            files = self._files(session, message) if message.author == "agent" else enclosures[message.id]
            # The text has a link to each file of an agent's, as it has to each of the shop's documents.
            links = [each.url for each in files] if message.author == "agent" else []
            text = "\n".join(filter(None, [message.text, *links]))
            approved = session.info.get(_APPROVED, {}).get(message.id)
            parts = [approved] if approved else channel.render(OutgoingMessage(text, offered, tuple(files)))
            outbox.put(session, conversation, message, parts, is_template=approved is not None)

    def _files(self, session: Session, message: Message) -> list[service.Enclosed]:
        links = kernel_links.carried(session)
        sent = attachments.of_messages(session, [message.id])[message.id]
        return [service.Enclosed(each.name, link_to(links, each)) for each in sent] if links else []

    @contextmanager
    def of_message(self, message_id: str) -> Iterator[tuple[Session, Conversation, Message]]:
        """The same, for the conversation of a message."""
        with self._database.read() as session:
            message = session.get(Message, message_id)
        assert message is not None, "messages are never deleted"
        with self.to(message.conversation_id) as (session, conversation):
            yield session, conversation, message


def _offered(choice: Choice) -> Offered:
    return Offered(choice.title, choice.token, asks_contact=choice.payload == ASKS_CONTACT)


def _seen_by_customer(conversation: Conversation) -> tuple[int, str, str]:
    return conversation.last_seq, conversation.owner, conversation.language
