"""Staff: signing in, and the sessions that come of it."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.staff import (
    AuditPage,
    ChangePassword,
    Member,
    MemberChange,
    NewMember,
    OidcSignIn,
    OidcStart,
    OpenedLink,
    PasswordLink,
    PendingAct,
    PendingActPage,
    RefusePending,
    RoleLimits,
    SessionView,
    SetPassword,
    SetRoleLimits,
    SignIn,
    StaffSession,
)


class StaffCalls(Wire):
    async def sign_in(self, email: str, password: str, device: str | None = None) -> StaffSession:
        body = SignIn(email=email, password=password, device=device)
        return await self._send(StaffSession, "POST", "staff/sessions", body)

    async def start_oidc(self) -> OidcStart:
        """Where to sign in by the identity provider, and what the browser keeps until it comes back."""
        return await self._send(OidcStart, "POST", "staff/oidc/starts", None)

    async def sign_in_by_oidc(self, answer: OidcSignIn) -> StaffSession:
        return await self._send(StaffSession, "POST", "staff/oidc/sessions", answer)

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

    async def members(self) -> list[Member]:
        """Everyone who works here, active ones first."""
        return await self._list(Member, "staff/members")

    async def member(self, member_id: str) -> Member:
        return await self._get(Member, f"staff/members/{segment(member_id)}")

    async def admit_member(self, member: NewMember, *, key: str) -> PasswordLink:
        return await self._send(PasswordLink, "POST", "staff/members", member, key=key)

    async def change_member(self, member_id: str, change: MemberChange, *, key: str) -> Member:
        return await self._correct(Member, f"staff/members/{segment(member_id)}", change, key=key)

    async def make_password_link(self, member_id: str, *, key: str) -> PasswordLink:
        return await self._send(PasswordLink, "POST", f"staff/members/{segment(member_id)}/links", None, key=key)

    async def sessions_of(self, member_id: str) -> list[SessionView]:
        return await self._list(SessionView, f"staff/members/{segment(member_id)}/sessions")

    async def change_password(self, current: str, password: str, *, key: str) -> Member:
        body = ChangePassword(current=current, password=password)
        return await self._send(Member, "POST", "staff/me/password", body, key=key)

    async def open_password_link(self, token: str) -> OpenedLink:
        return await self._get(OpenedLink, f"staff/links/{segment(token)}")

    async def use_password_link(self, token: str, password: str) -> OpenedLink:
        return await self._send(OpenedLink, "POST", f"staff/links/{segment(token)}", SetPassword(password=password))

    async def audit_trail(self, cursor: str | None = None, **sought: str | None) -> AuditPage:
        """What members did, the newest first; `sought`: member, about, act, since, until."""
        return await self._get(AuditPage, "staff/audit", cursor=cursor, **sought)

    async def role_limits(self) -> RoleLimits:
        return await self._get(RoleLimits, "staff/limits")

    async def set_role_limits(self, limits: SetRoleLimits, *, key: str) -> RoleLimits:
        # A limit of null is all, and has to be said.
        answer = await self._call("PUT", "staff/limits", json=limits.model_dump(mode="json"), key=key)
        return RoleLimits.model_validate(answer)

    async def pending_acts(self, status: str | None = None, cursor: str | None = None) -> PendingActPage:
        """What waits for a second person, or did; the newest first."""
        return await self._get(PendingActPage, "staff/pending-acts", status=status, cursor=cursor)

    async def approve_pending(self, number: str, *, key: str) -> PendingAct:
        return await self._send(PendingAct, "POST", f"staff/pending-acts/{segment(number)}/approval", None, key=key)

    async def refuse_pending(self, number: str, note: str, *, key: str) -> PendingAct:
        path = f"staff/pending-acts/{segment(number)}/refusal"
        return await self._send(PendingAct, "POST", path, RefusePending(note=note), key=key)

    async def withdraw_pending(self, number: str, *, key: str) -> PendingAct:
        return await self._send(PendingAct, "POST", f"staff/pending-acts/{segment(number)}/withdrawal", None, key=key)
