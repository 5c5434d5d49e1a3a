"""Who may use the bot's own API: staff, and our own services for hints."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from kernel import tokens
from kernel.errors import Forbidden, Unauthenticated


def require(role: tokens.Role) -> Callable[[Request], tokens.Principal]:
    """A dependency: the caller's principal, if it has `role`.

    Raises: Unauthenticated, TokenRefused, Forbidden.
    """

    def principal(request: Request) -> tokens.Principal:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("a bearer token is needed")
        found = tokens.verify(token, request.app.state.signing_key)
        if found.role != role:
            raise Forbidden(f"only {role} may do this")
        return found

    return principal
