"""NOTIFY of PostgreSQL: what a transaction has for other processes to hear is said at its end, in one go and once."""

from __future__ import annotations

from sqlalchemy import String, bindparam, event, func, select
from sqlalchemy.orm import Session

from kernel.prepared import Prepared

_KEPT = "notify.kept"
_notify = Prepared(select(func.pg_notify(bindparam("channel", type_=String), bindparam("payload", type_=String))))


def at_commit(session: Session, channel: str, *payloads: str) -> None:
    """Have it heard on `channel` if and when the session's transaction commits. Needs PostgreSQL."""
    session.info.setdefault(_KEPT, {}).update(dict.fromkeys((channel, payload) for payload in payloads))


@event.listens_for(Session, "before_commit")
def _say(session: Session) -> None:
    kept = session.info.pop(_KEPT, None)
    if kept:
        _notify.write(session, [{"channel": channel, "payload": payload} for channel, payload in kept])
