"""One-time codes on their way out: what is stored of the message has a mask, and only what leaves has the code."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.base import Part
from bot.conversations.models import Message
from bot.notices.models import Notice
from bot.notices.plan import CODE
from bot.notices.words import MASK
from kernel import codes


def notice_of_code(session: Session, message: Message) -> Notice | None:
    """The notice that a message is, if a code is to be filled into it."""
    if MASK not in message.text:
        return None
    return session.scalar(select(Notice).where(Notice.message_id == message.id, Notice.what == CODE))


def with_code(part: Part, notice: Notice, key: str) -> Part:
    """The part with the code of the notice where the mask was."""
    code = codes.code_of(notice.subject, key)

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(MASK, code)
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        return value

    return {name: filled(value) for name, value in part.items()}
