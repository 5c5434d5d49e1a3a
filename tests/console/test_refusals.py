"""What staff see when the OMS or the bot refuses, or does not answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from console.app import create_app
from kernel.config import Settings
from kernel.tokens import Principal, mint


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("wrong_role", 403, "No tienes permiso"),
        ("conversation_not_found", 404, "No lo encontramos"),
        ("unavailable", 503, "Ahora no se puede"),
        (None, 503, "Ahora no se puede"),
    ],
)
async def test_a_neighbours_refusal_becomes_a_page(tmp_path: Path, code: str | None, status: int, said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if code is None:
            raise httpx.ConnectError("nobody there", request=request)
        return httpx.Response(status, json={"code": code, "status": status, "detail": "x", "params": {}})

    settings = Settings.model_validate({"COMANDA_HOME": str(tmp_path), "COMANDA_SECRET": "s" * 40})
    app = create_app(settings, httpx.MockTransport(answer), httpx.MockTransport(answer))
    token = mint(
        Principal(role="staff", subject="x", grants=frozenset({"role:admin"})),
        settings.signing_key(),
        timedelta(minutes=1),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://console", cookies={"comanda_staff": token}
    ) as client:
        for path in ("/", "/orders"):
            page = await client.get(path, headers={"Accept-Language": "es"})
            assert page.status_code == status
            assert said in page.text
