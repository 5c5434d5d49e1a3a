"""Acts: what a member of staff did, once, with how things stood before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.handoff.models import Act
from kernel import clock, ids
from kernel.acts import IdempotencyConflict

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doer:
    """Who asks for an act, and for which one: the same key and request again is the same act."""

    id: str
    name: str
    key: str
    fingerprint: str
    is_admin: bool = False


def done_before(session: Session, doer: Doer) -> Act | None:
    """The act, if it has happened. Raises: IdempotencyConflict, when the key named another one."""
    act = session.scalar(select(Act).where(Act.staff_id == doer.id, Act.key == doer.key))
    if act and act.fingerprint != doer.fingerprint:
        raise IdempotencyConflict(key=doer.key)
    return act


def record(
    session: Session,
    doer: Doer,
    what: str,
    *,
    before: State,
    after: State,
    conversation_id: str | None = None,
    subject_id: str | None = None,
) -> Act:
    act = Act(
        id=ids.new_id(),
        conversation_id=conversation_id,
        staff_id=doer.id,
        staff_name=doer.name,
        key=doer.key,
        fingerprint=doer.fingerprint,
        what=what,
        before=before,
        after=after,
        subject_id=subject_id,
        at=clock.now(),
    )
    session.add(act)
    session.flush()
    return act


def of_conversation(session: Session, conversation_id: str, limit: int) -> list[Act]:
    """What was done to a conversation, the latest first."""
    theirs = select(Act).where(Act.conversation_id == conversation_id)
    return list(session.scalars(theirs.order_by(Act.at.desc(), Act.id.desc()).limit(limit)))
