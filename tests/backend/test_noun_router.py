"""A noun's router refuses by its first words only what none of its routes would have taken."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from backend.api.noun_router import NounRouter


def nothing() -> None:
    """What the routes do."""


@pytest.fixture
def router():
    router = NounRouter()
    for path in ("/orders", "/orders/{number}", "/staff/orders/{number}/cancel", "/{anything}/else"):
        router.add_api_route(path, nothing, methods=["GET"])
    return router


def taken(router, path):
    app = FastAPI()
    app.include_router(router)
    return app.router.routes[-1].matches({"type": "http", "method": "GET", "path": path, "root_path": ""})[0]


@pytest.mark.parametrize(
    "path", ["/orders", "/orders/PED-1", "/orders/{", "/staff/orders/PED-1/cancel", "/whatever/else"]
)
def test_a_path_like_one_of_its_routes_is_looked_at(path, router):
    assert taken(router, path) == Match.FULL


def test_a_path_that_begins_like_none_is_not_looked_at(router):
    router.routes.pop()

    assert [taken(router, path) for path in ("/", "/order", "/staff/stock/1", "/whatever/else")] == [Match.NONE] * 4


def test_a_route_that_comes_later_counts(router):
    router.routes.pop()
    assert taken(router, "/carts") == Match.NONE

    router.add_api_route("/carts", nothing, methods=["GET"])

    assert taken(router, "/carts") == Match.FULL
