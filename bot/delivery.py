"""Delivery: a change of one conversation is one transaction (R2), and its channel hears of it once it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from bot.conversations import service
from bot.conversations.models import Conversation, Message
from bot.hints import Hints
from kernel.db import Database


class Delivery:
    """The one way to write into a conversation. For the web channel a stored row is the delivery: sockets read it."""

    def __init__(self, database: Database, hints: Hints) -> None:
        self._database = database
        self._hints = hints

    @contextmanager
    def to(self, conversation_id: str) -> Iterator[tuple[Session, Conversation]]:
        """The conversation, locked, with the session to change it in. Commits on the way out."""
        with self._database.write() as session:
            conversation = service.lock(session, conversation_id)
            before = _seen_by_customer(conversation)
            yield session, conversation
            has_news = _seen_by_customer(conversation) != before
            if has_news:
                self._hints.within(session, conversation_id)
        if has_news:
            self._hints.after(conversation_id)

    @contextmanager
    def of_message(self, message_id: str) -> Iterator[tuple[Session, Conversation, Message]]:
        """The same, for the conversation of a message."""
        with self._database.read() as session:
            message = session.get(Message, message_id)
        assert message is not None, "messages are never deleted"
        with self.to(message.conversation_id) as (session, conversation):
            yield session, conversation, message


def _seen_by_customer(conversation: Conversation) -> tuple[int, str, str]:
    return conversation.last_seq, conversation.owner, conversation.language
