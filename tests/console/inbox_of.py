"""The console before a real bot, and an OMS that knows one customer: what an agent's browser is shown and sends."""

from __future__ import annotations

from typing import Any

import httpx

from console import csrf
from console.app import create_app
from tests.bot.desk_of import KEY, Shop, token_of

MONEY = {"amount_minor": 1_575_000, "currency": "COP"}
NOTHING = {"amount_minor": 0, "currency": "COP"}
ANA = "11111111-1111-4111-8111-111111111111"
ORDER = {
    "number": "PED-10023", "status": "confirmed", "fulfillment_status": "unfulfilled", "payment_status": "due",
    "invoice_status": "none", "return_status": "none", "placed_at": "2026-11-26T15:00:00Z", "lines": [],
    "subtotal": MONEY, "delivery_fee": NOTHING, "tax": NOTHING, "total": MONEY,
}  # fmt: skip


class Inbox:
    """`asks` is what Rosa's browser does; `oms` answers for the OMS by path, None being out of reach."""

    def __init__(self, shop: Shop, name: str = "rosa", *roles: str) -> None:
        self.shop = shop
        self.name, self.token = name.capitalize(), token_of(name, *(roles or ("agent",)))
        self.oms: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        for path, said in self.oms.items():
            if request.url.path.endswith(path):
                status = said.get("status", 200) if isinstance(said, dict) and "code" in said else 200
                return httpx.Response(status, json=said)
        return httpx.Response(503, json={"code": "unavailable", "status": 503, "detail": "x", "params": {}})

    async def asks(
        self, method: str, path: str, *, files: Any = None, is_part: bool = True, language: str = "es", **form: Any
    ) -> httpx.Response:
        app = create_app(self.shop.settings, httpx.MockTransport(self.answer), self.shop.transport)
        cookies = {"comanda_staff": self.token, "comanda_staff_name": self.name, csrf.COOKIE: "seed"}
        headers = {"Accept-Language": language} | ({"HX-Request": "true"} if is_part else {})
        data = {"seal": csrf.seal("seed", KEY), **form} if method != "GET" else None
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console", cookies=cookies) as browser:
            return await browser.request(method, path, data=data, files=files, headers=headers)
