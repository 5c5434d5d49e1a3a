"""Visitors whom the shop's own site has signed in: who they are, by a short token that the site signs.

Such a visitor is one sender in every browser. What a browser keeps of it is a session of ours, which ends by itself,
so that whoever comes to that browser later is nobody again. Source: RFC 7519, RFC 8725; OpenID Connect Core 1.0, 5.1.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from backend.client import BackendClient
from kernel import clock, tokens
from kernel.config import Settings
from kernel.errors import ComandaError
from kernel.logging import get_logger

log = get_logger(__name__)

ALGORITHM = "HS256"
# Longer than that a token is no short one: who finds it would be the customer for as long.
LIFETIME_MOST = timedelta(hours=1)
SUBJECT_MOST, TEXT_MOST = 120, 200
SESSION_LIFETIME = timedelta(hours=12)
_SESSION, _SESSION_AUDIENCE = "site.", "comanda-web-chat"
_VOUCHING_S = 3.0


@dataclass(frozen=True, slots=True)
class SiteUser:
    """`email` and `phone` only if the site says that they are proven."""

    subject: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def sender(self) -> str:
        return f"{_SESSION}{hashlib.sha256(self.subject.encode()).hexdigest()}"


class SiteUsers:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._site_key = settings.site_key.get_secret_value()
        self._key = settings.signing_key()

    def read(self, token: str | None) -> SiteUser | None:
        """Whom the site's token names; None without one, and for one that is not good: then they are just a visitor."""
        if not token:
            return None
        if not self._site_key:
            log.warning("site_user_refused", reason="COMANDA_SITE_KEY is not set")
            return None
        try:
            claims = _claims(token, self._site_key, self._settings.public_url)
            if claims["exp"] - claims["iat"] > LIFETIME_MOST.total_seconds():
                raise jwt.InvalidTokenError("it lives longer than an hour")
            return _user(claims)
        except (jwt.InvalidTokenError, ValueError) as refusal:
            log.warning("site_user_refused", reason=str(refusal)[:200])
            return None

    def session_of(self, user: SiteUser) -> str:
        """What the user's browser keeps, in place of the token of a visitor without a name."""
        ends_at = clock.now() + SESSION_LIFETIME
        claims = {"aud": _SESSION_AUDIENCE, "sub": user.subject, "iat": clock.now(), "exp": ends_at}
        return f"{_SESSION}{jwt.encode(claims, self._key, algorithm=ALGORITHM)}"

    def sender_of(self, token: str) -> str | None:
        """The sender that a browser's token stands for; None for a session that is over, or never was."""
        if not token.startswith(_SESSION):
            return hashlib.sha256(token.encode()).hexdigest()
        try:
            return SiteUser(_claims(token.removeprefix(_SESSION), self._key, _SESSION_AUDIENCE)["sub"]).sender
        except jwt.InvalidTokenError:
            return None

    async def vouch(self, user: SiteUser) -> None:
        """Tell the OMS who it is. It is told with every sign-in: one that did not get through is made good."""
        proof = tokens.mint(tokens.Principal("service", "bot"), self._key, timedelta(minutes=1))
        facts = {"name": user.name, "email": user.email, "phone": user.phone}
        key = hashlib.sha256(repr((user.subject, facts, clock.now().date())).encode()).hexdigest()
        try:
            async with asyncio.timeout(_VOUCHING_S), BackendClient(self._settings.backend_url, proof) as oms:
                await oms.vouch_for_site_user("web", user.sender, user.subject, key=f"site:{key}", **facts)
        except (ComandaError, TimeoutError, ValueError) as error:  # ValueError: what no address can be
            log.warning("site_user_not_told", error=type(error).__name__)


def _claims(token: str, key: str, audience: str) -> dict[str, Any]:
    # One algorithm and one key, whatever the token's own head says. Source: RFC 8725, 3.1.
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=[ALGORITHM], audience=audience, options={"require": ["exp", "iat", "sub", "aud"]}
    )
    return claims


def _user(claims: dict[str, Any]) -> SiteUser:
    subject = claims["sub"]
    if not subject.strip() or len(subject) > SUBJECT_MOST or not subject.isprintable():
        raise ValueError("its sub is none")

    def text(name: str) -> str | None:
        value = claims.get(name)
        fits = isinstance(value, str) and value.strip() and len(value) <= TEXT_MOST and value.isprintable()
        return str(value).strip() if fits else None

    is_email, is_phone = (claims.get(f"{each}_verified") is True for each in ("email", "phone_number"))
    return SiteUser(
        subject, text("name"), text("email") if is_email else None, text("phone_number") if is_phone else None
    )
