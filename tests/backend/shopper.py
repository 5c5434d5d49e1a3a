"""A small market with known prices and stock, and a customer who shops there over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI
from sqlalchemy.orm import Session

from backend.catalog.models import Category, Product, TaxClass, Variant, VariantUnit
from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.shop import Shop, set_up_shop
from backend.customers.models import Customer
from backend.inventory import service as inventory
from kernel import clock, tokens
from kernel.ids import new_id
from kernel.tokens import Principal

KEY = "a key of the tests, long and of many letters: qXv7 Zt2 Lm9w"
MILK, BREAD, SODA, TOMATO = "LECHE-1L", "PAN-TAJADO", "GASEOSA-400", "TOMATE"
DELIVERY_FEE = 400_000
# sku: name, price in minor units, for how many base units, tax class, units (code, factor); the first is the usual one
GOODS: dict[str, tuple[str, int, int, str, tuple[tuple[str, int], ...]]] = {
    MILK: ("Leche entera 1 L", 450_000, 1, "exempt", (("unidad", 1), ("caja", 12))),
    BREAD: ("Pan tajado", 620_000, 1, "reduced", (("unidad", 1),)),
    SODA: ("Gaseosa 400 ml", 357_000, 1, "standard", (("unidad", 1), ("sixpack", 6))),
    TOMATO: ("Tomate chonto", 220_000, 500, "exempt", (("libra", 500), ("kilo", 1000), ("g", 1))),
}
TAX_RATES = {"standard": "0.19", "reduced": "0.05", "exempt": "0"}


@dataclass(frozen=True)
class Market:
    """The ids of its two locations: the one asked first, and the other."""

    centro: str
    norte: str


def open_market(session: Session) -> Market:
    """A shop that sells GOODS from two locations that hold nothing yet."""
    words = {"es": "hoy", "en": "today"}
    set_up_shop(
        session,
        Shop(
            name="El Parque",
            country="CO",
            currency="COP",
            locale="es_CO",
            time_zone="America/Bogota",
            languages=("es", "en"),
            address="Calle 1 # 2-3",
            phone="+57 1",
            hours=words,
            delivery=words,
            delivery_fee_minor=DELIVERY_FEE,
            payment_methods=(
                PaymentMethod("cash_on_delivery", words, "on_delivery"),
                PaymentMethod("nequi", words, "transfer"),
            ),
        ),
    )
    session.add(Category(code="mercado", name_es="Mercado", name_en="Market", position=0))
    session.add_all(
        TaxClass(code=code, name_es=code, name_en=code, rate=Decimal(rate)) for code, rate in TAX_RATES.items()
    )
    session.flush()
    for sku, (name, price, price_quantity, tax_class, units) in GOODS.items():
        session.add(
            Product(
                code=sku.lower(),
                category_code="mercado",
                name_es=name,
                name_en=name,
                brand=None,
                description_es="",
                description_en="",
                also_called_es=[],
                also_called_en=[],
            )
        )
        session.flush()
        session.add(
            Variant(
                sku=sku,
                product_code=sku.lower(),
                name_es=name,
                name_en=name,
                kind_es=None,
                kind_en=None,
                size=None,
                price_minor=price,
                currency="COP",
                price_quantity=price_quantity,
                tax_class=tax_class,
                base_unit=units[-1][0] if sku == TOMATO else units[0][0],
                popularity=0,
                is_usual=True,
                is_sold=True,
            )
        )
        session.flush()
        session.add_all(
            VariantUnit(sku=sku, code=code, factor=factor, position=position)
            for position, (code, factor) in enumerate(units)
        )
    session.flush()
    return Market(
        inventory.add_location(session, "CENTRO", "Centro", 1), inventory.add_location(session, "NORTE", "Norte", 2)
    )


def add_customer(session: Session) -> str:
    customer_id = new_id()
    session.add(Customer(id=customer_id, name=None, created_at=clock.now()))
    session.flush()
    return customer_id


def bearer(principal: Principal) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.mint(principal, KEY, timedelta(hours=1))}"}


def staff_as(role: str) -> dict[str, str]:
    """The headers of someone who works here as `role`."""
    return bearer(Principal("staff", "someone", grants=frozenset({f"role:{role}"})))


class Http:
    """The app as an HTTP client sees it, in this process and this thread."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=transport, base_url="http://oms")

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **given))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


class Shopper:
    """A customer at the API. Every act gets a new key, unless one is given."""

    def __init__(self, http: Http, customer_id: str) -> None:
        self.http, self.id = http, customer_id
        self.headers = bearer(Principal("customer", customer_id))
        self._keys = count(1)

    def get(self, path: str) -> httpx.Response:
        return self.http.request("GET", path, headers=self.headers)

    def act(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or f"act:{next(self._keys)}"}
        return self.http.request(method, path, json=body, headers=headers)

    def change(self, *changes: dict[str, Any], key: str | None = None) -> httpx.Response:
        return self.act("POST", "/cart/changes", {"changes": list(changes)}, key=key)

    def add(self, sku: str, quantity: str = "1", unit: str | None = None) -> dict[str, Any]:
        answer = self.change({"op": "add", "sku": sku, "quantity": quantity, "unit": unit})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def choose(self) -> None:
        choice = {"address_text": "Calle 45 # 12-30, Bogotá", "payment_method": "cash_on_delivery"}
        assert self.act("PUT", "/cart/checkout", choice).status_code == 200

    def confirm(self) -> str:
        answer = self.act("POST", "/cart/confirmation")
        assert answer.status_code == 200, answer.text
        return answer.json()["confirmation"]

    def confirmed(self, *wishes: tuple[str, str]) -> str:
        """Fill the cart with (sku, quantity), choose the rest, and confirm."""
        for sku, quantity in wishes:
            self.add(sku, quantity)
        self.choose()
        return self.confirm()

    def place(self, confirmation: str, key: str | None = None) -> httpx.Response:
        return self.act("POST", "/orders", {"confirmation": confirmation}, key=key)

    def order(self, *wishes: tuple[str, str]) -> dict[str, Any]:
        answer = self.place(self.confirmed(*wishes))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def cart(self) -> dict[str, Any]:
        return self.get("/cart").json()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
