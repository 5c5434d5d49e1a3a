"""Asking to return a part of an order: what may come back, what may not, and what is written of either."""

import re
from dataclasses import replace
from datetime import timedelta

import time_machine

from backend.invoicing.pdf import qr, typeset
from backend.returns.models import Return, ReturnEntry, ReturnLine
from backend.workflows import print_return_label
from kernel import clock
from kernel.vouchers import Vouched, vouch
from tests.backend.returns.conftest import PHOTO, ask, asked
from tests.backend.shopper import BREAD, KEY, MILK, SODA, code_of


def looked(shopper, number):
    lines = shopper.get(f"/orders/{number}/returnable").json()["lines"]
    return {line["sku"]: (line["left"], line["refusal"]) for line in lines}


def test_what_was_delivered_may_be_returned(ana, delivered):
    number = delivered(ana, (MILK, "3"), (BREAD, "1"))

    assert looked(ana, number) == {MILK: (3, None), BREAD: (1, None)}


def test_what_is_not_delivered_may_not(ana, warehouse):
    number = ana.order((MILK, "3"))["number"]
    warehouse.ship_all(f"{number}-1")

    assert looked(ana, number) == {MILK: (0, "not_delivered")}


def test_the_reasons_are_told_in_both_languages_with_what_they_need(ana, delivered):
    reasons = ana.get(f"/orders/{delivered(ana, (MILK, '1'))}/returnable").json()["reasons"]

    assert reasons[0] == {
        "code": "damaged",
        "name": {"es": "Llegó dañado", "en": "It arrived damaged"},
        "photo_required": True,
        "is_our_fault": True,
    }


def test_a_window_is_over_after_its_last_day(ana, desk, delivered, count_rows):
    desk.policy(window_days={"default": 30, "mercado": 3})
    number = delivered(ana, (MILK, "1"))

    with time_machine.travel(clock.now() + timedelta(days=5)):
        shopper = type(ana)(ana.http, ana.id)
        assert looked(shopper, number) == {MILK: (0, "outside_window")}
        answer = shopper.act("POST", f"/orders/{number}/returns", BODY, key="late")

    assert count_rows(Return) == 0
    assert code_of(answer) == (409, "return_window_over")
    assert answer.json()["params"]["name"] == "Leche entera 1 L"


BODY = {"lines": [{"line": MILK, "quantity": 1, "reason": "not_wanted"}]}


def test_what_is_sold_for_good_stays(ana, desk, delivered):
    desk.policy(final_sale=[MILK])
    number = delivered(ana, (MILK, "1"), (BREAD, "1"))

    assert looked(ana, number) == {MILK: (0, "final_sale"), BREAD: (1, None)}
    assert code_of(ask(ana, number, (MILK, 1))) == (409, "final_sale")


def test_a_request_is_written_down_with_its_history(ana, desk, delivered, database):
    number = delivered(ana, (MILK, "3"))

    answer = ask(ana, number, (MILK, 2, "damaged"), way="drop_off", wish="store_credit")

    said = answer.json()
    assert (answer.status_code, said["status"], said["wish"], said["way"]) == (
        201, "requested", "store_credit", "drop_off",
    )  # fmt: skip
    assert said["value"] == {"amount_minor": 900_000, "currency": "COP"}
    [line] = said["lines"]
    assert (line["sku"], line["quantity"], line["received"], line["photos"]) == (MILK, 2, 0, [PHOTO])
    assert [entry["what"] for entry in said["history"]] == ["requested"]
    assert said["history"][0]["who"] == f"customer:{ana.id}"
    assert looked(ana, number) == {MILK: (1, None)}
    assert [each["number"] for each in desk.get("/returns")["returns"]] == [said["number"]]


BAD = {
    "return_too_much": (409, [{"line": MILK, "quantity": 3, "reason": "not_wanted"}]),
    "return_line_twice": (422, [{"line": MILK, "quantity": 1, "reason": "not_wanted"}] * 2),
    "not_in_order": (422, [{"line": SODA, "quantity": 1, "reason": "not_wanted"}]),
    "return_reason_unknown": (422, [{"line": MILK, "quantity": 1, "reason": "moody"}]),
    "return_photo_required": (422, [{"line": MILK, "quantity": 1, "reason": "damaged"}]),
    "invalid_request": (422, [{"line": MILK, "quantity": 0, "reason": "other"}]),
}


