"""The catalog and the shop over HTTP, on both databases."""

from __future__ import annotations

from typing import Any, Protocol

import httpx
import pytest
from sqlalchemy import update

from backend.app import create_app
from backend.catalog.models import Variant
from backend.catalog.upkeep import NewProduct, NewVariant, add_products, add_variants, touch
from backend.client import BackendClient
from backend.inventory import service as inventory
from backend.schemas.catalog import LineToResolve
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import Http, bearer, code_of

ROUTES = (
    ("GET", "/shop"),
    ("GET", "/catalog/search?q=leche"),
    ("GET", "/catalog/variants/LECHE-ENTERA-1L"),
    ("GET", "/catalog/categories"),
    ("GET", "/catalog/categories/dairy/variants"),
    ("POST", "/catalog/resolve"),
)


class Get(Protocol):
    def __call__(self, path: str, **params: Any) -> httpx.Response: ...


@pytest.fixture
def get(demo_http: Http, anyone: dict[str, str]) -> Get:
    def get(path: str, **params: Any) -> httpx.Response:
        return demo_http.request("GET", path, params=params, headers=anyone)

    return get


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_sees_the_catalog_without_a_token(demo_http: Http, method: str, path: str) -> None:  # case 84
    assert code_of(demo_http.request(method, path, json={})) == (401, "token_refused")


def test_the_shop_says_who_it_is(get: Get) -> None:
    shop = get("/shop").json()
    assert (shop["name"], shop["country"], shop["currency"]) == ("Mercado La Esquina", "CO", "COP")
    assert shop["delivery_fee"] == {"amount_minor": 450_000, "currency": "COP"}
    assert [method["code"] for method in shop["payment_methods"]] == [
        "cash_on_delivery",
        "card_on_delivery",
        "bank_transfer",
        "nequi",
        "online",
        "cheque",
        "customer_credit",
    ]
    assert shop["hours"]["es"].startswith("Lunes a sábado")
    assert shop["hours"]["en"].startswith("Monday to Saturday")


def test_a_variant_is_shown_with_price_units_and_stock_but_no_figure_of_it(get: Get) -> None:
    assert get("/catalog/variants/LECHE-ENTERA-1L").json() == {
        "sku": "LECHE-ENTERA-1L",
        "name": "Leche entera larga vida Prado Alto 1 L",
        "names": {"es": "Leche entera larga vida Prado Alto 1 L", "en": "Whole milk long-life Prado Alto 1 L"},
        "product": "Leche entera",
        "brand": "Prado Alto",
        "category": "dairy",
        "description": "Leche de vaca entera, pasteurizada.",
        "descriptions": {"es": "Leche de vaca entera, pasteurizada.", "en": "Pasteurised whole cow's milk."},
        "price": {"amount_minor": 530_000, "currency": "COP"},
        "price_unit": "1 L",
        "tax_on_top": False,
        "units": [
            {"code": "unidad", "name": {"es": "unidad", "en": "unit"}, "factor": 1},
            {"code": "caja", "name": {"es": "caja", "en": "box"}, "factor": 12},
            {"code": "carton", "name": {"es": "cartón", "en": "carton"}, "factor": 1},
            {"code": "litro", "name": {"es": "litro", "en": "litre"}, "factor": 1},
        ],
        "base_unit": "unidad",
        "available": True,
        "stock": "in_stock",
    }


def test_goods_by_weight_are_priced_for_the_weight_people_know(get: Get) -> None:
    potatoes = get("/catalog/variants/PAPA-PASTUSA").json()
    assert (potatoes["price"]["amount_minor"], potatoes["price_unit"], potatoes["base_unit"]) == (220_000, "500 g", "g")
    assert [(unit["code"], unit["factor"]) for unit in potatoes["units"]][:2] == [("libra", 500), ("kilo", 1000)]


@pytest.mark.parametrize(
    ("sku", "stock", "available"),
    [("LECHE-ENTERA-1L", "in_stock", True), ("CAMARON-400", "few", True), ("MELON", "out", False)],
)
def test_stock_is_told_in_words(get: Get, sku: str, stock: str, available: bool) -> None:
    variant = get(f"/catalog/variants/{sku}").json()
    assert (variant["stock"], variant["available"]) == (stock, available)


@pytest.mark.parametrize("sku", ["NADA", "leche-entera-1l", "a" * 40, "%F0%9F%A5%9B"])
def test_an_unknown_sku_is_not_found(get: Get, sku: str) -> None:
    assert code_of(get(f"/catalog/variants/{sku}")) == (404, "unknown_sku")


@pytest.mark.parametrize("sku", ["%00", "a" * 41])
def test_what_cannot_be_a_sku_is_refused(get: Get, sku: str) -> None:
    assert code_of(get(f"/catalog/variants/{sku}")) == (422, "invalid_request")


def test_search_gives_the_best_first_and_no_more_than_asked_for(get: Get) -> None:
    answer = get("/catalog/search", q="leche deslactosada", limit=2).json()
    assert answer["query"] == "leche deslactosada"
    assert [variant["sku"] for variant in answer["matches"]] == [
        "LECHE-DESLACTOSADA-1L",
        "LECHE-DESLACTOSADA-BOLSA-900",
    ]


