"""What a cart whose summary was shown sets aside: for a while, from its share, never twice."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.inventory import holds
from backend.inventory import service as inventory
from backend.inventory.models import Allocation, Reservation, StockHold
from backend.orders.models import Order
from kernel import clock
from tests.backend.shopper import BREAD, MILK, code_of


@pytest.fixture
def held(database):
    """(state, base units) of all holds of milk."""

    def look():
        with database.read() as session:
            rows = session.execute(select(StockHold.state, StockHold.quantity).where(StockHold.sku == MILK))
            return sorted(row._tuple() for row in rows)

    return look


def sweep(database):
    with database.write() as session:
        return inventory.release_expired_holds(session)


def later(shopper, minutes):
    travelled = time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False)
    travelled.start()
    shopper.headers = type(shopper)(shopper.http, shopper.id).headers
    return travelled


def test_a_shown_summary_sets_its_goods_aside_for_a_quarter_of_an_hour(ana, available, held):
    ana.add(MILK, "4")
    ana.choose()
    before = clock.now()

    answer = ana.act("POST", "/cart/confirmation").json()

    assert available(MILK) == 6
    assert held() == [("live", 4)]
    assert (
        before + timedelta(minutes=15) <= datetime.fromisoformat(answer["held_until"]) < before + timedelta(minutes=16)
    )
    assert answer["waiting"] == []


def test_what_was_held_becomes_the_reservation_and_no_more(ana, database, available, held, count_rows):
    confirmation = ana.confirmed((MILK, "4"))

    assert ana.place(confirmation).status_code == 201

    assert (available(MILK), held()) == (6, [("used", 4)])
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 10, 4)]
        [decided] = session.scalars(select(Allocation))
    assert (decided.order_id, decided.rule) == (None, "nearest_complete")
    assert count_rows(Reservation) == 1


def test_showing_the_summary_again_replaces_what_was_held(ana, available, held):
    ana.confirmed((MILK, "4"))

    ana.confirm()

    assert (available(MILK), held()) == (6, [("live", 4), ("released", 4)])


@pytest.mark.parametrize(
    "change", [{"op": "clear"}, {"op": "remove", "sku": MILK}, {"op": "set", "sku": MILK, "quantity": "1"}]
)
def test_changing_the_cart_gives_back_what_was_held(ana, available, held, change):
    ana.confirmed((MILK, "4"))

    assert ana.change(change).status_code == 200

    assert (available(MILK), held()) == (10, [("released", 4)])


def test_what_is_held_past_its_time_is_swept_and_not_before(ana, database, available, held):
    ana.confirmed((MILK, "4"))

    with time_machine.travel(clock.now() + timedelta(minutes=14)):
        assert (sweep(database), available(MILK)) == (0, 6)
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1)):
        assert (sweep(database), available(MILK)) == (1, 10)
        assert sweep(database) == 0

    assert held() == [("released", 4)]


def test_placing_after_the_hold_ended_reserves_anew(ana, database, available, held):  # case 58
    confirmation = ana.confirmed((MILK, "4"))
    travelled = later(ana, 20)
    assert sweep(database) == 1

    placed = ana.place(confirmation)
    travelled.stop()

    assert placed.status_code == 201
    assert (available(MILK), held()) == (6, [("released", 4)])


def test_placing_after_the_hold_ended_and_others_took_the_goods_is_refused(ana, beto, count_rows, held):  # case 58
    confirmation = ana.confirmed((MILK, "4"))
    travelled = later(ana, 20)
    beto.headers = type(beto)(beto.http, beto.id).headers
    beto.order((MILK, "8"))

    refused = ana.place(confirmation)
    travelled.stop()

    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json()["params"]["available"] == 2
    assert count_rows(Order) == 1
    assert held() == [("released", 4)]


def test_a_hold_whose_time_is_over_does_not_keep_goods_from_others(ana, beto, available):
    ana.confirmed((MILK, "5"))
    travelled = later(beto, 16)

    beto.order((MILK, "10"))
    travelled.stop()

    assert available(MILK) == 0


def test_carts_hold_half_of_what_is_on_hand_and_no_more(new_shopper, database, available):  # case 63
    answers = []
    for _ in range(30):
        scalper = new_shopper()
        scalper.add(MILK, "1")
        scalper.choose()
        answers.append(scalper.act("POST", "/cart/confirmation"))

    assert Counter(answer.status_code for answer in answers) == {200: 30}
    assert [answer.json()["held_until"] is not None for answer in answers] == [True] * 5 + [False] * 25
    assert available(MILK) == 5
    with database.read() as session:
        assert len(session.scalars(select(StockHold).where(StockHold.state == "live")).all()) == 5


def test_a_customer_holds_once_however_often_the_summary_is_shown(ana, available, held):  # case 63
    ana.confirmed((MILK, "3"))
    for _ in range(5):
        ana.confirm()

    assert available(MILK) == 7
    assert held() == [("live", 3)] + [("released", 3)] * 5


def test_more_than_the_share_is_shown_without_a_hold_and_can_still_be_ordered(ana, available, held):
    confirmation = ana.confirmed((MILK, "9"))
    assert (available(MILK), held()) == (10, [])

    assert ana.place(confirmation).status_code == 201
    assert available(MILK) == 1


def test_what_is_held_in_part_is_completed_when_placing(ana, available, database):
    confirmation = ana.confirmed((MILK, "9"), (BREAD, "2"))
    assert (available(MILK), available(BREAD)) == (10, 8)

    assert ana.place(confirmation).status_code == 201

    assert (available(MILK), available(BREAD)) == (1, 8)
    with database.read() as session:
        [decided] = session.scalars(select(Allocation))
    assert decided.order_id is not None


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1), timedelta(days=-30)])
def test_a_clock_that_jumps_neither_revives_a_hold_nor_keeps_it_for_ever(  # case 131
    ana, database, available, held, count_rows, jump
):
    confirmation = ana.confirmed((MILK, "4"))

    with time_machine.travel(clock.now() + jump):
        assert (sweep(database), available(MILK)) == (1, 10)
    assert (sweep(database), available(MILK), held()) == (0, 10, [("released", 4)])

    assert ana.place(confirmation).status_code == 201
    assert (available(MILK), held(), count_rows(Order)) == (6, [("released", 4)], 1)


def test_the_share_is_a_half():
    assert (timedelta(minutes=15), 0.5) == (holds.HOLD_FOR, holds.MAX_HELD_SHARE)
