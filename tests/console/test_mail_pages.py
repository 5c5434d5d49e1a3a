"""The outbox of e-mail as staff read it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx

from console.app import create_app
from kernel.config import Settings
from kernel.tokens import Principal, mint

MAIL = {
    "id": "m1",
    "key": "order.confirmed:e1",
    "recipient": "ana@example.com",
    "subject": "Tu pedido <b>PED-1</b>",
    "status": "kept",
    "attempts": 0,
    "created_at": "2026-11-25T20:00:00Z",
    "text": "Hola:\n\nTu pedido está confirmado <script>",
    "html": "<script>alert(1)</script>",
}
SHOP = {
    "name": "x", "country": "CO", "currency": "COP", "locale": "es_CO", "time_zone": "America/Bogota",
    "languages": ["es"], "address": "x", "phone": "x", "hours": {"es": "x", "en": "x"},
    "delivery": {"es": "x", "en": "x"}, "delivery_fee": {"amount_minor": 1, "currency": "COP"}, "payment_methods": [],
}  # fmt: skip


async def test_mails_are_listed_and_read_as_plain_text(tmp_path: Path) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.path.endswith("/shop"):
            return httpx.Response(200, json=SHOP)
        one = request.url.path.endswith("/m1")
        return httpx.Response(200, json=MAIL if one else {"mails": [MAIL], "next_cursor": None})

    settings = Settings.model_validate({"COMANDA_HOME": str(tmp_path), "COMANDA_SECRET": "s" * 40})
    app = create_app(settings, httpx.MockTransport(answer), httpx.MockTransport(answer))
    token = mint(
        Principal(role="staff", subject="x", grants=frozenset({"role:admin"})),
        settings.signing_key(),
        timedelta(minutes=1),
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://console", cookies={"comanda_staff": token}
    ) as client:
        listed = await client.get("/mail?status=kept", headers={"Accept-Language": "es"})
        read = await client.get("/mail/m1", headers={"Accept-Language": "es"})

    assert any("staff/mail?status=kept" in url for url in asked)
    for page in (listed, read):
        assert page.status_code == 200
        assert "Tu pedido &lt;b&gt;PED-1&lt;/b&gt;" in page.text
        assert "Guardado" in page.text
        assert "<script>a" not in page.text
    assert "Tu pedido está confirmado &lt;script&gt;" in read.text
