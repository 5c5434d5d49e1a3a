from backend.api import orders as orders_api
from tests.backend.shopper import MILK, SODA


def test_staff_see_everyones_orders_page_by_page(ana, beto, http, staff, monkeypatch):
    monkeypatch.setattr(orders_api, "STAFF_PAGE", 2)
    for shopper in (ana, beto, ana):
        shopper.order((MILK, "1"))

    first = http.request("GET", "/staff/orders", headers=staff).json()
    second = http.request("GET", f"/staff/orders?cursor={first['next_cursor']}", headers=staff).json()

    assert [(order["number"], order["customer_id"]) for order in first["orders"]] == [
        ("PED-10003", ana.id),
        ("PED-10002", beto.id),
    ]
    assert [order["number"] for order in second["orders"]] == ["PED-10001"]
    assert (second["next_cursor"], second["orders"][0]["lines_count"]) == (None, 1)


def test_staff_filter_orders_by_status(ana, http, staff):
    number = ana.order((MILK, "1"))["number"]
    ana.order((MILK, "1"))
    ana.act("POST", f"/orders/{number}/cancel", {})

    def numbers(status):
        page = http.request("GET", f"/staff/orders?status={status}", headers=staff).json()
        return [order["number"] for order in page["orders"]]

    assert (numbers("cancelled"), numbers("confirmed")) == (["PED-10001"], ["PED-10002"])
    assert http.request("GET", "/staff/orders?status=lost", headers=staff).status_code == 422


def test_staff_see_the_stock_of_a_product(ana, http, staff):
    ana.order((SODA, "3"))

    levels = http.request("GET", f"/staff/stock?sku={SODA}", headers=staff).json()["levels"]

    assert levels == [{"sku": SODA, "location": "CENTRO", "on_hand": 10, "reserved": 3, "available": 7}]
