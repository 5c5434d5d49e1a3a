"""Someone of the warehouse at the API, who knows the version of what they look at."""

from __future__ import annotations

from itertools import count
from typing import Any

import httpx

from kernel.tokens import Principal
from tests.backend.shopper import Http, bearer

CARRIER = "table_rate"


class Warehouse:
    def __init__(self, http: Http) -> None:
        self.http, self.headers = http, bearer(Principal("staff", "wendy", grants=frozenset({"role:warehouse"})))
        self._keys = count(1)

    def get(self, path: str) -> Any:
        return self.http.request("GET", f"/staff/fulfillments{path}", headers=self.headers).json()

    def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or f"w:{next(self._keys)}"}
        return self.http.request("POST", f"/staff/{path}", json=body, headers=headers)

    def act(self, number: str, step: str, **body: Any) -> httpx.Response:
        """Of the version it has, unless another is given."""
        if "version" not in body and step != "collect":
            body["version"] = self.get(f"/{number}").get("version", 1)
        return self.post(f"fulfillments/{number}/{step}", body)

    def done(self, number: str, step: str, **body: Any) -> dict[str, Any]:
        answer = self.act(number, step, **body)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def pick(self, number: str, *picks: tuple[str, int] | tuple[str, int, int]) -> dict[str, Any]:
        """(sku, found) or (sku, found, short)."""
        wishes = [{"line": one[0], "quantity": one[1], "short": (*one, 0)[2]} for one in picks]
        return self.done(number, "picks", picks=wishes)

    def pick_all(self, number: str) -> dict[str, Any]:
        lines = self.done(number, "start")["lines"]
        return self.pick(number, *((line["id"], line["quantity"]) for line in lines))

    def pack(self, number: str, *parcels: dict[str, Any]) -> dict[str, Any]:
        return self.done(number, "parcels", parcels=list(parcels) or [{}])

    def ship(self, number: str, shipment: str | None = None) -> dict[str, Any]:
        return self.done(number, "ship", carrier=CARRIER, shipment=shipment)

    def ship_all(self, number: str) -> dict[str, Any]:
        """From the queue to the carrier, in one parcel."""
        self.pick_all(number)
        self.pack(number)
        return self.ship(number)