def test_a_bad_request_is_refused_and_writes_nothing(ana, delivered, count_rows):
    number = delivered(ana, (MILK, "2"))

    for code, (status, lines) in BAD.items():
        assert code_of(ana.act("POST", f"/orders/{number}/returns", {"lines": lines})) == (status, code)

    assert [count_rows(table) for table in (Return, ReturnLine, ReturnEntry)] == [0, 0, 0]


def test_another_customers_order_is_not_found(ana, beto, delivered, count_rows):
    number = delivered(ana, (MILK, "2"))

    assert code_of(ask(beto, number, (MILK, 1))) == (404, "order_not_found")
    assert beto.get(f"/orders/{number}/returnable").status_code == 404
    rma = asked(ana, number, (MILK, 1))
    assert code_of(beto.get(f"/returns/{rma}")) == (404, "return_not_found")
    assert code_of(beto.act("POST", f"/returns/{rma}/cancel", {})) == (404, "return_not_found")
    assert count_rows(Return) == 1


def test_what_is_being_returned_is_not_returned_twice(ana, delivered):  # case 81
    number = delivered(ana, (MILK, "2"))
    asked(ana, number, (MILK, 2))

    assert code_of(ask(ana, number, (MILK, 1))) == (409, "already_returned")


def test_what_was_rejected_or_cancelled_may_be_asked_for_again(ana, desk, delivered):
    number = delivered(ana, (MILK, "2"))
    rejected = asked(ana, number, (MILK, 2))
    said = desk.done(rejected, "reject", reason="La foto no muestra el daño")
    cancelled = asked(ana, number, (MILK, 2))

    assert (said["status"], said["rejected_because"]) == ("rejected", "La foto no muestra el daño")
    assert ana.act("POST", f"/returns/{cancelled}/cancel", {}).json()["status"] == "cancelled"
    assert looked(ana, number) == {MILK: (2, None)}


def test_a_rejection_can_be_appealed_to_a_person(ana, desk, delivered):
    rma = asked(ana, delivered(ana, (MILK, "2")), (MILK, 2))
    assert code_of(ana.act("POST", f"/returns/{rma}/appeal", {})) == (409, "return_step_illegal")
    desk.done(rma, "reject", reason="no")

    said = ana.act("POST", f"/returns/{rma}/appeal", {"note": "Sí llegó rota"}).json()

    assert [entry["what"] for entry in said["history"]] == ["requested", "rejected", "appealed"]
    [claim] = desk.get("/claims")
    assert claim["note"] == "Sí llegó rota"


def test_staff_may_take_back_what_the_policy_refuses_but_not_more_than_was_delivered(ana, desk, delivered):
    desk.policy(final_sale=[MILK])
    number = delivered(ana, (MILK, "2"))
    body = {"lines": [{"line": MILK, "quantity": 3, "reason": "damaged"}], "overrules": True}

    assert code_of(desk.act(f"/orders/{number}/returns", body)) == (409, "return_too_much")
    body["lines"][0]["quantity"] = 2
    assert desk.act(f"/orders/{number}/returns", body).json()["status"] == "requested"


def test_staff_overrule_neither_what_never_came_nor_what_came_back_already(ana, desk, delivered, count_rows):
    on_its_way, back = ana.order((MILK, "1"))["number"], delivered(ana, (MILK, "1"))
    asked(ana, back, (MILK, 1))
    body = {"lines": [{"line": MILK, "quantity": 1, "reason": "damaged"}], "overrules": True}

    assert code_of(desk.act(f"/orders/{on_its_way}/returns", body)) == (409, "return_not_delivered")
    assert code_of(desk.act(f"/orders/{back}/returns", body)) == (409, "already_returned")
    assert count_rows(Return) == 1


