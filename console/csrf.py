"""Proof that a form was filled in on our own page: a seed in a cookie, its seal in the form.

A foreign page can make a browser send the cookie, but can neither read the seal nor make one without our key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import Response

from kernel.errors import Forbidden

COOKIE = "comanda_form"
FIELD = "seal"


class FormRefused(Forbidden):
    code, title = "form_refused", "The form did not come from our page, or is too old"


def seed_of(request: Request) -> str:
    """The visitor's seed: the one their cookie holds, or a new one for `plant` to set."""
    seed: str | None = getattr(request.state, "form_seed", None) or request.cookies.get(COOKIE)
    request.state.form_seed = seed or secrets.token_urlsafe(24)
    return str(request.state.form_seed)


def plant(response: Response, seed: str, *, path: str, is_secure: bool) -> None:
    response.set_cookie(COOKIE, seed, path=path, httponly=True, samesite="strict", secure=is_secure)


def seal(seed: str, key: str) -> str:
    return hmac.new(key.encode(), f"form:{seed}".encode(), hashlib.sha256).hexdigest()


async def check(request: Request, key: str) -> None:
    """Raises: FormRefused."""
    form = await request.form()
    given = str(form.get(FIELD, ""))
    seed = request.cookies.get(COOKIE, "")
    if not seed or not hmac.compare_digest(given.encode(), seal(seed, key).encode()):
        raise FormRefused()
