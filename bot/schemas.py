"""The shapes of the bot's own HTTP API."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from bot.attachments.models import Attachment
from bot.conversations.models import Author, Conversation, Owner
from bot.history import Shown
from bot.outbox.models import Status
from bot.outbox.service import Fate


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


class AttachmentView(BaseModel):
    """A file of a message. Its content is under `/bot/api/attachments/{id}`; `hash` is the SHA-256 of it."""

    id: str
    name: str
    type: str
    size_bytes: int
    width: int | None
    height: int | None
    hash: str

    @classmethod
    def of(cls, attachment: Attachment) -> Self:
        return cls(
            id=attachment.id,
            name=attachment.name,
            type=attachment.type,
            size_bytes=attachment.size_bytes,
            width=attachment.width,
            height=attachment.height,
            hash=attachment.hash,
        )


class EnclosureView(BaseModel):
    """A PDF of the shop's that went with a message; `url` opens it without signing in."""

    name: str
    url: str


class DeliveryView(BaseModel):
    """What became of a message that was sent to a provider; `reason` says why it failed or was not sent."""

    status: Status
    reason: str | None


class MessageView(BaseModel):
    """A message as staff see it; of its choices they see the titles."""

    id: str
    seq: int
    author: Author
    text: str
    choices: list[str]
    attachments: list[AttachmentView] = Field(default_factory=list)
    enclosures: list[EnclosureView] = Field(default_factory=list)
    delivery: DeliveryView | None = None
    at: datetime

    @classmethod
    def of(cls, shown: Shown, fate: Fate | None) -> Self:
        message = shown.message
        return cls(
            id=message.id,
            seq=message.seq,
            author=message.author,
            text=message.text,
            choices=[choice.title for choice in shown.choices],
            attachments=[AttachmentView.of(each) for each in shown.attachments],
            enclosures=[EnclosureView(name=each.name, url=each.url) for each in shown.enclosures],
            delivery=DeliveryView(status=fate.status, reason=fate.reason) if fate else None,
            at=message.at,
        )


class Wake(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=36)
