"""What every page of the console stands on: templates, language, and clients that act for the signed-in member."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from backend.client import BackendClient
from backend.schemas.base import Money
from bot.client import BotClient
from console import csrf
from console.session import Staff, staff_of
from console.shop_facts import ShopFacts
from console.tabs import tabs_of
from console.words import WORDS, Words
from kernel import clock
from kernel.config import Settings
from kernel.money import format_money
from kernel.quantities import amount, counted, unit_for
from kernel.tokens import TokenRefused

LANGUAGE_COOKIE = "comanda_console_language"
APPEARANCE_COOKIE = "comanda_console_appearance"
APPEARANCES = ("system", "light", "dark")
_LOCALES = {"es": "es_CO", "en": "en_US"}
# Unicode date patterns (CLDR). Source: https://unicode.org/reports/tr35/tr35-dates.html
_PATTERNS = {
    "es": {"moment": "d MMM, h:mm a", "dated": "d MMM y, h:mm a", "time": "h:mm a", "day": "EEEE d 'de' MMMM"},
    "en": {"moment": "MMM d, h:mm a", "dated": "MMM d, y, h:mm a", "time": "h:mm a", "day": "EEEE, MMMM d"},
}
_JUST_NOW_S = 60


@dataclass(frozen=True, slots=True)
class LivePart:
    """Where a part of a page is asked for again: when what it `hears` of changes, and every now and then."""

    id: str
    path: str
    every_s: int
    query: dict[str, str] = field(default_factory=dict)
    hears: str = ""


@dataclass(frozen=True, slots=True)
class _Neighbours:
    loop: asyncio.AbstractEventLoop
    oms: BackendClient
    bot: BotClient


class Desk:
    """One console. `backend` and `bot` are transports for tests; by default the clients go over HTTP.

    `below` is where in the console an app is mounted that has a frame like the console's own.
    """

    def __init__(
        self,
        settings: Settings,
        backend: httpx.AsyncBaseTransport | None = None,
        bot: httpx.AsyncBaseTransport | None = None,
        below: str = "",
    ) -> None:
        self.settings = settings
        self.below = below
        self.key = settings.signing_key()
        self.backend_transport = backend
        self.bot_transport = bot
        self.is_secure = settings.public_url.startswith("https:")
        self._neighbours: _Neighbours | None = None
        self._facts = ShopFacts()
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    # who and how

    def staff(self, request: Request) -> Staff:
        """Raises: TokenRefused, which leads to the sign-in page."""
        staff = staff_of(request, self.key)
        if staff is None:
            raise TokenRefused()
        return staff

    def language(self, request: Request) -> str:
        """The member's own choice, else English for browsers that put it before Spanish, else Spanish."""
        accepted = (part.strip()[:2] for part in request.headers.get("accept-language", "").split(","))
        wishes = (request.cookies.get(LANGUAGE_COOKIE, ""), *accepted)
        return next((wish for wish in wishes if wish in WORDS), "es")

    def appearance(self, request: Request) -> str:
        """Light or dark, if the member chose one; else what their system says."""
        wish = request.cookies.get(APPEARANCE_COOKIE, "")
        return wish if wish in APPEARANCES else "system"

    @asynccontextmanager
    async def oms(self, request: Request) -> AsyncIterator[BackendClient]:
        yield self._clients().oms.with_token(self.staff(request).token, _background(request))

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[BackendClient]:
        """The OMS as whoever is not signed in meets it: for signing in, and for links that are their own authority."""
        async with BackendClient(self.settings.backend_url, transport=self.backend_transport) as oms:
            yield oms

    @asynccontextmanager
    async def bot(self, request: Request) -> AsyncIterator[BotClient]:
        yield self._clients().bot.with_token(self.staff(request).token, _background(request))

    def _clients(self) -> _Neighbours:
        """One set of connections for all members, as connections go with the loop that opened them."""
        loop = asyncio.get_running_loop()
        if self._neighbours is None or self._neighbours.loop is not loop:
            # The bot answers behind the same port as this console; its public address may be a proxy's.
            bot = BotClient(f"http://127.0.0.1:{self.settings.port}", "", self.bot_transport)
            self._neighbours = _Neighbours(
                loop, BackendClient(self.settings.backend_url, "", self.backend_transport), bot
            )
        return self._neighbours

    async def close(self) -> None:
        if self._neighbours:
            await self._neighbours.oms.close()
            await self._neighbours.bot.close()

    # pages

    async def page(self, request: Request, template: str, http_status: int = 200, **context: Any) -> Response:
        response = HTMLResponse(await self.render(request, template, **context), http_status)
        csrf.plant(response, csrf.seed_of(request), path=root_of(request) or "/", is_secure=self.is_secure)
        return response

    async def live(self, request: Request, part: LivePart, template: str, **context: Any) -> Markup:
        """A part of a page that asks for itself again every now and then, saying which version it is."""
        html = await self.render(request, template, **context)
        return _alive(request, part, html)

    async def still(self, request: Request, part: LivePart, template: str, **context: Any) -> Markup:
        """The same part where it must not change under the reader: on an older page of a list."""
        html = await self.render(request, template, **context)
        return Markup('<div id="{}">{}</div>').format(part.id, _escaped(html))

    async def refresh(self, request: Request, part: LivePart, template: str, **context: Any) -> Response:
        """What a live part is answered: itself anew, or nothing (204) while the page has it as it is."""
        html = await self.render(request, template, **context)
        if request.query_params.get("known") == _version_of(html):
            return Response(status_code=204)
        return HTMLResponse(_alive(request, part, html))

    async def render(self, request: Request, template: str, **context: Any) -> str:
        frame = await self.frame(request)
        taken = frame.keys() & context.keys()
        assert not taken, f"{template} is given {taken}, which every page has"
        return self._templates.get_template(template).render(frame | context)

    async def frame(self, request: Request) -> dict[str, Any]:
        """What every page has."""
        language = self.language(request)
        staff = staff_of(request, self.key)
        zone = ZoneInfo(await self._time_zone(request, staff))
        return {
            "root": root_of(request),
            "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "language": language,
            "words": WORDS[language],
            "staff": staff,
            "tabs": tabs_of(staff.roles) if staff else (),
            "appearance": self.appearance(request),
            "appearances": APPEARANCES,
            "is_demo": self.settings.is_demo,
            "seal": csrf.seal(csrf.seed_of(request), self.key),
            "money": lambda amount: _money(amount, language),
            "ago": lambda at: _ago(at, language),
            "at": _instant(language, zone),
            "new_act": lambda: str(uuid4()),
            "minor": lambda amount_minor, currency: _money(Money.of(amount_minor, currency), language),
            "counted": lambda quantity, unit_name: counted(quantity, getattr(unit_name, language), language),
            "unit_for": lambda quantity, unit_name: unit_for(quantity, getattr(unit_name, language), language),
            "goods": lambda line: _goods(line, language),
            "grouped": lambda number: format_decimal(number, locale=_LOCALES[language]),
            "day": lambda on: format_date(on, "medium", locale=_LOCALES[language]),
            "date": lambda on: format_date(on, _PATTERNS[language]["day"], locale=_LOCALES[language]),
        }

    def minor(self, request: Request, amount_minor: object, currency: object) -> str:
        """An amount that a refusal names; nothing for what is none."""
        if not isinstance(amount_minor, int) or not isinstance(currency, str):
            return ""
        return self.money(request, Money.of(amount_minor, currency))

    def money(self, request: Request, amount: Money) -> str:
        return _money(amount, self.language(request))

    async def shop_time(self, request: Request) -> datetime:
        """Now, as the shop's clock has it."""
        return clock.now().astimezone(ZoneInfo(await self._time_zone(request, staff_of(request, self.key))))

    async def today(self, request: Request) -> date:
        """The day it is at the shop."""
        zone = ZoneInfo(await self._time_zone(request, staff_of(request, self.key)))
        return clock.now().astimezone(zone).date()

    async def _time_zone(self, request: Request, staff: Staff | None) -> str:
        if staff is None:
            return "UTC"
        async with self.oms(request) as oms:
            return await self._facts.time_zone(oms)


