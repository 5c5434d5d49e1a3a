"""The shapes of the bot's own HTTP API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from bot.attachments.errors import MESSAGE_MOST
from bot.attachments.models import Attachment
from bot.conversations.models import Author, Conversation, Owner
from bot.handoff.alerts import Alert, alert_of, is_typing
from bot.handoff.models import Handoff
from bot.history import Shown
from bot.outbox.models import Status
from bot.outbox.service import Fate

AGENT_TEXT_MOST = 4_000


class ConversationView(BaseModel):
    """A conversation as staff see it in a list. `version` is what taking it over must name.

    `handoff_reason`, `asked_at` and `claimed_at` are those of the handoff that it is in; `agent_id` and `agent_name`
    say who has it. `alert` is "soon" or "late" when a person's first answer, or the end of it, is nearly or long due.
    `wants_call`: the customer asked to be called. In a list, `unread` is how many of its customer's messages the
    caller has not seen, of what waits or is theirs, and `gist` a line of what it is about, by language, while people
    have it.
    """

    id: str
    channel: str
    owner: Owner
    language: str
    customer_id: str | None
    handoff_reason: str | None
    last_message_text: str
    last_message_at: datetime
    version: int = 1
    agent_id: str | None = None
    agent_name: str | None = None
    asked_at: datetime | None = None
    claimed_at: datetime | None = None
    team: str | None = None
    priority: int = 0
    tags: list[str] = Field(default_factory=list)
    snoozed_until: datetime | None = None
    wants_call: bool = False
    is_customer_typing: bool = False
    reply_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    alert: Alert | None = None
    unread: int = 0
    gist: dict[str, str] | None = None

    @classmethod
    def of(cls, conversation: Conversation, last_text: str, handoff: Handoff | None, tags: Sequence[str] = ()) -> Self:
        is_held = handoff is not None and conversation.owner == "agent"
        return cls(
            id=conversation.id,
            channel=conversation.channel,
            owner=conversation.owner,
            language=conversation.language,
            customer_id=conversation.customer_id,
            handoff_reason=conversation.handoff_reason,
            last_message_text=last_text,
            last_message_at=conversation.last_message_at or conversation.created_at,
            version=conversation.version,
            agent_id=handoff.agent_id if handoff and is_held else None,
            agent_name=handoff.agent_name if handoff and is_held else None,
            asked_at=handoff.asked_at if handoff else None,
            claimed_at=handoff.claimed_at if handoff and is_held else None,
            team=conversation.team,
            priority=handoff.priority if handoff else 0,
            tags=list(tags),
            snoozed_until=handoff.snoozed_until if handoff else None,
            wants_call=handoff.wants_call if handoff else False,
            is_customer_typing=handoff is not None and is_typing(handoff),
            reply_due_at=handoff.reply_due_at if handoff and handoff.replied_at is None else None,
            resolve_due_at=handoff.resolve_due_at if handoff else None,
            alert=alert_of(handoff) if handoff else None,
        )


class ConversationDetail(ConversationView):
    """One conversation, with what is only shown beside it. `last_seq` is that of the last message.

    `rating` is what the customer answered when they were last asked how it was, from 1 to 5.
    """

    last_seq: int = 0
    rating: int | None = None

    @classmethod
    def of(cls, conversation: Conversation, last_text: str, handoff: Handoff | None, tags: Sequence[str] = ()) -> Self:
        detail = super().of(conversation, last_text, handoff, tags)
        detail.last_seq = conversation.last_seq
        return detail


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
    """A message as staff see it; of its choices they see the titles. `agent_name` is who of them wrote it."""

    id: str
    seq: int
    author: Author
    text: str
    choices: list[str]
    attachments: list[AttachmentView] = Field(default_factory=list)
    enclosures: list[EnclosureView] = Field(default_factory=list)
    delivery: DeliveryView | None = None
    agent_name: str | None = None
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
            agent_name=message.staff_name,
            at=message.at,
        )


class SeenUpTo(BaseModel):
    """`seq` of the last message that is before them."""

    model_config = ConfigDict(extra="forbid")

    seq: int = Field(ge=0)


class Claim(BaseModel):
    """`version` is the conversation's, as the agent saw it."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1)


class NewMessage(BaseModel):
    """`attachments` are ids of files that were taken in for this conversation. Instead of a text, a `template` by its
    name, with a value for each of its variables.
    """

    model_config = ConfigDict(extra="forbid")

    text: str = Field(default="", max_length=AGENT_TEXT_MOST)
    template: str | None = Field(default=None, max_length=60)
    values: dict[str, Annotated[str, Field(max_length=900)]] = Field(default_factory=dict, max_length=20)
    attachments: list[str] = Field(default_factory=list, max_length=MESSAGE_MOST)


class Leave(BaseModel):
    """`seen_seq`: up to which message the agent has seen the conversation."""

    model_config = ConfigDict(extra="forbid")

    seen_seq: int = Field(ge=0)


class Release(Leave):
    """`done` says in a few words what the person did: the assistant remembers it, and colleagues read it."""

    done: str = Field(default="", max_length=500)


class Close(Leave):
    """`ask_rating`: the customer is asked how it was, where they may be written to."""

    ask_rating: bool = True


class Wake(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=36)
