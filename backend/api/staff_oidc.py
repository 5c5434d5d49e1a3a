"""Signing in by the shop's identity provider, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request

from backend.api.access import Db, Door
from backend.api.problems import InvalidRequest, describe
from backend.api.staff import address_of, to_session
from backend.schemas.staff import OidcSignIn, OidcStart, StaffSession
from backend.staff.errors import OidcNotConfigured, OidcUnavailable, SignInRefused
from backend.workflows.sign_in import sign_in_by_provider
from kernel.config import Settings

if TYPE_CHECKING:
    from backend.staff.oidc import Oidc

router = APIRouter(prefix="/staff/oidc", tags=["Staff"])
CALLBACK = "/console/signin/oidc/back"


def provider_of(settings: Settings) -> Oidc | None:
    if not settings.has_oidc:
        return None
    # Loaded only by a shop that has a provider.
    from backend.staff.oidc import Oidc

    secret, callback = settings.oidc_client_secret.get_secret_value(), f"{settings.public_url}{CALLBACK}"
    return Oidc(settings.oidc_issuer, settings.oidc_client_id, secret, callback, settings.signing_key())


@router.post(
    "/starts",
    summary="Where to sign in by the identity provider",
    status_code=201,
    responses=describe(OidcNotConfigured, OidcUnavailable),
)
def start(request: Request) -> OidcStart:
    address, binding = _provider(request).start()
    return OidcStart(address=address, binding=binding)


@router.post(
    "/sessions",
    summary="Sign in with what the identity provider answered",
    status_code=201,
    responses=describe(InvalidRequest, OidcNotConfigured, OidcUnavailable, SignInRefused),
)
def finish(given: OidcSignIn, request: Request, db: Db, door: Door) -> StaffSession:
    """The e-mail address must be verified there, and an active member's here."""
    proven = _provider(request).finish(given.binding, given.state, given.code)
    address, device = address_of(request), given.device or ""
    member, began = sign_in_by_provider(db, proven, address, device, door.lifetime)
    return to_session(request, member, began)


def _provider(request: Request) -> Oidc:
    """Raises: OidcNotConfigured."""
    found = cast("Oidc | None", request.app.state.oidc)
    if found is None:
        raise OidcNotConfigured()
    return found
