"""The trail: what members of staff did, to what, why, and what was there before and after; only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index, String, event, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.base import Base, Id, Ref
from kernel import clock
from kernel.ids import new_id

# Nobody reads these in an audit: what they hold is shown once, or is a copy.
_UNTOLD = frozenset({"oms_idempotent_act", "oms_audit_entry", "oms_event", "oms_mail", "oms_posting", "oms_counter"})
_SECRET = frozenset(
    {"password", "password_hash", "new_password", "token", "voucher", "secret", "code", "current", "content"}
)
MOST_ROWS, MOST_LETTERS = 40, 200
_CHANGES = "trail"


class AuditEntry(Base):
    """One act of a member: `act` is the route that was called, `subject` what of, `result` what came of it.

    `request` is what was asked, without secrets; `changes` are the rows that are not as they were.
    """

    __tablename__ = "oms_audit_entry"
    __table_args__ = (
        Index(None, "at"),
        Index(None, "who", "at"),
        Index(None, "subject"),
        Index(None, "result"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(60))
    session_id: Mapped[Ref | None]
    act: Mapped[str] = mapped_column(String(160))
    subject: Mapped[str | None] = mapped_column(String(80))
    result: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(300))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts: a member (`staff:<id>`), as they were called and in which role, in which session."""

    who: str
    name: str
    role: str
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What they asked for: the route (`POST /staff/refunds/{number}/approval`), of what, with which words."""

    act: str
    subject: str | None = None
    body: Any = None


class _Changes:
    """What a session changed so far; the rows are kept alive, so that none takes another's place."""

    def __init__(self, rows: dict[int, tuple[Any, dict[str, Any]]] | None = None) -> None:
        self.rows = rows or {}


def follow(session: Session) -> None:
    """From here on the session remembers which rows it changes, and how they were."""
    session.info[_CHANGES] = _Changes()
    event.listen(session, "before_flush", _remember)


def mark(session: Session) -> _Changes | None:
    """What is remembered so far, for `forget_since` should a savepoint be given up."""
    known = session.info.get(_CHANGES)
    return None if known is None else _Changes({key: (row, dict(change)) for key, (row, change) in known.rows.items()})


def forget_since(session: Session, marked: _Changes | None) -> None:
    if marked is not None:
        session.info[_CHANGES] = marked


def write(session: Session, doer: Doer, asked: Asked, answer: Any = None) -> AuditEntry:
    """Records: one AuditEntry, in the transaction of what it tells of."""
    session.flush()
    body = _without_secrets(asked.body)
    known = session.info.get(_CHANGES) or _Changes()
    changes = [change for _, change in known.rows.values()]
    entry = AuditEntry(
        id=new_id(),
        at=clock.now(),
        who=doer.who,
        name=doer.name[:120],
        role=doer.role[:60],
        session_id=doer.session_id,
        act=asked.act[:160],
        subject=asked.subject[:80] if asked.subject else None,
        result=_named(answer),
        reason=_reason(body),
        request=body if isinstance(body, dict) else {},
        changes=changes[:MOST_ROWS],
    )
    session.add(entry)
    session.flush()
    return entry


def page(
    session: Session,
    *,
    who: str | None = None,
    about: str | None = None,
    act: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int,
) -> Sequence[AuditEntry]:
    """The newest first: of one member, about one thing, of acts whose route has these words, in that time."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if who is not None:
        query = query.where(AuditEntry.who == who)
    if about is not None:
        query = query.where((AuditEntry.subject == about) | (AuditEntry.result == about))
    if act is not None:
        query = query.where(AuditEntry.act.contains(act, autoescape=True))
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session.scalars(query).all()


def _remember(session: Session, _context: object, _instances: object) -> None:
    known: _Changes = session.info[_CHANGES]
    for row in session.dirty:
        before, after = _difference(row)
        if after:
            _note(known, row, before, after)
    for row in session.new:
        _note(known, row, None, _values(row))
    for row in session.deleted:
        _note(known, row, _values(row), None)


def _note(known: _Changes, row: Any, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    table = row.__tablename__
    if table in _UNTOLD:
        return
    name = next((each for key in ("number", "code", "id") if (each := getattr(row, key, None))), "")
    what = f"{table.removeprefix('oms_')} {name}".strip()
    if id(row) not in known.rows:
        known.rows[id(row)] = row, {"row": what, "before": before, "after": after}
        return
    _, change = known.rows[id(row)]
    if change["before"] is not None and before is not None:
        # What it was at first stays what it was.
        change["before"] = before | change["before"]
    change["after"] = None if after is None else (change["after"] or {}) | after


def _difference(row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = {}, {}
    state = inspect(row)
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if history.has_changes() and column.key not in _SECRET:
            before[column.key] = _plain(history.deleted[0]) if history.deleted else None
            after[column.key] = _plain(history.added[0]) if history.added else None
        elif history.has_changes():
            before[column.key], after[column.key] = "…", "(new)"
    return before, after


def _values(row: Any) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}
    return {key: _plain(value) for key, value in values.items() if value is not None and key not in _SECRET}


def _plain(value: Any) -> Any:
    """A value as JSON has it, and not for ever."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in list(value.items())[:MOST_ROWS] if key not in _SECRET}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in list(value)[:MOST_ROWS]]
    return str(value)[:MOST_LETTERS]


def _without_secrets(body: Any) -> Any:
    return _plain(body) if isinstance(body, dict) else {}


def _named(answer: Any) -> str | None:
    """What came of it, as people call it: `NC-12`."""
    for key in ("number", "code", "id"):
        name = getattr(answer, key, None)
        if isinstance(name, str):
            return name[:80]
    return None


def _reason(body: Any) -> str | None:
    found = next((body[key] for key in ("reason", "note", "answer") if isinstance(body, dict) and body.get(key)), None)
    return str(found)[:300] if found else None
