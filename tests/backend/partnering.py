"""A partner of the small market, and their own system at the API."""

from __future__ import annotations

from itertools import count
from typing import Any

import httpx

from backend.partners import service as partners
from backend.partners.service import PartnerFacts
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import Http, bearer

COST = 300_000


def add_partner(database: Database, code: str, *skus: str, language: str = "es") -> None:
    """A bakery that ships `skus` for the shop."""
    facts = PartnerFacts(code.capitalize(), "supplier", f"pedidos@{code}.example", language, 2, True)
    with database.write() as session:
        partner = partners.add(session, code, facts)
        for sku in skus:
            partners.supply(session, partner, sku, COST)


class PartnerSystem:
    """A partner's program. Every act gets a new key, unless one is given."""

    def __init__(self, http: Http, code: str, version: int = 1) -> None:
        self.http = http
        self.headers = bearer(Principal("partner", code, grants=frozenset({f"version:{version}"})))
        self._keys = count(1)

    def get(self, path: str = "") -> httpx.Response:
        return self.http.request("GET", f"/partner/purchase-orders{path}", headers=self.headers)

    def answer(self, number: str, act: str, body: dict[str, Any], *, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or f"partner:{next(self._keys)}"}
        return self.http.request("POST", f"/partner/purchase-orders/{number}/{act}", json=body, headers=headers)
