"""Real processes that want the same thing at the same moment.

The full storms are `STORM_PROCESSES=50 STORM_ROUNDS=200 pytest tests/backend/test_storms.py`.
"""

import os
import random
from itertools import cycle, islice

import pytest

from backend.audit import audit
from backend.carts import service as carts
from backend.fulfillment.models import Shortage
from backend.inventory import service as inventory
from backend.inventory.models import Reservation, StockMove
from backend.orders import service as orders
from backend.orders.models import Order
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from tests.backend.shopper import BREAD, MILK, SODA, add_customer
from tests.backend.storm import Storm, add_to_cart, cancel, decide, fulfil, many, place

PROCESSES = int(os.environ.get("STORM_PROCESSES", "20"))
ROUNDS = int(os.environ.get("STORM_ROUNDS", "3"))

pytestmark = pytest.mark.timeout(3_600)


def confirmed_carts(session, count, *wishes):
    """`count` new customers who each confirmed `wishes`: (customer, confirmation)."""
    confirmed = []
    for _ in range(count):
        customer_id = add_customer(session)
        change_cart(session, customer_id, [Change("add", sku, quantity) for sku, quantity in wishes])
        choose_checkout(session, customer_id, address_text="Calle 1 # 2-3", payment_method="cash_on_delivery")
        confirmed.append((customer_id, confirm_cart(session, customer_id).confirmation))
    return confirmed


def set_stock(session, market, sku, quantity):
    free = inventory.available(session, [sku])[sku]
    if quantity != free:
        inventory.adjust(session, sku, market.centro, quantity - free, note="recount")


def test_the_last_one_is_sold_once(database, database_url, market, count_rows):  # case 56
    with Storm(database_url, PROCESSES) as storm:
        for sold in range(1, ROUNDS + 1):
            with database.write() as session:
                set_stock(session, market, MILK, 1)
                confirmed = confirmed_carts(session, PROCESSES, (MILK, "1"))

            answers = storm.rage(
                [(place, customer, confirmation, confirmation) for customer, confirmation in confirmed]
            )

            assert sorted(answers, key=len) == [f"PED-{10_000 + sold}"] + ["out_of_stock"] * (PROCESSES - 1)
            assert (count_rows(Order), count_rows(Reservation)) == (sold, sold)


def test_the_same_confirmation_at_once_is_one_order(database, database_url, market, count_rows):  # case 65
    with database.write() as session:
        [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "1"))

    with Storm(database_url, PROCESSES) as storm:
        same_key = storm.rage([(place, customer, confirmation, "order:place")] * PROCESSES)
        other_keys = storm.rage([(place, customer, confirmation, f"{n}") for n in range(PROCESSES)])

    assert same_key + other_keys == ["PED-10001"] * 2 * PROCESSES
    assert count_rows(Order) == 1


def test_two_confirmations_at_once_under_many_keys_are_one_order(database, database_url, market, count_rows):  # case 64
    with database.write() as session:
        [(customer, on_whatsapp)] = confirmed_carts(session, 1, (MILK, "1"))
        on_the_web = confirm_cart(session, customer).confirmation

    with Storm(database_url, PROCESSES) as storm:
        either = islice(cycle((on_whatsapp, on_the_web)), PROCESSES)
        answers = storm.rage([(place, customer, confirmation, f"{n}") for n, confirmation in enumerate(either)])

    print(f"{PROCESSES} confirmations of one cart on two channels: orders {count_rows(Order)}")
    assert answers == ["PED-10001"] * PROCESSES
    assert count_rows(Order) == 1


