"""Papers: what lies beside a conversation on the desk: notes, tags, drafts; and the replies that are used again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from bot import card_numbers
from bot.conversations.models import Conversation
from bot.handoff.acts import Doer
from bot.handoff.errors import CannedNotFound, MessageEmpty
from bot.handoff.models import Canned, Draft, Note, Tag
from kernel import clock, ids


def add_note(session: Session, conversation_id: str, doer: Doer, text: str) -> Note:
    """Raises: MessageEmpty."""
    note = Note(
        id=ids.new_id(),
        conversation_id=conversation_id,
        staff_id=doer.id,
        staff_name=doer.name,
        text=_safe(text),
        at=clock.now(),
    )
    session.add(note)
    session.flush()
    return note


def notes(session: Session, conversation_id: str) -> list[Note]:
    """Oldest first."""
    theirs = select(Note).where(Note.conversation_id == conversation_id)
    return list(session.scalars(theirs.order_by(Note.at, Note.id)))


def set_tags(session: Session, conversation_id: str, names: Collection[str]) -> None:
    """All of them: what is not named is taken away."""
    session.execute(delete(Tag).where(Tag.conversation_id == conversation_id))
    plain = {" ".join(name.casefold().split()) for name in names} - {""}
    session.add_all(Tag(conversation_id=conversation_id, name=name) for name in sorted(plain))
    session.flush()


def tags(session: Session, conversation_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {each: [] for each in conversation_ids}
    for tag in session.scalars(select(Tag).where(Tag.conversation_id.in_(found)).order_by(Tag.name)):
        found[tag.conversation_id].append(tag.name)
    return found


def is_tagged(name: str) -> ColumnElement[bool]:
    """Of conversations: those with a tag."""
    return Conversation.id.in_(select(Tag.conversation_id).where(Tag.name == name.casefold()))


def tags_in_use(session: Session) -> list[str]:
    return list(session.scalars(select(Tag.name).distinct().order_by(Tag.name)))


def keep_draft(session: Session, conversation_id: str, staff_id: str, text: str) -> None:
    """What they have begun to write there; nothing, when it is empty."""
    safe = card_numbers.redact(text).text
    if not safe.strip():
        drop_draft(session, conversation_id, staff_id)
        return
    session.merge(Draft(conversation_id=conversation_id, staff_id=staff_id, text=safe, changed_at=clock.now()))
    session.flush()


def drop_draft(session: Session, conversation_id: str, staff_id: str) -> None:
    session.execute(delete(Draft).where(Draft.conversation_id == conversation_id, Draft.staff_id == staff_id))


def draft(session: Session, conversation_id: str, staff_id: str) -> str:
    kept = session.get(Draft, (conversation_id, staff_id))
    return kept.text if kept else ""


def canned(session: Session) -> list[Canned]:
    return list(session.scalars(select(Canned).order_by(Canned.name)))


def canned_words(session: Session, name: str) -> dict[str, str]:
    """A reply as it is written down with a change of it."""
    reply = session.get(Canned, name)
    return {"name": name, "es": reply.es, "en": reply.en} if reply else {"name": name}


def set_canned(session: Session, name: str, es: str, en: str) -> Canned:
    """Raises: MessageEmpty."""
    reply = session.merge(Canned(name=name, es=_safe(es), en=_safe(en), changed_at=clock.now()))
    session.flush()
    return reply


def remove_canned(session: Session, name: str) -> None:
    """Raises: CannedNotFound."""
    reply = session.get(Canned, name)
    if reply is None:
        raise CannedNotFound
    session.delete(reply)
    session.flush()


def _safe(text: str) -> str:
    if not text.strip():
        raise MessageEmpty
    return card_numbers.redact(text.strip()).text
