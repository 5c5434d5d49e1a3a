"""What staff did, over HTTP, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from backend import trail
from backend.api.access import Admin, Db, WrongRole
from backend.api.problems import InvalidRequest, describe
from backend.schemas.base import Text
from backend.schemas.staff import AuditEntry, AuditPage
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Staff"], responses=describe(TokenRefused, WrongRole))
PAGE = 50


@router.get("/staff/audit", summary="What members did, the newest first", responses=describe(InvalidRequest))
def page(
    _admin: Admin,
    db: Db,
    member: Annotated[Text | None, Query(max_length=36, description="The id of a member.")] = None,
    about: Annotated[Text | None, Query(max_length=80, examples=["FV-12"])] = None,
    act: Annotated[Text | None, Query(max_length=80, examples=["credit-notes"])] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: Annotated[Text | None, Query(max_length=36, description="`next_cursor` of the page before.")] = None,
) -> AuditPage:
    with db.read() as session:
        found = trail.page(
            session,
            who=f"staff:{member}" if member else None,
            about=about,
            act=act,
            since=since,
            until=until,
            before=cursor,
            limit=PAGE + 1,
        )
    return AuditPage(
        entries=[AuditEntry.model_validate(each, from_attributes=True) for each in found[:PAGE]],
        next_cursor=found[PAGE - 1].id if len(found) > PAGE else None,
    )
