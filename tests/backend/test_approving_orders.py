"""Orders that a rule holds, and what someone decides about them."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from backend.customers.models import Customer
from backend.events import Event
from backend.fulfillment.models import Fulfillment
from backend.orders import approval
from backend.orders.models import ApprovalRule, Order, OrderEntry, OrderHold
from kernel.tokens import Principal
from tests.backend.shopper import BREAD, MILK, bearer, code_of, staff_as


@pytest.fixture
def rule(database) -> Callable[..., str]:
    def add(kind: str, **parameters: object) -> str:
        with database.write() as session:
            return approval.add_rule(session, kind, parameters, is_active=True, position=0).id

    return add


def decide(http, number, what, role="sales", **body):
    headers = staff_as(role) | {"Idempotency-Key": f"{what}:{number}:{role}"}
    return http.request("POST", f"/staff/orders/{number}/{what}", json=body, headers=headers)


def seen(http, number):
    return http.request("GET", f"/staff/orders/{number}", headers=staff_as("agent")).json()


def events_of(database, number):
    with database.read() as session:
        found = session.scalars(select(Event).where(Event.subject == number).order_by(Event.id))
        return [(event.kind, event.payload) for event in found]


def test_an_order_over_the_amount_waits_with_its_stock_and_the_reason(
    ana, http, rule, database, available, count_rows, market
):
    rule("amount_over", amount_minor=1_000_000)

    order = ana.order((MILK, "2"))

    assert order["status"] == "on_hold"
    assert available(MILK) == 8
    assert count_rows(Fulfillment) == 0
    shown = seen(http, order["number"])
    assert [(hold["reason"], hold["facts"], hold["outcome"]) for hold in shown["holds"]] == [
        ("amount_over", {"amount_minor": 1_000_000, "total_minor": 1_300_000, "currency": "COP"}, None)
    ]
    assert [entry["what"] for entry in shown["timeline"]] == ["placed", "held"]
    kind, payload = events_of(database, order["number"])[-1]
    assert (kind, payload["reason"], payload["reasons"]) == ("order.held", "amount_over", ["amount_over"])


def test_an_order_of_just_the_amount_is_confirmed_at_once(ana, rule, count_rows):
    rule("amount_over", amount_minor=1_300_000)

    assert ana.order((MILK, "2"))["status"] == "confirmed"
    assert count_rows(OrderHold) == 0


def test_all_reasons_are_kept_once_each(ana, http, rule):
    rule("new_customer")
    rule("payment_method", payment_method="cash_on_delivery")
    rule("amount_over", amount_minor=1)
    rule("amount_over", amount_minor=2)

    number = ana.order((MILK, "1"))["number"]

    assert sorted(hold["reason"] for hold in seen(http, number)["holds"]) == [
        "amount_over",
        "new_customer",
        "payment_method",
    ]


def test_only_the_first_order_of_a_customer_is_new(ana, http, rule):
    rule("new_customer")
    first = ana.order((MILK, "1"))
    assert ana.order((MILK, "1"))["status"] == "on_hold"

    assert decide(http, first["number"], "approve", version=2).status_code == 200

    assert ana.order((MILK, "1"))["status"] == "confirmed"


def test_a_rule_that_is_switched_off_holds_nothing(ana, database, rule):
    rule("amount_over", amount_minor=1)
    with database.write() as session:
        session.execute(update(ApprovalRule).values(is_active=False))

    assert ana.order((MILK, "1"))["status"] == "confirmed"


@pytest.mark.parametrize(("limit", "status"), [(850_000, "confirmed"), (849_999, "on_hold"), (None, "on_hold")])
def test_credit_is_given_up_to_the_customers_limit(ana, database, rule, limit, status):
    rule("credit_limit")
    first = ana.order((MILK, "1"))
    assert first["status"] == "confirmed"  # it is paid otherwise
    with database.write() as session:
        session.execute(update(Customer).values(credit_limit_minor=limit))
        session.execute(update(Order).values(payment_method="customer_credit"))
        order = session.scalars(select(Order)).one()
        from backend.catalog.shop import shop
        from backend.workflows.hold_order import reasons_to_hold

        held = bool(reasons_to_hold(session, order, shop(session)))

    assert held == (status == "on_hold")


def test_approving_confirms_and_the_customer_is_told(ana, http, rule, database):
    rule("amount_over", amount_minor=1)
    number = ana.order((MILK, "1"))["number"]

    answer = decide(http, number, "approve", version=2, note="llamé, todo bien")

    assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")
    shown = seen(http, number)
    assert [(hold["outcome"], hold["ended_by"]) for hold in shown["holds"]] == [("approved", "staff:someone")]
    assert [(entry["what"], entry["who"]) for entry in shown["timeline"]][2:] == [
        ("approved", "staff:someone"),
        ("confirmed", "staff:someone"),
    ]
    assert [kind for kind, _ in events_of(database, number)] == ["order.placed", "order.held", "order.confirmed"]
    with database.read() as session:
        assert session.scalars(select(Fulfillment.status)).all() == ["pending"]


def test_rejecting_cancels_with_the_reason_and_gives_the_stock_back(ana, http, rule, database, available):
    rule("amount_over", amount_minor=1)
    number = ana.order((MILK, "3"))["number"]

    answer = decide(http, number, "reject", version=2, reason="No llegamos a esa vereda")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert available(MILK) == 10
    assert seen(http, number)["holds"][0]["outcome"] == "rejected"
    kind, payload = events_of(database, number)[-1]
    assert (kind, payload["by"], payload["reason"]) == ("order.cancelled", "staff", "No llegamos a esa vereda")


def test_a_customer_cancels_an_order_on_hold(ana, http, rule, available):
    rule("amount_over", amount_minor=1)
    number = ana.order((MILK, "3"))["number"]

    assert ana.act("POST", f"/orders/{number}/cancel", {}).json()["status"] == "cancelled"

    assert available(MILK) == 10
    assert seen(http, number)["holds"][0]["outcome"] == "cancelled"


@pytest.mark.parametrize(("what", "body"), [("approve", {"version": 1}), ("reject", {"version": 1, "reason": "x"})])
def test_who_saw_an_older_version_decides_nothing(ana, http, rule, count_rows, what, body):  # case 61
    rule("amount_over", amount_minor=1)
    number = ana.order((MILK, "1"))["number"]
    entries = count_rows(OrderEntry)

    assert code_of(decide(http, number, what, **body)) == (409, "order_changed")

    assert count_rows(OrderEntry) == entries
    assert seen(http, number)["status"] == "on_hold"


@pytest.mark.parametrize(("what", "body"), [("approve", {"version": 2}), ("reject", {"version": 2, "reason": "x"})])
def test_nothing_is_decided_about_an_order_that_does_not_wait(ana, http, count_rows, what, body):
    number = ana.order((MILK, "1"))["number"]
    entries = count_rows(OrderEntry)

    assert code_of(decide(http, number, what, **body)) == (409, "order_not_on_hold")

    assert count_rows(OrderEntry) == entries


def test_a_decision_that_is_repeated_is_made_once(ana, http, rule, count_rows):
    rule("amount_over", amount_minor=1)
    number = ana.order((MILK, "1"))["number"]

    first, again = (decide(http, number, "approve", version=2) for _ in range(2))

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert count_rows(Fulfillment) == 1


@pytest.mark.parametrize(
    ("kind", "parameters", "wrong"),
    [
        ("amount_over", {}, "amount_minor"),
        ("amount_over", {"amount_minor": 0}, "amount_minor"),
        ("amount_over", {"amount_minor": -1}, "amount_minor"),
        ("amount_over", {"amount_minor": True}, "amount_minor"),
        ("amount_over", {"amount_minor": "5"}, "amount_minor"),
        ("amount_over", {"amount_minor": 1.5}, "amount_minor"),
        ("amount_over", {"amount_minor": 10**16}, "amount_minor"),
        ("amount_over", {"amount_minor": 5, "currency": "COP"}, "currency"),
        ("payment_method", {}, "payment_method"),
        ("payment_method", {"payment_method": ""}, "payment_method"),
        ("payment_method", {"payment_method": ["nequi"]}, "payment_method"),
        ("new_customer", {"days": 3}, "days"),
        ("outside_zones", {"zone": "norte"}, "zone"),
        ("credit_limit", {"amount_minor": 5}, "amount_minor"),
    ],
)
def test_a_rule_that_is_no_rule_is_refused(http, market, staff, count_rows, kind, parameters, wrong):  # case 79
    body = {"kind": kind, "parameters": parameters}

    answer = http.request("POST", "/staff/approval-rules", json=body, headers=staff | {"Idempotency-Key": "k"})

    assert code_of(answer) == (422, "approval_rule_invalid")
    assert answer.json()["params"] == {"kind": kind, "parameter": wrong}
    assert count_rows(ApprovalRule) == 0


@pytest.mark.parametrize("extra", [{"surprise": 1}, {"kind": "bad_mood"}, {"is_active": "perhaps"}, {"position": -1}])
def test_a_rule_with_unknown_fields_or_values_is_refused(http, market, staff, count_rows, extra):  # case 79
    body = {"kind": "new_customer", "parameters": {}} | extra

    answer = http.request("POST", "/staff/approval-rules", json=body, headers=staff | {"Idempotency-Key": "k"})

    assert code_of(answer) == (422, "invalid_request")
    assert count_rows(ApprovalRule) == 0


def test_rules_are_added_changed_and_removed(http, market, staff):
    def send(method, path, body=None, key="k"):
        return http.request(method, path, json=body, headers=staff | {"Idempotency-Key": key})

    added = send("POST", "/staff/approval-rules", {"kind": "amount_over", "parameters": {"amount_minor": 5}}, "1")
    assert added.status_code == 201
    path = f"/staff/approval-rules/{added.json()['id']}"
    changed = send("PUT", path, {"kind": "outside_zones", "parameters": {}, "is_active": False, "position": 3}, "2")

    assert changed.json() == added.json() | {
        "kind": "outside_zones",
        "parameters": {},
        "is_active": False,
        "position": 3,
    }
    assert send("GET", "/staff/approval-rules").json() == [changed.json()]
    refused = send("PUT", path, {"kind": "amount_over", "parameters": {}}, "3")
    assert code_of(refused) == (422, "approval_rule_invalid")
    assert send("GET", "/staff/approval-rules").json() == [changed.json()]
    assert send("DELETE", path, key="4").status_code == 200
    assert send("GET", "/staff/approval-rules").json() == []
    assert code_of(send("DELETE", path, key="5")) == (404, "approval_rule_not_found")


def test_an_order_and_its_steps_name_the_conversation_and_message_that_caused_them(ana, http, staff):
    ana.headers = bearer(Principal("customer", ana.id, conversation_id="talk-1", message_id="said-7"))

    number = ana.order((BREAD, "1"))["number"]

    shown = seen(http, number)
    assert shown["conversation_id"] == "talk-1"
    assert {entry["message_id"] for entry in shown["timeline"]} == {"said-7"}
