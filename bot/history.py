"""History: what was said in a conversation, as its customer and the shop's people are shown it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.attachments import service as attachments
from bot.attachments.models import Attachment
from bot.conversations import service as conversations
from bot.conversations.models import Choice, Message
from bot.conversations.service import Enclosed


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with those of its choices that still work, and what it carries."""

    message: Message
    choices: list[Choice]
    attachments: list[Attachment]
    enclosures: list[Enclosed]


def after(session: Session, conversation_id: str, seq: int, limit: int) -> list[Shown]:
    """At most `limit` messages after `seq`, oldest first."""
    return _whole(session, conversations.messages_after(session, conversation_id, seq, limit))


def shown(session: Session, message: Message) -> Shown:
    """One message."""
    return _whole(session, conversations.messages_after(session, message.conversation_id, message.seq - 1, 1))[0]


def _whole(session: Session, found: list[tuple[Message, list[Choice]]]) -> list[Shown]:
    # People send files of their own, the assistant the shop's documents.
    carried = attachments.of_messages(session, [each.id for each, _ in found if each.author != "assistant"])
    enclosed = conversations.enclosures_of(session, [each.id for each, _ in found if each.author != "customer"])
    return [
        Shown(message, choices, carried.get(message.id, []), enclosed.get(message.id, [])) for message, choices in found
    ]
