"""Orders that are changed after they were placed: shown, confirmed, done once."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from backend.catalog.models import Variant
from backend.events import Event
from backend.fulfillment.models import FulfillmentLine
from backend.orders import approval
from backend.orders.models import OrderChange, OrderLine
from kernel import clock
from tests.backend.shopper import BREAD, MILK, SODA, code_of, staff_as
from tests.backend.storm import Storm
from tests.backend.storm_of_changes import apply_as, begin_picking


def propose(shopper, number, *changes, **body):
    return shopper.act("POST", f"/orders/{number}/changes", {"changes": list(changes)} | body)


def apply(shopper, number, confirmation, key=None):
    return shopper.act("POST", f"/orders/{number}/changes/{confirmation}", key=key)


def more(sku, quantity="1"):
    return {"op": "add", "sku": sku, "quantity": quantity}


def asked_for(database):
    with database.read() as session:
        rows = session.execute(select(FulfillmentLine.sku, FulfillmentLine.quantity)).all()
    return sorted((sku, quantity) for sku, quantity in rows)


def test_one_more_is_shown_with_its_difference_and_then_done(ana, database, available, staff):
    number = ana.order((MILK, "2"))["number"]

    shown = propose(ana, number, more(MILK))

    assert shown.status_code == 201, shown.text
    preview = shown.json()
    assert [(line["sku"], line["quantity"]) for line in preview["lines"]] == [(MILK, "3")]
    assert [preview[what]["amount_minor"] for what in ("old_total", "new_total", "difference")] == [
        1_300_000,
        1_750_000,
        450_000,
    ]
    assert available(MILK) == 8

    changed = apply(ana, number, preview["confirmation"])

    assert changed.status_code == 200, changed.text
    assert changed.json()["total"]["amount_minor"] == 1_750_000
    assert [(line["sku"], line["quantity"]) for line in changed.json()["lines"]] == [(MILK, "3")]
    assert available(MILK) == 7
    assert asked_for(database) == [(MILK, 3)]
    with database.read() as session:
        event = session.scalars(select(Event).where(Event.kind == "order.changed")).one()
    assert (event.subject, event.payload["difference_minor"], event.payload["by"]) == (number, 450_000, "customer")
    entry = ana.http.request("GET", f"/staff/orders/{number}", headers=staff).json()["timeline"][-1]
    assert (entry["what"], entry["who"], entry["facts"]["difference_minor"]) == (
        "changed",
        f"customer:{ana.id}",
        450_000,
    )


def test_lines_are_added_reduced_and_taken_out_at_once(ana, database, available):
    number = ana.order((MILK, "3"), (BREAD, "2"))["number"]
    less = {"op": "set", "sku": MILK, "quantity": "1"}

    preview = propose(ana, number, less, {"op": "remove", "sku": BREAD}, more(SODA, "2")).json()
    changed = apply(ana, number, preview["confirmation"]).json()

    assert preview["difference"]["amount_minor"] == -2 * 450_000 - 2 * 620_000 + 2 * 357_000
    assert sorted((line["sku"], line["quantity"]) for line in changed["lines"]) == [(SODA, "2"), (MILK, "1")]
    assert [available(sku) for sku in (MILK, BREAD, SODA)] == [9, 10, 8]
    assert asked_for(database) == [(SODA, 2), (MILK, 1)]


def test_what_was_agreed_keeps_its_price_and_more_costs_todays(ana, database):
    number = ana.order((MILK, "2"))["number"]
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == MILK).values(price_minor=500_000))

    preview = propose(ana, number, more(MILK)).json()

    assert preview["difference"]["amount_minor"] == 500_000
    changed = apply(ana, number, preview["confirmation"]).json()
    assert [(line["quantity"], line["total"]["amount_minor"]) for line in changed["lines"]] == [
        ("2", 900_000),
        ("1", 500_000),
    ]


def test_a_price_that_changes_between_showing_and_doing_is_asked_about_again(ana, database, count_rows):  # case 137
    number = ana.order((MILK, "2"))["number"]
    preview = propose(ana, number, more(BREAD)).json()
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == BREAD).values(price_minor=700_000))

    refused = apply(ana, number, preview["confirmation"])

    assert code_of(refused) == (409, "change_stale")
    assert refused.json()["params"] == {"reason": "changed", "total_minor": 2_000_000}
    assert count_rows(OrderLine) == 1
    again = propose(ana, number, more(BREAD)).json()
    assert apply(ana, number, again["confirmation"]).json()["total"]["amount_minor"] == 2_000_000


def test_the_same_confirmation_twice_changes_once(ana, count_rows):
    number = ana.order((MILK, "2"))["number"]
    confirmation = propose(ana, number, more(MILK)).json()["confirmation"]

    first, second = apply(ana, number, confirmation), apply(ana, number, confirmation)

    assert first.json() == second.json()
    assert count_rows(OrderLine) == 2


def test_of_two_changes_that_were_shown_the_second_is_stale(ana, count_rows):
    number = ana.order((MILK, "2"))["number"]
    first, second = (propose(ana, number, more(MILK)).json()["confirmation"] for _ in range(2))
    assert apply(ana, number, first).status_code == 200

    refused = apply(ana, number, second)

    assert code_of(refused) == (409, "change_stale")
    assert count_rows(OrderLine) == 2


def test_what_was_shown_ends_after_a_quarter_of_an_hour(ana, count_rows):
    number = ana.order((MILK, "2"))["number"]
    confirmation = propose(ana, number, more(MILK)).json()["confirmation"]

    with time_machine.travel(clock.now() + timedelta(minutes=15)):
        ana.headers = type(ana)(ana.http, ana.id).headers
        refused = apply(ana, number, confirmation)

    assert refused.json()["params"] == {"reason": "expired"}
    assert count_rows(OrderLine) == 1


def test_someone_elses_order_and_confirmation_are_unknown(ana, beto, count_rows):  # case 64
    mine, theirs = ana.order((MILK, "2"))["number"], beto.order((MILK, "1"))["number"]
    confirmation = propose(ana, mine, more(MILK)).json()["confirmation"]

    assert code_of(propose(beto, mine, more(MILK))) == (404, "order_not_found")
    assert code_of(apply(beto, mine, confirmation)) == (404, "order_not_found")
    assert apply(beto, theirs, confirmation).json()["params"] == {"reason": "unknown"}
    assert count_rows(OrderLine) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"op": "remove", "sku": MILK}], (409, "order_would_be_empty")),
        ([{"op": "clear"}], (409, "order_would_be_empty")),
        ([{"op": "set", "sku": MILK, "quantity": "2"}], (422, "nothing_to_change")),
        ([{"op": "add", "sku": "NADA", "quantity": "1"}], (404, "unknown_sku")),
        ([{"op": "add", "sku": MILK, "quantity": "9"}], (409, "out_of_stock")),
        ([{"op": "add", "sku": MILK, "quantity": "1", "price": 1}], (422, "invalid_request")),  # case 79
        ([], (422, "invalid_request")),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_shown(ana, count_rows, changes, expected):
    number = ana.order((MILK, "2"))["number"]

    status, code = code_of(propose(ana, number, *changes))

    assert code == expected[1]
    assert status == expected[0] or code == "unknown_sku"
    assert count_rows(OrderChange) == 0


def test_stock_that_went_meanwhile_is_refused_and_nothing_changes(ana, beto, available, count_rows):
    number = ana.order((MILK, "2"))["number"]
    confirmation = propose(ana, number, more(MILK, "8")).json()["confirmation"]
    beto.order((MILK, "1"))
    lines = count_rows(OrderLine)

    assert code_of(apply(ana, number, confirmation)) == (409, "out_of_stock")

    assert available(MILK) == 7
    assert count_rows(OrderLine) == lines


def test_another_address_is_a_change_too(ana, staff, database):
    number = ana.order((MILK, "2"))["number"]

    preview = propose(ana, number, address_text="Carrera 7 # 12-34, Bogotá").json()
    changed = apply(ana, number, preview["confirmation"]).json()

    assert preview["difference"]["amount_minor"] == 0
    assert changed["address"] == "Carrera 7 # 12-34, Bogotá"


def test_a_cancelled_order_is_not_changed(ana, count_rows):
    number = ana.order((MILK, "2"))["number"]
    ana.act("POST", f"/orders/{number}/cancel", {})

    assert code_of(propose(ana, number, more(MILK))) == (409, "order_not_changeable")
    assert count_rows(OrderChange) == 0


def test_once_someone_picks_it_an_order_is_not_changed(ana, database, count_rows):
    number = ana.order((MILK, "2"))["number"]
    confirmation = propose(ana, number, more(MILK)).json()["confirmation"]
    assert begin_picking(database, f"{number}-1") == "picking"

    assert code_of(propose(ana, number, more(MILK))) == (409, "order_not_changeable")
    assert code_of(apply(ana, number, confirmation)) == (409, "order_not_changeable")
    assert count_rows(OrderLine) == 1


def test_staff_change_an_order_for_the_customer(ana, http, database):
    number = ana.order((MILK, "2"))["number"]
    headers = staff_as("agent")

    def send(path, body=None, key="k"):
        return http.request("POST", path, json=body, headers=headers | {"Idempotency-Key": key})

    shown = send(f"/staff/orders/{number}/changes", {"changes": [more(BREAD)]}, "1").json()
    changed = send(f"/staff/orders/{number}/changes/{shown['confirmation']}", key="2")

    assert changed.status_code == 200, changed.text
    assert changed.json()["total"]["amount_minor"] == 1_920_000
    assert code_of(apply(ana, number, shown["confirmation"])) == (409, "change_stale")
    with database.read() as session:
        event = session.scalars(select(Event).where(Event.kind == "order.changed")).one()
    assert event.payload["by"] == "staff"


def test_a_change_that_goes_beyond_a_rule_holds_the_order_and_takes_it_from_the_warehouse(ana, database, market):
    with database.write() as session:
        approval.add_rule(session, "amount_over", {"amount_minor": 1_500_000}, is_active=True, position=0)
    number = ana.order((MILK, "2"))["number"]
    confirmation = propose(ana, number, more(MILK)).json()["confirmation"]

    changed = apply(ana, number, confirmation).json()

    assert (changed["status"], changed["fulfillment_status"]) == ("on_hold", "unfulfilled")
    assert begin_picking(database, f"{number}-1") == "fulfillment_step_illegal"


def test_a_held_order_that_no_longer_breaks_a_rule_is_confirmed(ana, database, market):
    with database.write() as session:
        approval.add_rule(session, "amount_over", {"amount_minor": 1_500_000}, is_active=True, position=0)
    number = ana.order((MILK, "3"))["number"]
    confirmation = propose(ana, number, {"op": "set", "sku": MILK, "quantity": "2"}).json()["confirmation"]

    assert apply(ana, number, confirmation).json()["status"] == "confirmed"
    assert asked_for(database) == [(MILK, 2)]


def test_of_customer_staff_and_picker_at_once_one_wins_and_the_others_are_told(
    ana, http, database, database_url
):  # case 61
    outcomes = set()
    with Storm(database_url, 3) as storm:
        for _ in range(3):
            number = ana.order((MILK, "1"))["number"]
            mine = propose(ana, number, more(BREAD)).json()["confirmation"]
            headers = staff_as("agent") | {"Idempotency-Key": f"p:{number}"}
            path = f"/staff/orders/{number}/changes"
            theirs = http.request("POST", path, json={"changes": [more(SODA)]}, headers=headers).json()["confirmation"]
            answers = storm.rage(
                [
                    (apply_as, number, mine, f"customer:{ana.id}"),
                    (apply_as, number, theirs, "staff:someone"),
                    (begin_picking, f"{number}-1"),
                ]
            )
            outcomes.add(tuple(answers))
            changed = answers[:2].count("changed")
            assert changed <= 1
            assert {*answers[:2]} <= {"changed", "change_stale", "order_not_changeable"}
            assert answers[2] in {"picking", "fulfillment_changed"}

    assert outcomes
