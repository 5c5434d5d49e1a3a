from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from backend import idempotency
from backend.idempotency import IdempotentAct
from backend.inventory import service as inventory
from backend.orders.models import Order
from tests.backend.shopper import MILK, code_of

ADD_MILK = {"op": "add", "sku": MILK, "quantity": "1"}


def test_a_repeat_gets_the_kept_answer_and_does_nothing(ana):  # case 65
    first = ana.change(ADD_MILK, key="m1:add")

    again = ana.change(ADD_MILK, key="m1:add")

    assert again.content == first.content
    assert again.status_code == first.status_code == 200
    assert (first.headers.get("Idempotent-Replay"), again.headers["Idempotent-Replay"]) == (None, "true")
    assert [line["quantity"] for line in ana.cart()["lines"]] == ["1"]


def test_the_same_key_for_another_request_is_refused(ana):  # case 65
    ana.change(ADD_MILK, key="m1:add")

    answer = ana.change({"op": "add", "sku": MILK, "quantity": "2"}, key="m1:add")

    assert code_of(answer) == (409, "idempotency_conflict")
    assert [line["quantity"] for line in ana.cart()["lines"]] == ["1"]


def test_the_same_key_at_another_address_is_refused(ana):
    ana.confirmed((MILK, "1"))
    ana.act("POST", "/cart/confirmation", key="once")

    assert code_of(ana.act("POST", "/orders/latest/repeat", key="once")) == (409, "idempotency_conflict")


def test_keys_are_each_customers_own(ana, beto):
    ana.change(ADD_MILK, key="m1:add")

    answer = beto.change(ADD_MILK, key="m1:add")

    assert "Idempotent-Replay" not in answer.headers
    assert [line["quantity"] for line in beto.cart()["lines"]] == ["1"]


def test_a_refused_act_may_be_tried_again_under_its_key(ana, database, market, count_rows):
    wish = {"op": "add", "sku": MILK, "quantity": "11"}
    assert code_of(ana.change(wish, key="m1:add")) == (409, "out_of_stock")
    assert count_rows(IdempotentAct) == 0
    with database.write() as session:
        inventory.receive(session, MILK, market.centro, 1)

    assert ana.change(wish, key="m1:add").status_code == 200


def test_a_change_without_a_key_is_refused(ana):
    answer = ana.http.request("POST", "/cart/changes", json={"changes": [ADD_MILK]}, headers=ana.headers)

    assert code_of(answer) == (422, "idempotency_key_required")
    assert ana.cart()["is_empty"]


@pytest.mark.parametrize("key", ["", "with blank", "x" * 201, "ñ".encode()])
def test_a_key_is_visible_ascii_of_some_length(ana, key):
    headers = {**ana.headers, "Idempotency-Key": key}
    answer = ana.http.request("POST", "/cart/changes", json={"changes": [ADD_MILK]}, headers=headers)

    assert code_of(answer) == (422, "idempotency_key_invalid")


def test_answers_are_kept_for_two_days_and_then_forgotten(ana, database, count_rows):  # case 65
    ana.change(ADD_MILK, key="m1:add")
    with time_machine.travel(idempotency.KEPT_FOR - timedelta(minutes=1)), database.write() as session:
        assert idempotency.forget_old(session) == 0
    with time_machine.travel(idempotency.KEPT_FOR + timedelta(minutes=1)), database.write() as session:
        assert idempotency.forget_old(session) == 1
    assert count_rows(IdempotentAct) == 0


def deadlock():
    failure = Exception("deadlock detected")
    failure.sqlstate = "40P01"
    return OperationalError("UPDATE", {}, failure)


def test_a_deadlock_is_tried_again(database):  # case 60
    tries = []

    def work(_session):
        tries.append(len(tries))
        if len(tries) < idempotency.ATTEMPTS:
            raise deadlock()
        return "{}"

    assert idempotency.once(database, "customer:ana", "k", "hash", 200, work).is_replay is False
    assert tries == [0, 1, 2, 3]


def test_a_deadlock_that_does_not_end_is_given_up_after_four_tries(database, count_rows):  # case 60
    tries = []

    def work(_session):
        tries.append(len(tries))
        raise deadlock()

    with pytest.raises(OperationalError):
        idempotency.once(database, "customer:ana", "k", "hash", 200, work)
    assert tries == [0, 1, 2, 3]
    assert count_rows(IdempotentAct) == 0


def test_another_failure_is_not_tried_again(database):
    tries = []

    def work(_session):
        tries.append(len(tries))
        raise OperationalError("UPDATE", {}, Exception("disk full"))

    with pytest.raises(OperationalError):
        idempotency.once(database, "customer:ana", "k", "hash", 200, work)
    assert tries == [0]


def test_an_order_placed_under_two_keys_is_one_order(ana, count_rows):  # case 65
    confirmation = ana.confirmed((MILK, "1"))

    numbers = {ana.place(confirmation, key=key).json()["number"] for key in ("a", "b", "a")}

    assert numbers == {"PED-10001"}
    assert count_rows(Order) == 1
