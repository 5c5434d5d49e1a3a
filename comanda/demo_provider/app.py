"""The pay page at `/<id>`, the API at `/payments`, and the webhook that tells the OMS what happened."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from comanda.demo_provider.store import DemoPayment, Store
from comanda.demo_provider.words import LOCALES, WORDS
from kernel import clock
from kernel.config import Settings
from kernel.ids import new_id
from kernel.logging import get_logger
from kernel.money import Money, format_money

log = get_logger(__name__)
_FILES = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_WEBHOOK_PATIENCE_S = 10.0
# What the page's buttons say of a dispute -> how it stands then, and the event that tells of it.
_DISPUTES = {
    "disputed": ("open", "dispute_opened"),
    "shop_wins": ("won", "dispute_won"),
    "shop_loses": ("lost", "dispute_lost"),
}
# Whose zone the demo's page writes its time in: the demo shop's.
_ZONE = ZoneInfo("America/Bogota")


def create_app(settings: Settings, *, tells: bool = True) -> Starlette:
    """Mount it at `/demo-pay`. One that does not `tell` sends no webhooks: what it knows is learned by asking."""
    provider = _Provider(settings, tells)
    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=_FILES / "static")),
            Route("/payments", provider.open, methods=["POST"]),
            Route("/days", provider.day),
            Route("/payments/{id}", provider.look),
            Route("/payments/{id}/cancel", provider.cancel, methods=["POST"]),
            Route("/payments/{id}/refunds", provider.refund, methods=["POST"]),
            Route("/{id}", provider.page, methods=["GET", "POST"]),
        ]
    )


class _Provider:
    def __init__(self, settings: Settings, tells: bool) -> None:
        self._settings, self._tells = settings, tells
        self._secret = settings.demo_provider_secret()
        self._kept: Store | None = None
        loader = FileSystemLoader(_FILES / "templates")
        self._pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)

    @property
    def _store(self) -> Store:
        # Lazy: nobody's first start waits for a file that a shop without the demo never needs.
        self._kept = self._kept or Store(self._settings.home / "demo-provider.db")
        return self._kept

    # the API, for the OMS alone

    async def open(self, request: Request) -> Response:
        if not self._is_the_oms(request):
            return JSONResponse({}, 403)
        payment = await run_in_threadpool(self._store.open, await request.json())
        return JSONResponse(self._told(payment) | {"url": f"{self._settings.public_url}/demo-pay/{payment.id}"})

    async def look(self, request: Request) -> Response:
        if not self._is_the_oms(request):
            return JSONResponse({}, 403)
        payment = await run_in_threadpool(self._store.find, request.path_params["id"])
        return JSONResponse({}, 404) if payment is None else JSONResponse(self._told(payment))

    async def cancel(self, request: Request) -> Response:
        if not self._is_the_oms(request):
            return JSONResponse({}, 403)
        payment, _ = await run_in_threadpool(self._store.end, request.path_params["id"], "cancelled")
        return JSONResponse({}, 404) if payment is None else JSONResponse(self._told(payment))

    async def refund(self, request: Request) -> Response:
        if not self._is_the_oms(request):
            return JSONResponse({}, 403)
        asked, payment_id = await request.json(), request.path_params["id"]
        if await run_in_threadpool(self._store.find, payment_id) is None:
            return JSONResponse({}, 404)
        refund_id = await run_in_threadpool(
            self._store.refund, payment_id, asked["key"], asked["number"], asked["amount_minor"]
        )
        if refund_id is None:
            return JSONResponse({}, 409)
        task = self._telling(payment_id, "refund_succeeded", asked["amount_minor"])
        return JSONResponse({"id": refund_id}, background=task)

    async def day(self, request: Request) -> Response:
        if not self._is_the_oms(request):
            return JSONResponse({}, 403)
        since, until = request.query_params["since"], request.query_params["until"]
        made, paid_out = await run_in_threadpool(self._store.day, since, until)
        name = f"demo_po_{since[:10]}"
        payouts = [
            {"id": f"{name}_{code}", "amount_minor": amount, "currency": code} for code, amount in paid_out.items()
        ]
        listed = [self._told(payment) | {"refunded_minor": payment.refunded_minor} for payment in made]
        return JSONResponse({"payments": listed, "payouts": payouts})

    def _is_the_oms(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self._secret}".encode())

    @staticmethod
    def _told(payment: DemoPayment) -> dict[str, Any]:
        return {
            "id": payment.id,
            "status": payment.status,
            "number": payment.number,
            "merchant": "demo",
            "captured_minor": payment.captured_minor,
            "fee_minor": payment.fee_minor,
            "currency": payment.currency,
            "refunds": [asdict(refund) for refund in payment.refunds],
            "dispute": payment.dispute,
        }

    # the page, for the customer

    async def page(self, request: Request) -> Response:
        payment_id, task = request.path_params["id"], None
        payment = await run_in_threadpool(self._store.find, payment_id)
        if request.method == "POST" and payment is not None:
            wish = (await request.form()).get("wish")
            if wish in ("captured", "failed"):
                payment, is_first = await run_in_threadpool(self._store.end, payment_id, str(wish))
                if is_first and payment is not None:
                    task = self._telling(payment_id, str(wish), payment.captured_minor or None)
            elif wish in _DISPUTES:
                status, kind = _DISPUTES[str(wish)]
                payment, is_first = await run_in_threadpool(self._store.dispute, payment_id, status)
                if is_first and payment is not None:
                    task = self._telling(payment_id, kind, payment.captured_minor)
        language = _language(request)
        html = self._pages.get_template("pay.html").render(
            language=language, words=WORDS[language], payment=payment, **_figures(payment, language)
        )
        return HTMLResponse(html, 200 if payment else 404, headers=_HEADERS, background=task)

    def _telling(self, payment_id: str, kind: str, amount_minor: int | None) -> BackgroundTask | None:
        return BackgroundTask(self._tell, payment_id, kind, amount_minor) if self._tells else None

    async def _tell(self, payment_id: str, kind: str, amount_minor: int | None) -> None:
        """Once, and not again: a webhook may be lost, and the OMS asks by itself."""
        payment = await run_in_threadpool(self._store.find, payment_id)
        assert payment is not None, "it was there"
        said = {"payment": payment_id, "kind": kind, "amount_minor": amount_minor, "currency": payment.currency}
        body, event_id, at = json.dumps(said | {"happened_at": clock.now().isoformat()}), f"evt_{new_id()}", clock.now()
        headers = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self._secret).sign(event_id, at, body),
            "content-type": "application/json",
        }
        try:
            async with httpx.AsyncClient(timeout=_WEBHOOK_PATIENCE_S) as client:
                await client.post(f"{self._settings.backend_url}/payments/demo/events", content=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("demo_webhook_lost", error=type(error).__name__)


def _figures(payment: DemoPayment | None, language: str) -> dict[str, Any]:
    if payment is None:
        return {"amount": "", "until": "", "went_back": []}

    def money(amount_minor: int) -> str:
        return format_money(Money(amount_minor, payment.currency), LOCALES[language])

    return {
        "amount": money(payment.amount_minor),
        "until": _moment(payment.expires_at, language),
        "went_back": [money(refund.amount_minor) for refund in payment.refunds],
    }


def _moment(at: datetime, language: str) -> str:
    pattern = "d 'de' MMMM, h:mm a" if language == "es" else "MMMM d, h:mm a"
    return format_datetime(at, pattern, tzinfo=_ZONE, locale=LOCALES[language])


def _language(request: Request) -> str:
    """The one asked for by `?lang=`, else English for browsers that put it before Spanish, else Spanish."""
    wish = request.query_params.get("lang")
    if wish in WORDS:
        return wish
    accepted = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((language for language in accepted if language in WORDS), "es")
