"""What finance is told when a refund cannot be decided as they pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.payments.models import REFUND_STATUSES
from console import csrf
from console.app import create_app
from console.payments.refunds import STATUSES
from console.words import WORDS
from kernel.config import Settings
from kernel.tokens import Principal, mint

REFUND = {
    "number": "DEV-1", "payment": "PAG-1", "order_number": "PED-1", "customer_id": "c", "method": "nequi",
    "amount": {"amount_minor": 100_000, "currency": "COP"}, "status": "requested", "way": "provider",
    "reason": "Llegó dañado", "note": None, "requested_at": "2026-11-26T15:00:00Z", "approved_at": None,
    "ended_at": None, "requested_by": "staff:x", "approved_by": None, "is_receipted": False,
}  # fmt: skip
KEY = "s" * 40
SHOP_IS_AWAY = httpx.Response(503, json={"code": "unavailable", "status": 503, "detail": "x", "params": {}})


def console_of(home: Path, answer: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    """The browser of a member, at a console before an OMS that answers so."""
    settings = Settings.model_validate({"COMANDA_HOME": str(home), "COMANDA_SECRET": KEY})
    app = create_app(settings, httpx.MockTransport(answer), httpx.MockTransport(answer))
    member = Principal(role="staff", subject="x", grants=frozenset({"role:agent"}))
    token = mint(member, settings.signing_key(), timedelta(minutes=1))
    cookies = {"comanda_staff": token, csrf.COOKIE: "seed"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console", cookies=cookies)


@pytest.mark.parametrize(
    ("step", "code", "status", "said"),
    [
        ("approve", "refund_limit", 403, "Este valor lo aprueba otra persona, con un límite mayor."),
        ("approve", "wrong_role", 403, "No tienes permiso"),
        ("approve", "refund_not_open", 409, "Ya está decidido, o no lo paga una persona."),
        ("burn", None, 422, "No se pudo guardar. Revisa los datos y vuelve a intentar."),
        ("reject", None, 422, "Escribe por qué: el cliente lo lee."),
    ],
)
async def test_a_step_that_is_refused_is_said_beside_the_refund(
    tmp_path: Path, step: str, code: str | None, status: int, said: str
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.append(request.url.path)
            return httpx.Response(status, json={"code": code, "status": status, "detail": "x", "params": {}})
        if request.url.path.endswith("/staff/refunds"):
            return httpx.Response(200, json={"refunds": [REFUND], "next_cursor": None})
        return SHOP_IS_AWAY

    async with console_of(tmp_path, answer) as client:
        form = {"seal": csrf.seal("seed", KEY), "act": "a", "step": step, "note": ""}
        page = await client.post("/payments/refunds/DEV-1", data=form, headers={"Accept-Language": "es"})

    assert page.status_code == status
    assert said in page.text
    assert len(asked) == (code is not None)


@pytest.mark.parametrize("language", ["es", "en"])
async def test_a_refund_of_which_nobody_knows_is_listed_and_older_ones_are_reached(
    tmp_path: Path, language: str
) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/staff/refunds"):
            asked.append(str(request.url.query, "ascii"))
            return httpx.Response(200, json={"refunds": [REFUND | {"status": "unknown"}], "next_cursor": "DEV-1"})
        return SHOP_IS_AWAY

    async with console_of(tmp_path, answer) as client:
        page = (await client.get("/payments/refunds?status=unknown", headers={"Accept-Language": language})).text
        await client.get("/payments/refunds?status=unknown&cursor=DEV-1")

    words = WORDS[language]
    assert f'href="/payments/refunds?status=unknown" aria-current="page">{words.refund_status["unknown"]}</a>' in page
    assert f'<a class="older" href="/payments/refunds?status=unknown&amp;cursor=DEV-1">{words.older}</a>' in page
    assert asked == ["status=unknown", "status=unknown&cursor=DEV-1"]


def test_every_refund_is_on_some_list() -> None:
    assert set(STATUSES) == set(REFUND_STATUSES)
