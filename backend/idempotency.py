"""Idempotency: an act named by its key happens once; its answer is kept and replayed (R5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, Integer, String, Text, bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.base import Base, insert_if_absent, table_of
from kernel import clock
from kernel.acts import (
    MAX_KEY_LENGTH,
    IdempotencyConflict,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    request_hash,
)
from kernel.db import Database
from kernel.prepared import Prepared

__all__ = ["IdempotencyConflict", "IdempotencyKeyInvalid", "IdempotencyKeyRequired", "request_hash"]

# How long an answer is replayed; afterwards the same key names a new act.
KEPT_FOR = timedelta(hours=48)
ATTEMPTS = 4
# serialization_failure, deadlock_detected. Source: PostgreSQL manual, appendix A.
_WORTH_A_RETRY = frozenset({"40001", "40P01"})


class IdempotentAct(Base):
    """An act that happened: who asked (`scope`), its key, a hash of the request, and the answer."""

    __tablename__ = "oms_idempotent_act"
    __table_args__ = (Index(None, "created_at"),)

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


# The answer; or with it a status that is not the usual one.
Work = Callable[[Session], str | tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request, as JSON text; `is_replay` when the act happened earlier."""

    status: int
    body: str
    is_replay: bool


_act = table_of(IdempotentAct)
_find = Prepared(
    select(_act.c.request_hash, _act.c.status, _act.c.answer).where(
        _act.c.scope == bindparam("scope_"), _act.c.key == bindparam("key_")
    )
)
_keep = Prepared(
    update(_act)
    .where(_act.c.scope == bindparam("scope_"), _act.c.key == bindparam("key_"))
    .values(status=bindparam("status_"), answer=bindparam("answer_"))
)


def once(database: Database, scope: str, key: str, fingerprint: str, status: int, work: Work) -> Answered:
    """Do `work` and keep its answer, in one transaction; or replay the answer that is kept.

    `status` is the answer's, if `work` does not say another with it.

    The key is claimed first, so that of two equal requests at once the second waits and then replays.
    A refusal rolls everything back, the claim too: the same key may try again.

    Raises: IdempotencyConflict, and what `work` raises.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with database.write() as session:
                return _once(session, scope, key, fingerprint, status, work)
        except OperationalError as error:
            if attempt == ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _WORTH_A_RETRY:
                raise
    raise AssertionError("unreachable")


def _once(session: Session, scope: str, key: str, fingerprint: str, status: int, work: Work) -> Answered:
    row = {"scope": scope, "key": key, "request_hash": fingerprint, "created_at": clock.now()}
    if not insert_if_absent(session, IdempotentAct, row):
        [kept] = _find.rows(session, {"scope_": scope, "key_": key})
        if kept.request_hash != fingerprint:
            raise IdempotencyConflict(key=key)
        return Answered(kept.status, kept.answer, is_replay=True)
    made = work(session)
    body, status = made if isinstance(made, tuple) else (made, status)
    session.flush()
    _keep.write(session, {"scope_": scope, "key_": key, "status_": status, "answer_": body})
    return Answered(status, body, is_replay=False)


def forget_old(session: Session) -> int:
    """Drop answers past `KEPT_FOR`; how many."""
    result = session.connection().execute(delete(_act).where(_act.c.created_at < clock.now() - KEPT_FOR))
    return result.rowcount
