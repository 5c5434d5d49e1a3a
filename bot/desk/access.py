"""Who may use the bot's own API: staff, of them some to act, and our own services for hints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Header, Request

from bot.desk.staff_sessions import BACKGROUND, StaffSessions
from bot.handoff.acts import Doer
from kernel import tokens
from kernel.acts import IdempotencyKeyInvalid, IdempotencyKeyRequired, is_key, request_hash
from kernel.errors import Forbidden, Unauthenticated, Unavailable

# Who talks with customers. Everyone else who works here may look.
ADMIN = "role:admin"
ACTING = frozenset({"role:agent", "role:sales", ADMIN})


class WrongRole(Forbidden):
    code, title = "wrong_role", "This is for another kind of caller"


def require(role: tokens.Role) -> Callable[[Request], Awaitable[tokens.Principal]]:
    """A dependency: the caller's principal, if it has `role`; of staff, as they are now and while they are signed in.

    Raises: Unauthenticated, TokenRefused, Forbidden.
    """

    async def principal(request: Request) -> tokens.Principal:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("a bearer token is needed")
        found = tokens.verify(token, request.app.state.signing_key)
        if found.role != role:
            raise Forbidden(f"only {role} may do this")
        if role != "staff":
            return found
        sessions = cast(StaffSessions, request.app.state.staff_sessions)
        return await sessions.check(found, token, is_background=BACKGROUND in request.headers)

    return principal


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member of staff who looks; `may_act`: they talk with customers, too."""

    id: str
    name: str
    is_admin: bool
    may_act: bool


async def looking(request: Request) -> Viewer:
    """A dependency: who looks. Raises: Unauthenticated, TokenRefused, Forbidden."""
    return viewer_of(await require("staff")(request))


def viewer_of(member: tokens.Principal) -> Viewer:
    return Viewer(member.subject, member.name or "", ADMIN in member.grants, bool(member.grants & ACTING))


async def speaking(request: Request) -> Viewer:
    """A dependency: who looks, of those who talk with customers. Raises the same, and WrongRole."""
    viewer = await looking(request)
    if not viewer.may_act:
        raise WrongRole
    return viewer


async def is_signed_in(request: Request, member: tokens.Principal) -> bool:
    """Whether the member whose request goes on for long still is."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    sessions = cast(StaffSessions, request.app.state.staff_sessions)
    try:
        await sessions.check(member, token, is_background=True)
    except (Unauthenticated, Unavailable):
        return False
    return True


async def acting(request: Request, idempotency_key: Annotated[str | None, Header()] = None) -> Doer:
    """A dependency: who acts, and for which act.

    Raises: Unauthenticated, TokenRefused, Forbidden, WrongRole, IdempotencyKeyRequired, IdempotencyKeyInvalid.
    """
    principal = await require("staff")(request)
    if not principal.grants & ACTING:
        raise WrongRole(role=",".join(sorted(principal.grants)))
    if idempotency_key is None:
        raise IdempotencyKeyRequired
    if not is_key(idempotency_key):
        raise IdempotencyKeyInvalid
    fingerprint = request_hash(request.method, request.url.path, await request.body())
    return Doer(principal.subject, principal.name or "", idempotency_key, fingerprint, ADMIN in principal.grants)
