from itertools import count

from backend.audit import audit
from backend.events import Event
from backend.idempotency import IdempotentAct
from backend.inventory.models import Reservation
from backend.orders.models import Order, OrderEntry, OrderLine
from tests.backend.killing import place, run_and_kill_at
from tests.backend.shopper import BREAD, MILK
from tests.backend.test_storms import confirmed_carts


def test_an_order_killed_at_any_statement_is_whole_or_not_there(database, database_url, market, count_rows):  # case 47
    with database.write() as session:
        [(customer, confirmation)] = confirmed_carts(session, 1, (MILK, "2"), (BREAD, "1"))

    def written():
        with database.read() as session:
            assert audit(session) == []
        return [count_rows(model) for model in (Order, OrderLine, OrderEntry, Reservation, Event, IdempotentAct)]

    for word in count(1):
        if not run_and_kill_at(word, place, database_url, customer, confirmation, "order:place"):
            break
        assert written() == [0] * 6, f"killed at {word}"

    assert word > 12, "the order is placed in more than a dozen statements"
    assert written() == [1, 2, 2, 2, 2, 1]
    place(database_url, customer, confirmation, "order:place")
    assert written() == [1, 2, 2, 2, 2, 1]
