"""Who is asking, and what a route needs to know of the running app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.api.staff_door import ROLE_GRANT, StaffDoor
from backend.staff.models import ROLES
from backend.trail import Doer
from kernel import tokens
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import Forbidden
from kernel.tokens import Principal, Role, TokenRefused

_bearer = HTTPBearer(auto_error=False, description="A signed token of role customer, service, staff or partner.")


class WrongRole(Forbidden):
    """`params`: the `role` of the caller."""

    code, title = "wrong_role", "This is for another kind of caller"


# Dependencies are async though nothing waits: a sync one would cost a trip through the thread pool each.
async def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


async def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


async def _door(request: Request) -> StaffDoor:
    return door_of(request)


def door_of(request: Request) -> StaffDoor:
    return cast(StaffDoor, request.app.state.staff_door)


async def _principal(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    if credentials is None:
        raise TokenRefused()
    found = tokens.verify(credentials.credentials, request.app.state.signing_key)
    return await door_of(request).admit(found, request) if found.role == "staff" else found


def _only(role: Role) -> Callable[[Principal], Awaitable[Principal]]:
    async def check(principal: Annotated[Principal, Depends(_principal)]) -> Principal:
        if principal.role != role:
            raise WrongRole(role=principal.role)
        return principal

    return check


def staff_of(*roles: str) -> Callable[[Principal], Awaitable[Principal]]:
    """Only staff of these roles; an admin always may: `Annotated[Principal, Depends(staff_of("sales"))]`."""
    assert set(roles) <= set(ROLES), "a role is one of ROLES"
    allowed = {f"{ROLE_GRANT}{role}" for role in (*roles, "admin")}

    async def check(principal: Annotated[Principal, Depends(_principal)]) -> Principal:
        if principal.role != "staff":
            raise WrongRole(role=principal.role)
        if not allowed & principal.grants:
            raise WrongRole(role=",".join(sorted(principal.grants)) or principal.role)
        return principal

    return check


async def _staff_or_service(principal: Annotated[Principal, Depends(_principal)]) -> Principal:
    """What everyone who works here may look at, and the bot on their behalf."""
    return principal if principal.role == "service" else await staff_of(*ROLES)(principal)


def roles_of(principal: Principal) -> frozenset[str]:
    """What a member of staff may do here: `{"finance"}`."""
    return frozenset(grant.removeprefix(ROLE_GRANT) for grant in principal.grants if grant.startswith(ROLE_GRANT))


def doer_of(principal: Principal) -> Doer:
    """A member of staff as the trail names them."""
    roles = ",".join(sorted(roles_of(principal)))
    return Doer(f"staff:{principal.subject}", principal.name or principal.subject, roles, principal.session_id)


Db = Annotated[Database, Depends(_database)]
AppSettings = Annotated[Settings, Depends(_settings)]
Door = Annotated[StaffDoor, Depends(_door)]
Anyone = Annotated[Principal, Depends(_principal)]
Customer = Annotated[Principal, Depends(_only("customer"))]
Service = Annotated[Principal, Depends(_only("service"))]
# Everyone who works here may look; what changes something names its roles.
Staff = Annotated[Principal, Depends(staff_of(*ROLES))]
Admin = Annotated[Principal, Depends(staff_of("admin"))]
StaffOrService = Annotated[Principal, Depends(_staff_or_service)]
Sales = Annotated[Principal, Depends(staff_of("sales"))]
Desk = Annotated[Principal, Depends(staff_of("agent", "sales"))]
MoneyDesk = Annotated[Principal, Depends(staff_of("agent", "sales", "finance"))]
Floor = Annotated[Principal, Depends(staff_of("agent", "sales", "warehouse"))]
Finance = Annotated[Principal, Depends(staff_of("finance"))]
Warehouse = Annotated[Principal, Depends(staff_of("warehouse"))]
PartnerToken = Annotated[Principal, Depends(_only("partner"))]
