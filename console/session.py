"""Who sits at the console: the staff token in a cookie no script can read, and the name to greet them with."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from backend.schemas.staff import StaffSession
from console.tabs import ROLE_GRANT
from kernel import clock, tokens
from kernel.tokens import TokenRefused

STAFF_COOKIE = "comanda_staff"
NAME_COOKIE = "comanda_staff_name"


@dataclass(frozen=True, slots=True)
class Staff:
    token: str
    name: str
    id: str
    roles: frozenset[str]

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper() or "·"


def staff_of(request: Request, key: str) -> Staff | None:
    """The signed-in member, or None. Only a first look: the OMS and the bot judge the token themselves."""
    token = request.cookies.get(STAFF_COOKIE, "")
    try:
        principal = tokens.verify(token, key)
    except TokenRefused:
        return None
    if principal.role != "staff":
        return None
    roles = frozenset(grant.removeprefix(ROLE_GRANT) for grant in principal.grants if grant.startswith(ROLE_GRANT))
    return Staff(token, unquote(request.cookies.get(NAME_COOKIE, "")), principal.subject, roles)


def remember(response: Response, session: StaffSession, *, path: str, is_secure: bool) -> None:
    lifetime_s = int((session.expires_at - clock.now()).total_seconds())
    for name, value in ((STAFF_COOKIE, session.token), (NAME_COOKIE, quote(session.name))):
        response.set_cookie(name, value, max_age=lifetime_s, path=path, httponly=True, samesite="lax", secure=is_secure)


def forget(response: Response, *, path: str) -> None:
    for name in (STAFF_COOKIE, NAME_COOKIE):
        response.delete_cookie(name, path=path, httponly=True, samesite="lax")