@pytest.mark.parametrize(
    "params", [{"q": ""}, {"q": "x" * 301}, {"q": "leche", "limit": 0}, {"q": "leche", "limit": 51}, {}]
)
def test_a_senseless_search_is_refused(get: Get, params: dict[str, Any]) -> None:
    assert code_of(get("/catalog/search", **params)) == (422, "invalid_request")


def test_the_categories_are_all_there_with_their_sizes(get: Get) -> None:
    categories = get("/catalog/categories").json()
    assert len(categories) == 18
    assert categories[0]["code"] == "dairy"
    assert categories[0]["name"] == {"es": "Lácteos y huevos", "en": "Dairy and eggs"}
    assert sum(category["variants_count"] for category in categories) == 466


def test_a_category_shows_the_popular_first_and_an_unknown_one_is_not_found(get: Get) -> None:
    assert [variant["sku"] for variant in get("/catalog/categories/fruit/variants").json()][:2] == ["BANANO", "LIMON"]
    assert code_of(get("/catalog/categories/casas/variants")) == (404, "unknown_category")


async def test_lines_are_resolved_through_the_typed_client(demo_settings: Settings, demo_market: Database) -> None:
    transport = httpx.ASGITransport(create_app(demo_settings, demo_market))
    token = bearer(Principal("customer", "someone"))["Authorization"].removeprefix("Bearer ")
    async with BackendClient("http://oms", token, transport) as client:
        answer = await client.resolve(
            [
                LineToResolve(quantity="3", unit="caja", text="leche entera"),
                LineToResolve(text="pan tajado"),
                LineToResolve(quantity="500", unit="g", text="café molido"),
                LineToResolve(text="televisor"),
            ],
            "es",
        )
    milk, bread, coffee, television = answer.lines
    assert (milk.status, milk.quantity, milk.unit, milk.text) == ("one", "3", "caja", "leche entera")
    assert (milk.candidates[0].sku, milk.candidates[0].score, milk.unit_known) == ("LECHE-ENTERA-1L", 100.0, True)
    assert (bread.status, len(bread.candidates)) == ("several", 4)
    assert (coffee.quantity, coffee.unit, coffee.candidates[0].sku) == ("1", "unidad", "CAFE-MOLIDO-500")
    assert (television.status, television.candidates) == ("none", [])


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"text": "leche"}] * 51},
        {"lines": [{"text": "x" * 301}]},
        {"lines": [{"text": "leche\x00"}]},
        {"lines": [{"text": "leche", "price": 1}]},
        {"lines": [{"text": "leche"}], "language": "fr"},
    ],
)
def test_a_request_that_is_not_as_described_is_refused(  # case 79
    demo_http: Http, anyone: dict[str, str], body: dict[str, Any]
) -> None:
    assert code_of(demo_http.request("POST", "/catalog/resolve", json=body, headers=anyone)) == (422, "invalid_request")


def test_what_is_new_is_found_by_the_next_search(database: Database, http: Http, market: object) -> None:
    headers = bearer(Principal("customer", "someone"))

    def found() -> list[str]:
        matches = http.request("GET", "/catalog/search?q=avena", headers=headers).json()["matches"]
        return [variant["sku"] for variant in matches]

    assert found() == []
    with database.write() as session:
        add_products(session, [NewProduct("avena", "mercado", "Avena", "Oats", None, "", "", [], [])])
        oats = NewVariant(
            sku="AVENA-500",
            product_code="avena",
            name_es="Avena 500 g",
            name_en="Oats 500 g",
            kind_es=None,
            kind_en=None,
            size="500 g",
            price_minor=530_000,
            currency="COP",
            price_quantity=1,
            tax_class="reduced",
            base_unit="unidad",
            popularity=1,
            is_usual=False,
        )
        add_variants(session, [(oats, [("unidad", 1)])])
    assert found() == ["AVENA-500"]


def test_what_is_not_sold_any_more_is_neither_found_nor_shown(database: Database, http: Http, market: object) -> None:
    headers = bearer(Principal("customer", "someone"))

    def found() -> list[str]:
        matches = http.request("GET", "/catalog/search?q=leche", headers=headers).json()["matches"]
        return [variant["sku"] for variant in matches]

    assert found() == ["LECHE-1L"]
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == "LECHE-1L").values(is_sold=False))
        touch(session)
    assert found() == []
    assert code_of(http.request("GET", "/catalog/variants/LECHE-1L", headers=headers)) == (404, "unknown_sku")


def test_stock_shown_follows_the_stock_there_is(database: Database, http: Http, market: Any) -> None:
    headers = bearer(Principal("customer", "someone"))
    with database.write() as session:
        inventory.adjust(session, "LECHE-1L", market.centro, -10, note="counted")
    assert http.request("GET", "/catalog/variants/LECHE-1L", headers=headers).json()["stock"] == "out"
