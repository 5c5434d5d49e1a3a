import statistics
import time

import pytest

from backend.orders.service import canonical_number
from tests.backend.shopper import MILK, code_of


def test_a_foreign_order_looks_like_one_that_does_not_exist(ana, beto):  # case 82
    number = ana.order((MILK, "1"))["number"]

    foreign = beto.get(f"/orders/{number}")
    missing = beto.get("/orders/PED-99999")

    assert code_of(foreign) == (404, "order_not_found")
    assert (foreign.status_code, foreign.json(), dict(foreign.headers)) == (
        missing.status_code,
        missing.json(),
        dict(missing.headers),
    )


def test_three_hundred_guesses_show_nothing_of_anyone_else(ana, beto):  # case 82
    own = {ana.order((MILK, "1"))["number"] for _ in range(3)}
    beto.order((MILK, "1"))

    seen, took_ms = set(), {"foreign": [], "missing": []}
    for number in range(9_900, 10_200):
        began = time.perf_counter()
        answer = beto.get(f"/orders/PED-{number}")
        took_ms["foreign" if f"PED-{number}" in own else "missing"].append((time.perf_counter() - began) * 1_000)
        if answer.status_code == 200:
            seen.add(number)

    apart_ms = abs(statistics.median(took_ms["foreign"]) - statistics.median(took_ms["missing"]))
    print(f"300 guesses: leaks {len(seen - {10_004})}; someone else's and none at all {apart_ms:.1f} ms apart (median)")
    assert own == {"PED-10001", "PED-10002", "PED-10003"}
    assert seen == {10_004}
    assert [order["number"] for order in beto.get("/orders").json()] == ["PED-10004"]


@pytest.mark.parametrize("said", ["PED-10001", "ped-10001", "PED10001", "#10001", "10001", "latest", " ped 10001 "])
def test_an_order_is_found_by_what_people_write(ana, said):
    ana.order((MILK, "1"))

    assert ana.get(f"/orders/{said.replace('#', '%23')}").json()["number"] == "PED-10001"


@pytest.mark.parametrize(
    "said", ["", "PED-", "0", "PED-0", "-1", "1e9", "PED-10001; DROP", "١٢٣", "%", "PED-1\x00", "9" * 13, "../10001"]
)
def test_what_is_no_order_number_finds_nothing(said):  # case 99
    assert canonical_number(said) == ""


@pytest.mark.parametrize("path", ["/orders/%00", "/orders/%ED%A0%80", "/orders/..%2F..", "/orders/'%20OR%201=1"])
def test_a_hostile_order_number_is_just_not_found(ana, path):  # case 99
    ana.order((MILK, "1"))

    assert code_of(ana.get(path)) in {(404, "order_not_found"), (404, "no_such_route"), (422, "invalid_request")}


def test_orders_come_newest_first_and_as_many_as_asked(ana):
    for _ in range(3):
        ana.order((MILK, "1"))

    assert [order["number"] for order in ana.get("/orders?limit=2").json()] == ["PED-10003", "PED-10002"]
    assert ana.get("/orders?limit=0").status_code == 422
    assert ana.get("/orders?limit=51").status_code == 422