def test_orders_for_the_same_goods_in_opposite_order_never_deadlock(database, database_url, market):  # case 60
    with Storm(database_url, PROCESSES) as storm:
        for _ in range(ROUNDS):
            with database.write() as session:
                for sku in (MILK, BREAD, SODA):
                    set_stock(session, market, sku, PROCESSES)
                forth = confirmed_carts(session, PROCESSES // 2, (MILK, "1"), (BREAD, "1"), (SODA, "1"))
                back = confirmed_carts(session, PROCESSES - PROCESSES // 2, (SODA, "1"), (BREAD, "1"), (MILK, "1"))

            answers = storm.rage(
                [(place, customer, confirmation, confirmation) for customer, confirmation in forth + back]
            )

            assert all(answer.startswith("PED-") for answer in answers), answers
            assert len(set(answers)) == PROCESSES


def test_an_order_cancelled_by_many_at_once_gives_its_stock_back_once(database, database_url, market, available):
    with Storm(database_url, PROCESSES) as storm:
        with database.write() as session:
            [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "4"))
        [number] = set(storm.rage([(place, customer, confirmation, "once")] * PROCESSES))

        answers = storm.rage([(cancel, customer, number, f"{n}") for n in range(PROCESSES)])

    assert sorted(answers) == [number] + ["unexpected: order_not_cancellable"] * (PROCESSES - 1)
    assert available(MILK) == 10


def test_one_customer_on_many_channels_has_one_cart(database, database_url, market):  # case 64
    with database.write() as session:
        customer = add_customer(session)
        inventory.receive(session, MILK, market.centro, PROCESSES)

    with Storm(database_url, PROCESSES) as storm:
        versions = storm.rage([(add_to_cart, customer, MILK, f"{n}") for n in range(PROCESSES)])

    assert sorted(map(int, versions)) == list(range(1, PROCESSES + 1))
    with database.read() as session:
        [line] = carts.look(session, customer).lines
    assert line.base_quantity == PROCESSES


def test_an_order_beside_a_change_of_its_cart_is_what_was_confirmed(database, database_url, market):  # case 64
    """Half place what was confirmed while half add to the cart: the order has the line as it was, or there is none."""
    with Storm(database_url, PROCESSES) as storm:
        for _ in range(ROUNDS):
            with database.write() as session:
                set_stock(session, market, MILK, 2 * PROCESSES)
                [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "1"))

            tasks = [
                (place, customer, confirmation, f"p{n}")
                if n % 2
                else (add_to_cart, customer, MILK, f"a{n}{confirmation}")
                for n in range(PROCESSES)
            ]
            answers = storm.rage(tasks)

            placed = set(answers[1::2])
            assert len(placed) == 1, answers
            assert not [answer for answer in answers if answer.startswith("unexpected")]
            if placed == {"confirmation_stale"}:
                continue
            with database.read() as session:
                [line] = session.query(Reservation).order_by(Reservation.id.desc()).limit(1)
            assert line.quantity == 1


@pytest.mark.parametrize("step", ["start", "pick", "pack", "ship"])
def test_an_order_cancelled_while_it_is_got_ready_is_one_or_the_other(
    database, database_url, market, available, step
):  # case 61
    """Half cancel while half take the next step: one of them wins, the others are told, and the stock agrees."""
    half, illegal = PROCESSES // 2, []
    with Storm(database_url, PROCESSES) as storm:
        for round_ in range(ROUNDS):
            with database.write() as session:
                set_stock(session, market, MILK, 10)
                [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "4"))
            number = place(database, customer, confirmation, confirmation)
            one = f"{number}-1"
            for before in ("start", "pick", "pack", "ship"):
                if before == step:
                    break
                assert fulfil(database, before, one, f"{before}:{one}") == "done"

            tasks = [(cancel, customer, number, f"c{n}:{one}") for n in range(half)]
            tasks += [(fulfil, step, one, f"{step}{n}:{one}") for n in range(PROCESSES - half)]
            answers = storm.rage(tasks)

            cancelled, stepped = answers[:half].count(number), answers[half:].count("done")
            told = {answer.removeprefix("unexpected: ") for answer in answers} - {number, "done"}
            assert told <= {
                "order_not_cancellable", "fulfillment_changed", "fulfillment_step_illegal", "not_packed",
                "nothing_to_pack", "picked_too_many",
            }, answers  # fmt: skip
            if step == "ship":
                # What left is not cancelled, what is cancelled does not leave; the same parcel twice leaves once.
                assert (cancelled == 1) != (stepped > 0), answers
                assert available(MILK) == (10 if cancelled else 6)
            else:
                assert cancelled == 1, answers
                assert stepped <= 1, answers
                assert available(MILK) == 10
            with database.read() as session:
                illegal += [(round_, finding) for finding in audit(session)]
    print(f"{ROUNDS} rounds of {PROCESSES} at once: illegal states {len(illegal)}")
    assert illegal == []


