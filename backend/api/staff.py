"""How staff sign in over HTTP."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

from fastapi import APIRouter, Request

from backend.api.access import ROLE_GRANT, Db
from backend.api.problems import InvalidRequest, describe
from backend.schemas.staff import SignIn, StaffSession
from backend.staff.errors import SignInRefused, TooManySignIns
from backend.workflows.sign_in import sign_in
from kernel import clock
from kernel.tokens import Principal, mint

router = APIRouter(tags=["Staff"])
SHIFT = timedelta(hours=12)
MAX_ADDRESS = 60


@router.post(
    "/staff/sessions",
    summary="Sign in with e-mail and password",
    status_code=201,
    responses=describe(InvalidRequest, SignInRefused, TooManySignIns),
)
def start(credentials: SignIn, request: Request, db: Db) -> StaffSession:
    """The token is good for one shift of twelve hours. Attempts are limited per account and address."""
    member = sign_in(db, credentials.email, credentials.password, _address_of(request))
    grants = frozenset({f"{ROLE_GRANT}{member.role}"})
    staff = Principal(role="staff", subject=member.id, grants=grants, name=member.name)
    return StaffSession(
        token=mint(staff, request.app.state.signing_key, SHIFT),
        expires_at=clock.now() + SHIFT,
        name=member.name,
        role=member.role,
    )


def _address_of(request: Request) -> str:
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
