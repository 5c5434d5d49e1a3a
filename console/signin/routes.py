"""The sign-in page: an account's e-mail and password become a shift's cookie."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import httpx
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.staff import OidcSignIn
from console import csrf
from console.acts import key_of, sent
from console.desk import APPEARANCE_COOKIE, APPEARANCES, LANGUAGE_COOKIE, desk_of, root_of, words_of
from console.session import forget, remember
from console.words import WORDS
from kernel.errors import ComandaError, TooMany, Unauthenticated

# In this order: each says it is those below it, too.
_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip
OIDC_COOKIE, NEXT_COOKIE = "comanda_oidc", "comanda_oidc_next"
OIDC_LASTS_S = 600
CHOICE_LIFETIME_S = 365 * 24 * 3600


async def show(request: Request) -> Response:
    return await _page(request)


async def enter(request: Request) -> Response:
    desk = desk_of(request)
    form = await sent(request)
    email, password = str(form.get("email", "")).strip(), str(form.get("password", ""))
    words = words_of(request)
    try:
        forwarding = _Forwarding(request, desk.backend_transport)
        async with BackendClient(desk.settings.backend_url, transport=forwarding) as oms:
            session = await oms.sign_in(email, password, device_of(request))
    except (Unauthenticated, ValidationError):
        problem, status = words.sign_in_refused, 401
    except TooMany as refusal:
        wait_s = int(refusal.params.get("retry_after_s", 60))
        problem, status = words.too_many_sign_ins.format(minutes=-(-wait_s // 60)), 429
    except ComandaError:
        problem, status = words.unavailable, 503
    else:
        response = RedirectResponse(_next(request), 303)
        path = root_of(request) or "/"
        remember(response, session, path=path, is_secure=desk.is_secure)
        # A seed known before the sign-in is worth nothing after it.
        response.delete_cookie(csrf.COOKIE, path=path)
        return response
    return await _page(request, status, problem, email)


async def go_to_provider(request: Request) -> Response:
    """To the identity provider's page; only this browser can come back from it."""
    desk, words = desk_of(request), words_of(request)
    await sent(request)
    try:
        async with desk.stranger() as oms:
            began = await oms.start_oidc()
    except ComandaError:
        return await _page(request, 503, words.oidc_unavailable)
    # A page of ours that goes elsewhere by itself: a form may lead to our own pages alone.
    response = await desk.page(request, "away.html", address=began.address)
    path = root_of(request) or "/"
    for name, value in ((OIDC_COOKIE, began.binding), (NEXT_COOKIE, _next(request))):
        # Lax: the way back begins at the provider's page.
        response.set_cookie(name, value, OIDC_LASTS_S, path=path, httponly=True, samesite="lax", secure=desk.is_secure)
    return response


async def come_back(request: Request) -> Response:
    """From the identity provider's page, with a code or with a refusal."""
    desk, words, path = desk_of(request), words_of(request), root_of(request) or "/"
    given, kept = request.query_params, request.cookies
    try:
        answer = OidcSignIn(
            binding=kept.get(OIDC_COOKIE, ""),
            state=given.get("state", ""),
            code=given.get("code", ""),
            device=device_of(request),
        )
        forwarding = _Forwarding(request, desk.backend_transport)
        async with BackendClient(desk.settings.backend_url, transport=forwarding) as oms:
            session = await oms.sign_in_by_oidc(answer)
    except (Unauthenticated, ValidationError):
        response = await _page(request, 401, words.oidc_refused)
    except ComandaError:
        response = await _page(request, 503, words.oidc_unavailable)
    else:
        response = RedirectResponse(_checked(request, kept.get(NEXT_COOKIE, "")), 303)
        remember(response, session, path=path, is_secure=desk.is_secure)
        response.delete_cookie(csrf.COOKIE, path=path)
    for name in (OIDC_COOKIE, NEXT_COOKIE):
        response.delete_cookie(name, path=path)
    return response


async def _page(request: Request, status: int = 200, problem: str = "", email: str = "") -> Response:
    desk = desk_of(request)
    return await desk.page(
        request,
        "signin.html",
        status,
        email=email,
        problem=problem,
        done=request.query_params.get("done"),
        next=_next(request),
        oidc_name=desk.settings.oidc_name if desk.settings.has_oidc else "",
    )


async def leave(request: Request) -> Response:
    """The session ends in the OMS, and here whatever the OMS says."""
    desk = desk_of(request)
    await sent(request)
    with suppress(ComandaError):
        async with desk.oms(request) as oms:
            await oms.sign_out(key=key_of({}))
    response = RedirectResponse(f"{root_of(request)}/signin", 303)
    forget(response, path=root_of(request) or "/")
    return response


async def switch_language(request: Request) -> Response:
    language = request.path_params["language"]
    return _remembered(request, LANGUAGE_COOKIE, language if language in WORDS else None)


async def switch_appearance(request: Request) -> Response:
    appearance = request.path_params["appearance"]
    return _remembered(request, APPEARANCE_COOKIE, appearance if appearance in APPEARANCES else None)


def _remembered(request: Request, cookie: str, choice: str | None) -> Response:
    """Back to where they were, with what they chose for this browser."""
    response = RedirectResponse(_next(request), 303)
    if choice:
        path = root_of(request) or "/"
        response.set_cookie(cookie, choice, CHOICE_LIFETIME_S, path=path, httponly=True, samesite="lax")
    return response


def sign_in_address(request: Request) -> str:
    """The sign-in page, which leads back to where the member wanted to go."""
    here = request.url.path if request.method == "GET" and "HX-Request" not in request.headers else ""
    return f"{root_of(request)}/signin" + (f"?next={quote(here)}" if here else "")


def device_of(request: Request) -> str:
    """What a member recognises their browser by: `Firefox · Linux`."""
    said = request.headers.get("user-agent", "")
    browser = next((name for sign, name in _BROWSERS if sign in said), "")
    system = next((name for sign, name in _SYSTEMS if sign in said), "")
    return " · ".join(filter(None, (browser, system))) or "?"


def _next(request: Request) -> str:
    """Where to go afterwards: a page of this console and nowhere else."""
    return _checked(request, request.query_params.get("next", ""))


def _checked(request: Request, wanted: str) -> str:
    home = f"{root_of(request)}/"
    # Alone at "/", `home` is how "//elsewhere" begins, too; dots climb out of it; browsers read "\\" as "/".
    is_elsewhere = wanted.startswith("//") or ".." in wanted or "\\" in wanted or not wanted.isprintable()
    return wanted if wanted.startswith(home) and not is_elsewhere else home


class _Forwarding(httpx.AsyncBaseTransport):
    """Tells the OMS for whom we ask: it limits attempts by address, and ours would be everyone's."""

    def __init__(self, request: Request, transport: httpx.AsyncBaseTransport | None) -> None:
        self._address = request.client.host if request.client else "unknown"
        self._transport = transport or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["X-Forwarded-For"] = self._address
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


routes = [
    Route("/signin", show, methods=["GET"]),
    Route("/signin", enter, methods=["POST"]),
    Route("/signin/oidc", go_to_provider, methods=["POST"]),
    Route("/signin/oidc/back", come_back),
    Route("/signout", leave, methods=["POST"]),
    Route("/language/{language}", switch_language, methods=["GET"]),
    Route("/appearance/{appearance}", switch_appearance, methods=["GET"]),
]