def test_what_is_worth_little_is_accepted_by_itself(ana, desk, delivered):
    desk.policy(accept_up_to_minor=450_000)
    number = delivered(ana, (MILK, "3"))

    assert ask(ana, number, (MILK, 1)).json()["status"] == "accepted"
    assert ask(ana, number, (MILK, 2)).json()["status"] == "requested"


def test_a_label_is_printed_when_the_return_is_accepted(ana, beto, desk, delivered):
    rma = asked(ana, delivered(ana, (MILK, "1")), (MILK, 1), way="drop_off")
    assert code_of(ana.get(f"/returns/{rma}/label")) == (409, "return_step_illegal")
    desk.done(rma, "accept")

    answer = ana.get(f"/returns/{rma}/label")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.content == ana.get(f"/returns/{rma}/label").content
    assert code_of(beto.get(f"/returns/{rma}/label")) == (404, "return_not_found")


def test_a_label_is_one_sheet_that_names_where_to_leave_the_parcel(ana, desk, delivered, monkeypatch):
    points = [
        {"code": str(n), "name": f"Punto {n} de nombre largo", "address": "Carrera 13 # 60-15 " * 4,
         "hours_es": "todos los días", "hours_en": "every day"}
        for n in range(5)
    ]  # fmt: skip
    desk.policy(drop_off_points=points)
    rma = asked(ana, delivered(ana, (MILK, "1"), (BREAD, "1")), (MILK, 1), (BREAD, 1), way="drop_off")
    desk.done(rma, "accept")
    pages = []
    monkeypatch.setattr(print_return_label, "typeset", lambda page, *rest: pages.append(page) or typeset(page, *rest))
    monkeypatch.setattr(print_return_label, "LINES_SHOWN", 1)

    content = ana.get(f"/returns/{rma}/label").content

    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
    [page] = pages
    assert page["lines"] == ["1 × Leche entera 1 L", "… y 1 más"]
    assert [point["name"] for point in page["points"]] == [f"Punto {n} de nombre largo" for n in range(3)]


def test_a_short_code_is_one_that_telephones_read():
    assert not qr("RMA-10001").is_micro


def test_goods_are_fetched_on_a_day_to_come(ana, delivered):
    number = delivered(ana, (MILK, "1"))
    today = clock.now().date()

    for on in (today - timedelta(days=1), today + timedelta(days=40)):
        answer = ask(ana, number, (MILK, 1), way="pickup", pickup_on=on.isoformat())
        assert code_of(answer) == (422, "return_day_impossible")
    ahead = (today + timedelta(days=3)).isoformat()
    assert code_of(ask(ana, number, (MILK, 1), way="store", pickup_on=ahead)) == (422, "return_day_impossible")
    said = ask(ana, number, (MILK, 1), way="pickup", pickup_on=ahead, pickup_slot="09:00-12:00").json()
    assert (said["pickup_on"], said["pickup_slot"]) == (ahead, "09:00-12:00")


def test_a_policy_without_a_window_for_all_is_none(desk):
    policy = desk.get("/return-policy") | {"window_days": {"dairy": 3}}

    answer = desk.act("/return-policy", policy, method="PUT")

    assert code_of(answer) == (422, "return_policy_invalid")
    assert desk.get("/return-policy")["window_days"] == {"default": 30}


def test_only_a_picture_of_the_customers_own_vouches_for_a_damage(ana, beto, delivered, count_rows):  # case 89
    number = delivered(ana, (MILK, "2"))
    file = Vouched("a-1", beto.id, "0" * 64, "image/jpeg")
    document = replace(file, customer_id=ana.id, type="application/pdf")
    wrong = [
        (vouch(document, KEY, timedelta(hours=1)), 422),
        ("no voucher at all", 422),
        (vouch(file, KEY, timedelta(hours=1)), 422),
        (vouch(replace(file, customer_id=ana.id), "x" * 48, timedelta(hours=1)), 422),
    ]
    for voucher, status in wrong:
        line = {"line": MILK, "quantity": 1, "reason": "damaged", "photos": [{"voucher": voucher}]}
        answer = ana.act("POST", f"/orders/{number}/returns", {"lines": [line]})
        assert (answer.status_code, answer.json()["code"]) == (status, "voucher_refused")

    assert count_rows(Return) == 0
