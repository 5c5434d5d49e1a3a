"""The staff's door: whether the session of a staff token is good, and what its member may do now."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from backend.staff import sessions
from backend.staff.errors import SessionEnded
from backend.staff.sessions import Lifetime
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal

ROLE_GRANT = "role:"
# A page that asks for itself again is not someone at work: it says so, and keeps no session alive.
BACKGROUND = "Comanda-Background"
# So long a look is believed where nothing changes; what changes something looks again in its own transaction.
FRESH_S = 3.0
MOST_REMEMBERED = 2_000


def lifetime_of(settings: Settings) -> Lifetime:
    return Lifetime(timedelta(minutes=settings.staff_idle_minutes), timedelta(hours=settings.staff_session_hours))


class StaffDoor:
    """Asks the database for a session at most once in FRESH_S; in this process an end is known at once."""

    def __init__(self, database: Database, lifetime: Lifetime) -> None:
        self._database = database
        self.lifetime = lifetime
        self._known: dict[tuple[str, bool], tuple[float, Principal]] = {}

    async def admit(self, found: Principal, request: Request) -> Principal:
        """The principal with the role that its member has now.

        Raises: SessionEnded.
        """
        if found.session_id is None:
            return found
        is_used = BACKGROUND not in request.headers
        until, known = self._known.get((found.session_id, is_used), (0.0, found))
        if time.monotonic() < until:
            return known
        known = await run_in_threadpool(self._look, found, found.session_id, is_used)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[found.session_id, is_used] = (time.monotonic() + FRESH_S, known)
        return known

    def recheck(self, session: Session, found: Principal) -> None:
        """The same question inside of a transaction that is about to change something.

        Raises: SessionEnded.
        """
        if found.session_id is None:
            return
        known = sessions.live(session, found.session_id, self.lifetime.idle)
        if known is None or f"{ROLE_GRANT}{known.role}" not in found.grants:
            self.forget()
            raise SessionEnded()

    def forget(self) -> None:
        """Someone's session or role changed: ask again."""
        self._known.clear()

    def _look(self, found: Principal, session_id: str, is_used: bool) -> Principal:
        with self._database.read() as session:
            known = sessions.live(session, session_id, self.lifetime.idle)
        if known is None or known.member_id != found.subject:
            raise SessionEnded()
        if is_used and sessions.is_to_be_seen(known):
            with self._database.write() as session:
                sessions.see(session, session_id)
        return replace(found, grants=frozenset({f"{ROLE_GRANT}{known.role}"}))
