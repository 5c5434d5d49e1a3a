"""The shapes of the bot's own HTTP API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.conversations.models import Author, Choice, Conversation, Message, Owner


class ConversationView(BaseModel):
    """A conversation as staff see it in a list."""

    id: str
    channel: str
    owner: Owner
    language: str
    customer_id: str | None
    handoff_reason: str | None
    last_message_text: str
    last_message_at: datetime

    @classmethod
    def of(cls, conversation: Conversation, last_text: str) -> Self:
        assert conversation.last_message_at is not None, "a listed conversation has messages"
        return cls(
            id=conversation.id,
            channel=conversation.channel,
            owner=conversation.owner,
            language=conversation.language,
            customer_id=conversation.customer_id,
            handoff_reason=conversation.handoff_reason,
            last_message_text=last_text,
            last_message_at=conversation.last_message_at,
        )


class MessageView(BaseModel):
    """A message as staff see it; of its choices they see the titles."""

    id: str
    seq: int
    author: Author
    text: str
    choices: list[str]
    at: datetime

    @classmethod
    def of(cls, message: Message, choices: Sequence[Choice]) -> Self:
        titles = [choice.title for choice in choices]
        return cls(
            id=message.id, seq=message.seq, author=message.author, text=message.text, choices=titles, at=message.at
        )


class Wake(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=36)
