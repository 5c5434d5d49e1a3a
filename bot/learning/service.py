"""What may be done with doubts: note one, look at those without a label, give it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message
from bot.learning.models import Doubt
from kernel import clock
from kernel.errors import NotFound

# What may name somebody: an e-mail address, a link, a number long enough to be a phone's, a document's or an account's.
_NAMES = (
    (re.compile(r"\S+@\S+\.\w+"), "correo@ejemplo.com"),
    (re.compile(r"https?://\S+|www\.\S+"), "https://ejemplo.com"),
    (re.compile(r"(?:\d[\s.-]?){6,}\d"), "0000000"),
)


class DoubtNotFound(NotFound):
    code, title = "doubt_not_found", "No such message to learn from"


@dataclass(frozen=True, slots=True)
class Unsure:
    """What the assistant says of its own understanding of a message."""

    guess: str
    confidence: int
    is_misunderstood: bool


def note(session: Session, message_id: str, conversation: Conversation, unsure: Unsure) -> None:
    """Keep that the assistant was not sure of a message; once."""
    if session.get(Doubt, message_id) is None:
        session.add(
            Doubt(
                message_id=message_id,
                conversation_id=conversation.id,
                language=conversation.language,
                guess=unsure.guess,
                confidence=unsure.confidence,
                is_misunderstood=unsure.is_misunderstood,
                at=clock.now(),
            )
        )


def unlabelled(session: Session, before: tuple[datetime, str] | None, limit: int) -> list[tuple[Doubt, str]]:
    """Those that nobody has labelled, the latest first, each with its words; none whose words are forgotten."""
    waiting = (
        select(Doubt, Message.text)
        .join(Message, Message.id == Doubt.message_id)
        .where(Doubt.labelled_at.is_(None), Message.text != "")
        .order_by(Doubt.at.desc(), Doubt.message_id.desc())
        .limit(limit)
    )
    if before:
        at, message_id = before
        waiting = waiting.where((Doubt.at < at) | ((Doubt.at == at) & (Doubt.message_id < message_id)))
    return [(doubt, without_names(text)) for doubt, text in session.execute(waiting)]


def label(session: Session, message_id: str, intent: str | None, text: str, staff_id: str) -> Doubt:
    """Say what a message meant, anew if it was said before; None: nothing is to be learnt from it.

    Raises: DoubtNotFound.
    """
    doubt = session.get(Doubt, message_id, with_for_update=True)
    if doubt is None:
        raise DoubtNotFound
    doubt.label, doubt.text = intent, without_names(text.strip()) if intent else None
    doubt.labelled_by, doubt.labelled_at = staff_id, clock.now()
    session.flush()
    return doubt


def labelled(session: Session) -> list[Doubt]:
    """All from which something is to be learnt, the oldest first."""
    taught = select(Doubt).where(Doubt.label.is_not(None)).order_by(Doubt.labelled_at, Doubt.message_id)
    return list(session.scalars(taught))


def without_names(text: str) -> str:
    for pattern, instead in _NAMES:
        text = pattern.sub(instead, text)
    return text
