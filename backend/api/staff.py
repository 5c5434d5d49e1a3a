"""How staff sign in over HTTP, and end their sessions."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, cast

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Db, Door, Staff, WrongRole, roles_of
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.api.staff_door import ROLE_GRANT
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Text
from backend.schemas.staff import Role, SessionView, SignIn, StaffSession
from backend.staff import models, sessions
from backend.staff import service as staff
from backend.staff.errors import SessionEnded, SignInRefused, StaffSessionNotFound, TooManySignIns
from backend.staff.service import Member
from backend.workflows.sign_in import sign_in
from kernel import clock
from kernel.tokens import Principal, TokenRefused, mint

router = APIRouter(tags=["Staff"])
MAX_ADDRESS = 60
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_DOOR = (TokenRefused, SessionEnded, WrongRole)
SessionId = Annotated[Text, Path(max_length=36)]


@router.post(
    "/staff/sessions",
    summary="Sign in with e-mail and password",
    status_code=201,
    responses=describe(InvalidRequest, SignInRefused, TooManySignIns),
)
def start(credentials: SignIn, request: Request, db: Db, door: Door) -> StaffSession:
    """The token is good until its session ends: by signing out, by an admin, unused, or after a shift of twelve hours.

    Attempts are limited per account and address.
    """
    address, device = address_of(request), credentials.device or ""
    member, began = sign_in(db, credentials.email, credentials.password, address, device, door.lifetime)
    return to_session(request, member, began)


@router.get("/staff/sessions", summary="My sessions that are good", responses=describe(*_DOOR))
def mine(principal: Staff, db: Db, door: Door) -> list[SessionView]:
    with db.read() as session:
        found = sessions.of_member(session, principal.subject, door.lifetime.idle)
        return [to_view(session, each, principal) for each in found]


@router.get("/staff/sessions/current", summary="This session", responses=describe(*_DOOR, StaffSessionNotFound))
def current(principal: Staff, db: Db) -> SessionView:
    with db.read() as session:
        return to_view(session, sessions.find(session, principal.session_id or ""), principal)


@router.delete(
    "/staff/sessions/current",
    summary="Sign out",
    response_model=SessionView,
    responses=describe(*_DOOR, *_ACT, StaffSessionNotFound),
)
def sign_out(principal: Staff, door: Door, act: Act) -> Response:
    return _end(principal, principal.session_id or "", "signed_out", door, act)


@router.delete(
    "/staff/sessions/{session_id}",
    summary="End a session: one of mine, or as an admin anyone's",
    response_model=SessionView,
    responses=describe(*_DOOR, *_ACT, StaffSessionNotFound),
)
def end(session_id: SessionId, principal: Staff, door: Door, act: Act) -> Response:
    return _end(principal, session_id, "ended_by_member", door, act)


def _end(principal: Principal, session_id: str, why: str, door: Door, act: Act) -> Response:
    def work(session: Session) -> SessionView:
        row = sessions.find(session, session_id)
        is_mine = row.member_id == principal.subject
        if not is_mine and "admin" not in roles_of(principal):
            # To others it is not there: ids tell nothing.
            raise StaffSessionNotFound(id=session_id)
        sessions.end(row, why if is_mine else "ended_by_admin")
        return to_view(session, row, principal)

    ended = act.once(work)
    door.forget()
    return ended


def to_session(request: Request, member: Member, began: models.StaffSession) -> StaffSession:
    grants = frozenset({f"{ROLE_GRANT}{member.role}"})
    who = Principal("staff", member.id, grants=grants, session_id=began.id, name=member.name)
    return StaffSession(
        token=mint(who, request.app.state.signing_key, began.ends_at - clock.now()),
        expires_at=began.ends_at,
        name=member.name,
        role=member.role,
    )


def to_view(session: Session, row: models.StaffSession, principal: Principal) -> SessionView:
    member = staff.row_of(session, row.member_id)
    return SessionView(
        id=row.id,
        member_id=row.member_id,
        name=member.name,
        role=cast(Role, member.role),
        started_at=row.started_at,
        seen_at=row.seen_at,
        ends_at=row.ends_at,
        address=row.address,
        device=row.device,
        is_current=row.id == principal.session_id,
    )


def address_of(request: Request) -> str:
    """Where a caller is. A neighbour on this machine (the console, a reverse proxy) says for whom it asks.

    Of several forwarded addresses only the last was added by that neighbour; the rest is hearsay.
    """
    peer = request.client.host if request.client else "unknown"
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return (forwarded if _is_loopback(peer) and forwarded else peer)[:MAX_ADDRESS]


def _is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False
