"""What finance is told when a refund cannot be decided as they pressed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from console import csrf
from console.app import create_app
from kernel.config import Settings
from kernel.tokens import Principal, mint

REFUND = {
    "number": "DEV-1", "payment": "PAG-1", "order_number": "PED-1", "customer_id": "c", "method": "nequi",
    "amount": {"amount_minor": 100_000, "currency": "COP"}, "status": "requested", "way": "provider",
    "reason": "Llegó dañado", "note": None, "requested_at": "2026-11-26T15:00:00Z", "approved_at": None,
    "ended_at": None, "requested_by": "staff:x", "approved_by": None, "is_receipted": False,
}  # fmt: skip
SHOP_IS_AWAY = httpx.Response(503, json={"code": "unavailable", "status": 503, "detail": "x", "params": {}})


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

    settings = Settings.model_validate({"COMANDA_HOME": str(tmp_path), "COMANDA_SECRET": "s" * 40})
    app = create_app(settings, httpx.MockTransport(answer), httpx.MockTransport(answer))
    key = settings.signing_key()
    token = mint(Principal(role="staff", subject="x", grants=frozenset({"role:agent"})), key, timedelta(minutes=1))
    cookies = {"comanda_staff": token, csrf.COOKIE: "seed"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console", cookies=cookies) as client:
        form = {"seal": csrf.seal("seed", key), "act": "a", "step": step, "note": ""}
        page = await client.post("/payments/refunds/DEV-1", data=form, headers={"Accept-Language": "es"})

    assert page.status_code == status
    assert said in page.text
    assert len(asked) == (code is not None)
