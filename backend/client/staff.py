"""Staff: signing in, and the sessions that come of it."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.staff import SessionView, SignIn, StaffSession


class StaffCalls(Wire):
    async def sign_in(self, email: str, password: str, device: str | None = None) -> StaffSession:
        body = SignIn(email=email, password=password, device=device)
        return await self._send(StaffSession, "POST", "staff/sessions", body)

    async def current_session(self) -> SessionView:
        """The session of this token, with what its member may do now."""
        return await self._get(SessionView, "staff/sessions/current")

    async def my_sessions(self) -> list[SessionView]:
        """Those that are good, the latest used first."""
        return await self._list(SessionView, "staff/sessions")

    async def sign_out(self, *, key: str) -> SessionView:
        return await self._send(SessionView, "DELETE", "staff/sessions/current", None, key=key)

    async def end_session(self, session_id: str, *, key: str) -> SessionView:
        return await self._send(SessionView, "DELETE", f"staff/sessions/{segment(session_id)}", None, key=key)
