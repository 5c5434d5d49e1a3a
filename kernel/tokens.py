"""Signed proofs of who is asking, each with an end: customers, services, staff, partners."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

import jwt

from kernel import clock
from kernel.errors import Unauthenticated

Role = Literal["customer", "service", "staff", "partner"]
ROLES = get_args(Role)
_ALGORITHM = "HS256"
_ISSUER = "comanda"
AUDIENCE = "comanda-api"
# Staff without a session are tools that hold our key: nobody could end a longer token of theirs.
SESSIONLESS_STAFF = timedelta(hours=1)


class TokenRefused(Unauthenticated):
    code, title = "token_refused", "The token is missing, expired or not genuine"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a token speaks for: `subject` is a customer, staff or service id, or a partner's code.

    `conversation_id`, and the `message_id` of what they said in it, are known of customers only.

    `name` is what a member of staff is called.
    `verification` says how sure we are of a customer: 0 the channel alone, 1 the channel proves the person.
    `session_id` is the staff session that a member signed in with: once it ends, its tokens are worth nothing.
    """

    role: Role
    subject: str
    conversation_id: str | None = None
    verification: int = 0
    grants: frozenset[str] = field(default_factory=frozenset)
    message_id: str | None = None
    name: str | None = None
    session_id: str | None = None


def mint(principal: Principal, key: str, lifetime: timedelta) -> str:
    """A token for `principal` that ends after `lifetime`."""
    issued_at = clock.now()
    claims = {
        "iss": _ISSUER,
        "aud": AUDIENCE,
        "sub": principal.subject,
        "role": principal.role,
        "cid": principal.conversation_id,
        "mid": principal.message_id,
        "ver": principal.verification,
        "sid": principal.session_id,
        "grants": sorted(principal.grants),
        "name": principal.name,
        "iat": issued_at,
        "exp": issued_at + lifetime,
    }
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


def verify(token: str, key: str) -> Principal:
    """The principal of a genuine, live token. One algorithm is accepted, and every claim is required.

    Raises: TokenRefused.
    """
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "sub", "role"]},
        )
    except jwt.InvalidTokenError as error:
        raise TokenRefused(type(error).__name__) from None
    if claims["role"] not in ROLES:
        raise TokenRefused("unknown role")
    lifetime = timedelta(seconds=claims["exp"] - claims["iat"])
    if claims["role"] == "staff" and not claims.get("sid") and lifetime > SESSIONLESS_STAFF:
        raise TokenRefused("a staff token of no session")
    return Principal(
        role=claims["role"],
        subject=claims["sub"],
        conversation_id=claims.get("cid"),
        message_id=claims.get("mid"),
        session_id=claims.get("sid"),
        verification=int(claims.get("ver", 0)),
        grants=frozenset(claims.get("grants", ())),
        name=claims.get("name"),
    )
