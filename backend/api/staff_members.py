"""Who works here, over HTTP: for admins, and for everyone their own password."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Db, Door, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.api.staff import address_of, to_view
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas import staff as schemas
from backend.schemas.base import Text
from backend.staff import models, sessions
from backend.staff import service as staff
from backend.staff.errors import (
    EmailTaken,
    LastAdmin,
    OwnAccount,
    PasswordWeak,
    PasswordWrong,
    SessionEnded,
    StaffLinkExpired,
    StaffLinkUnknown,
    StaffMemberNotFound,
    TooManySignIns,
)
from backend.staff.sessions import Lifetime
from backend.workflows import change_member as verb
from kernel import links
from kernel.db import Database
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Staff"])
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_DOOR = (TokenRefused, SessionEnded, WrongRole)
_LINK = (StaffLinkUnknown, StaffLinkExpired)
MemberId = Annotated[Text, Path(max_length=36)]
Token = Annotated[str, Path(max_length=100)]


@router.get("/staff/members", summary="Everyone who works here, active ones first", responses=describe(*_DOOR))
def everyone(_admin: Admin, db: Db, door: Door) -> list[schemas.Member]:
    with db.read() as session:
        return [_to_member(session, row, door.lifetime) for row in staff.everyone(session)]


@router.post(
    "/staff/members",
    summary="Take someone in: they set their password by the link that is answered",
    response_model=schemas.PasswordLink,
    status_code=201,
    responses=describe(*_DOOR, *_ACT, EmailTaken),
)
def admit(given: schemas.NewMember, admin: Admin, db: Db, door: Door, act: Act) -> Response:
    def work(session: Session) -> schemas.PasswordLink:
        who = f"staff:{admin.subject}"
        member, link = verb.admit_member(session, given.email, given.name, given.role, who)
        return _to_link(session, member, link, door.lifetime)

    return _with_link(db, act.once(work, status=201))


@router.get(
    "/staff/members/{member_id}", summary="One of them", responses=describe(*_DOOR, StaffMemberNotFound, InvalidRequest)
)
def one(member_id: MemberId, _admin: Admin, db: Db, door: Door) -> schemas.Member:
    with db.read() as session:
        return _to_member(session, staff.row_of(session, member_id), door.lifetime)


@router.patch(
    "/staff/members/{member_id}",
    summary="Change a member's name, role or limits; let them go, or back in",
    response_model=schemas.Member,
    responses=describe(*_DOOR, *_ACT, StaffMemberNotFound, OwnAccount, LastAdmin),
)
def change(member_id: MemberId, given: schemas.MemberChange, admin: Admin, door: Door, act: Act) -> Response:
    def work(session: Session) -> schemas.Member:
        wish = verb.MemberChange(
            name=given.name,
            role=given.role,
            is_active=given.is_active,
            limits=cast(Any, given.limits),
        )
        row = verb.change_member(session, member_id, wish, f"staff:{admin.subject}")
        return _to_member(session, row, door.lifetime)

    changed = act.once(work)
    door.forget()
    return changed


@router.post(
    "/staff/members/{member_id}/links",
    summary="A link by which a member sets a new password, once",
    response_model=schemas.PasswordLink,
    status_code=201,
    responses=describe(*_DOOR, *_ACT, StaffMemberNotFound),
)
def make_link(member_id: MemberId, admin: Admin, db: Db, door: Door, act: Act) -> Response:
    def work(session: Session) -> schemas.PasswordLink:
        link = verb.make_link(session, member_id, f"staff:{admin.subject}")
        return _to_link(session, staff.row_of(session, member_id), link, door.lifetime)

    return _with_link(db, act.once(work, status=201))


@router.get(
    "/staff/members/{member_id}/sessions",
    summary="Where a member is signed in",
    responses=describe(*_DOOR, StaffMemberNotFound, InvalidRequest),
)
def sessions_of(member_id: MemberId, admin: Admin, db: Db, door: Door) -> list[schemas.SessionView]:
    with db.read() as session:
        staff.row_of(session, member_id)
        found = sessions.of_member(session, member_id, door.lifetime.idle)
        return [to_view(session, each, admin) for each in found]


@router.post(
    "/staff/me/password",
    summary="Change my password; everywhere else I am signed out",
    response_model=schemas.Member,
    responses=describe(*_DOOR, *_ACT, PasswordWrong, PasswordWeak, TooManySignIns, StaffMemberNotFound),
)
def change_password(
    given: schemas.ChangePassword, principal: Staff, request: Request, db: Db, door: Door, act: Act
) -> Response:
    """Attempts are limited as those to sign in are."""
    address = address_of(request)
    with db.write() as session:
        email = staff.row_of(session, principal.subject).email
        staff.count_attempt(session, email, address)

    def work(session: Session) -> schemas.Member:
        row = verb.change_password(session, principal.subject, given.current, given.password, keep=principal.session_id)
        staff.forget_attempts(session, row.email, address)
        return _to_member(session, row, door.lifetime)

    changed = act.once(work)
    door.forget()
    return changed


@router.get("/staff/links/{token}", summary="Whose password a link sets", responses=describe(*_LINK))
def open_link(token: Token, db: Db, response: Response) -> schemas.OpenedLink:
    response.headers["Cache-Control"] = "no-store"
    with db.read() as session:
        link, member = verb.find_link(session, token)
        return schemas.OpenedLink(name=member.name, email=member.email, kind=cast(Any, link.kind))


@router.post(
    "/staff/links/{token}", summary="Set the password, once", responses=describe(*_LINK, PasswordWeak, InvalidRequest)
)
def use_link(token: Token, given: schemas.SetPassword, db: Db, door: Door) -> schemas.OpenedLink:
    """The link is the authority, and the act: it is used once."""
    with db.write() as session:
        kind = verb.find_link(session, token)[0].kind
        member = verb.set_password_by_link(session, token, given.password)
        opened = schemas.OpenedLink(name=member.name, email=member.email, kind=cast(Any, kind))
    door.forget()
    return opened


def _with_link(db: Database, answered: Response) -> Response:
    """The answer with the link itself: the answer that is kept for a repeat does not have it."""
    made = schemas.PasswordLink.model_validate(json.loads(bytes(answered.body)))
    with db.read() as session:
        reader = links.carried(session)
    assert reader is not None, "the app carries links"
    made.link = verb.address_of(reader, made.id, made.ends_at)
    headers = {"Cache-Control": "no-store"}
    if "Idempotent-Replay" in answered.headers:
        headers["Idempotent-Replay"] = "true"
    return Response(made.model_dump_json(), answered.status_code, headers, media_type="application/json")


def _to_link(
    session: Session, member: models.StaffMember, link: models.StaffLink, lifetime: Lifetime
) -> schemas.PasswordLink:
    return schemas.PasswordLink(
        member=_to_member(session, member, lifetime), id=link.id, kind=cast(Any, link.kind), ends_at=link.ends_at
    )


def _to_member(session: Session, row: models.StaffMember, lifetime: Lifetime) -> schemas.Member:
    return schemas.Member(
        id=row.id,
        email=row.email,
        name=row.name,
        role=cast(schemas.Role, row.role),
        is_active=row.is_active,
        has_password=bool(row.password_hash),
        limits=cast(schemas.Limits, row.limits),
        created_at=row.created_at,
        sessions=len(sessions.of_member(session, row.id, lifetime.idle)),
    )