def desk_of(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


def root_of(request: Request) -> str:
    """Where the console is mounted: `/console`, or nothing when it runs alone."""
    return str(request.scope.get("root_path", "")).removesuffix(desk_of(request).below)


def words_of(request: Request) -> Words:
    return WORDS[desk_of(request).language(request)]


def _background(request: Request) -> dict[str, str]:
    """A part of a page that asks for itself again says so: a session that nobody uses ends all the same."""
    return {"Comanda-Background": "true"} if "known" in request.query_params else {}


def _alive(request: Request, part: LivePart, html: str) -> Markup:
    url = f"{root_of(request)}{part.path}?{urlencode({**part.query, 'known': _version_of(html)})}"
    wrapping = Markup(
        '<div id="{}" data-live="{}" hx-get="{}" hx-trigger="news, every {}s" hx-swap="outerHTML">{}</div>'
    )
    return wrapping.format(part.id, part.hears, url, part.every_s, _escaped(html))


def _escaped(html: str) -> Markup:
    """What one of our templates rendered: it escaped what it was given."""
    return Markup(html)  # noqa: S704  # nosec B704


def _version_of(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()[:16]


def _money(amount: Money, language: str) -> str:
    return format_money(amount.value, _LOCALES[language])


def _goods(line: Any, language: str) -> str:
    """A line as people say it, in the unit it was ordered in: "2 cajas de Leche entera 1 L"."""
    how_much = amount(line.quantity, line.unit, getattr(line.unit_name, language), language)
    return f"{how_much} {getattr(line.names, language)}"


def _ago(at: datetime, language: str) -> str:
    """How long ago, to the minute: seconds would make every refresh of a list a change."""
    passed = clock.now() - at
    if passed.total_seconds() < _JUST_NOW_S:
        return str(WORDS[language].just_now)
    return _minutes_ago(int(passed.total_seconds() // 60), language)


# Every row of a list says how long ago, and most say what others say.
@lru_cache(maxsize=4_096)
def _minutes_ago(minutes: int, language: str) -> str:
    return format_timedelta(timedelta(minutes=-minutes), add_direction=True, format="short", locale=_LOCALES[language])


def _instant(language: str, zone: ZoneInfo) -> Callable[..., str]:
    """`at(instant)` or `at(instant, "day")`: in the shop's time, as the language writes it."""

    def at(instant: datetime, form: str = "moment") -> str:
        return format_datetime(instant, _PATTERNS[language][form], tzinfo=zone, locale=_LOCALES[language])

    return at
