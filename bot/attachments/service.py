"""What may be done with the rows of attachments. Every function works in the caller's transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bot import card_numbers
from bot.attachments.content import EXTENSIONS, Content
from bot.attachments.errors import MESSAGE_MOST, AttachmentGone, AttachmentNotFound, AttachmentsTooMany
from bot.attachments.models import Attachment
from bot.conversations.models import Message
from kernel import clock

NAME_MOST = 100
_UNNAMED = "attachment"
# Prebuilt: asked for every message that is shown.
_OF_MESSAGES = (
    select(Attachment)
    .where(Attachment.message_id.in_(bindparam("message_ids", expanding=True)))
    .order_by(Attachment.position)
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that lies in its place: what is known of it."""

    id: str
    name: str
    content: Content
    size_bytes: int
    hash: str


def add(session: Session, conversation_id: str, taken: Taken) -> Attachment:
    """Records: Attachment, not yet sent."""
    attachment = Attachment(
        id=taken.id,
        conversation_id=conversation_id,
        message_id=None,
        position=None,
        name=safe_name(taken.name, taken.content.type),
        type=taken.content.type,
        size_bytes=taken.size_bytes,
        hash=taken.hash,
        width=taken.content.width,
        height=taken.content.height,
        taken_at=clock.now(),
    )
    session.add(attachment)
    session.flush()
    return attachment


def safe_name(given: str, type_: str) -> str:
    """A name to show and to save under: no folder, no control or direction marks, the extension of what it is."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    visible = "".join(each for each in base if not unicodedata.category(each).startswith("C"))
    stem, dot, _extension = visible.rpartition(".")
    plain = card_numbers.redact(" ".join((stem if dot else visible).split())).text.strip(". ")
    extension = EXTENSIONS[type_]
    return f"{plain[: NAME_MOST - len(extension) - 1].rstrip('. ') or _UNNAMED}.{extension}"


def count_since(session: Session, conversation_id: str, instant: datetime) -> int:
    of_conversation = (Attachment.conversation_id == conversation_id, Attachment.taken_at >= instant)
    return session.scalar(select(func.count()).where(*of_conversation)) or 0


def send_with(session: Session, message: Message, attachment_ids: Sequence[str]) -> list[Attachment]:
    """The attachments of a new message of its (locked) conversation, in this order.

    Raises: AttachmentGone, AttachmentsTooMany.
    """
    if len(attachment_ids) > MESSAGE_MOST:
        raise AttachmentsTooMany(most=MESSAGE_MOST)
    sent = []
    for position, attachment_id in enumerate(attachment_ids):
        attachment = session.get(Attachment, attachment_id, with_for_update=True, populate_existing=True)
        is_free = attachment is not None and attachment.message_id is None
        if attachment is None or not is_free or attachment.conversation_id != message.conversation_id:
            raise AttachmentGone
        attachment.message_id, attachment.position = message.id, position
        sent.append(attachment)
        session.flush()
    return sent


def find(session: Session, attachment_id: str, *, conversation_ids: Sequence[str] | None = None) -> Attachment:
    """The attachment; of one of these conversations, if given.

    Raises: AttachmentNotFound, for someone else's too.
    """
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or (conversation_ids is not None and attachment.conversation_id not in conversation_ids):
        raise AttachmentNotFound
    return attachment


def of_messages(session: Session, message_ids: Sequence[str]) -> dict[str, list[Attachment]]:
    """The attachments of each of these messages, in their order."""
    found: dict[str, list[Attachment]] = {message_id: [] for message_id in message_ids}
    if not message_ids:
        return found
    for attachment in session.scalars(_OF_MESSAGES, {"message_ids": list(message_ids)}):
        assert attachment.message_id is not None, "it was asked for by its message"
        found[attachment.message_id].append(attachment)
    return found


def unsent_before(session: Session, instant: datetime, limit: int) -> list[Attachment]:
    """Attachments that nobody sent since an instant, locked."""
    unsent = select(Attachment).where(Attachment.message_id.is_(None), Attachment.taken_at < instant)
    return list(session.scalars(unsent.order_by(Attachment.taken_at).limit(limit).with_for_update(skip_locked=True)))


def is_known(session: Session, attachment_id: str) -> bool:
    return session.get(Attachment, attachment_id) is not None