def test_one_parcel_handed_over_by_many_at_once_leaves_once(database, database_url, market, available):  # case 61
    with database.write() as session:
        [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "4"))
    number = place(database, customer, confirmation, "place")
    for step in ("start", "pick", "pack"):
        assert fulfil(database, step, f"{number}-1", step) == "done"

    with Storm(database_url, PROCESSES) as storm:
        answers = storm.rage([(fulfil, "ship", f"{number}-1", f"{n}") for n in range(PROCESSES)])

    assert set(answers) <= {"done", "unexpected: fulfillment_changed"}
    assert available(MILK) == 6
    with database.read() as session:
        assert sum(move.quantity for move in session.query(StockMove).filter_by(kind="issue")) == -4


def test_one_shortage_decided_by_many_at_once_is_decided_once(database, database_url, market):  # case 61
    with database.write() as session:
        [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "4"))
    number = place(database, customer, confirmation, "place")
    for step in ("start", "pick_short"):
        assert fulfil(database, step, f"{number}-1", step) == "done"
    with database.read() as session:
        [shortage] = session.query(Shortage)

    with Storm(database_url, PROCESSES) as storm:
        answers = storm.rage([(decide, customer, number, shortage.id, f"{n}") for n in range(PROCESSES)])

    assert sorted(answers) == [number] + ["unexpected: shortage_resolved"] * (PROCESSES - 1)
    with database.read() as session:
        assert orders.find_any(session, number).order.subtotal_minor == 3 * 450_000


ORDERS, WORKERS, CANCELLERS = 20, 6, 2
_STEPS = ("start", "pick", "pack", "ship")
_TOLD = {
    "order_not_cancellable", "fulfillment_changed", "fulfillment_step_illegal", "not_packed", "nothing_to_pack",
    "picked_too_many",
}  # fmt: skip


@pytest.mark.timeout(120)
def test_a_warehouse_full_of_orders_that_many_work_and_customers_cancel_adds_up(
    database, database_url, market, available
):  # case 61
    """Six pick, pack and ship the same twenty orders, in any order, while two cancel every other: each order is one or
    the other, every refusal is a known one, and the stock is what left and nothing else."""
    with database.write() as session:
        set_stock(session, market, MILK, 3 * ORDERS)
        confirmed = confirmed_carts(session, ORDERS, (MILK, "3"))
    numbers = {customer: place(database, customer, confirmation, confirmation) for customer, confirmation in confirmed}
    dice = random.Random(61)

    def shuffled():
        mine = list(numbers.items())
        dice.shuffle(mine)
        return mine

    tasks = [
        (many, [(fulfil, step, f"{number}-1", f"{who}:{step}:{number}") for _, number in shuffled() for step in _STEPS])
        for who in range(WORKERS)
    ]
    odd = [(customer, number) for customer, number in numbers.items() if int(number[-1]) % 2]
    tasks += [
        (many, [(cancel, customer, number, f"c{who}:{number}") for customer, number in odd])
        for who in range(CANCELLERS)
    ]
    with Storm(database_url, WORKERS + CANCELLERS) as storm:
        answers = "\n".join(storm.rage(tasks)).splitlines()

    told = {answer.removeprefix("unexpected: ") for answer in answers} - {"done", *numbers.values()}
    assert told <= _TOLD
    # Where all came at once and each was told to look again, the morning shift does.
    for number in numbers.values():
        for step in _STEPS:
            fulfil(database, step, f"{number}-1", f"morning:{step}:{number}")
    with database.read() as session:
        assert audit(session) == []
        statuses = {number: orders.find_any(session, number).order.status for number in numbers.values()}
        [(_, _, on_hand, reserved), *_] = inventory.levels(session, MILK)
        issued = -sum(move.quantity for move in session.query(StockMove).filter_by(kind="issue"))
    cancelled = [number for number, status in statuses.items() if status == "cancelled"]
    assert set(statuses.values()) <= {"confirmed", "cancelled"}
    assert all(int(number[-1]) % 2 for number in cancelled)
    assert issued == 3 * (ORDERS - len(cancelled))
    assert (on_hand, reserved, available(MILK)) == (3 * ORDERS - issued, 0, 3 * len(cancelled))
