"""Any two of the things that can happen to a held cart at the same moment: whatever wins, nothing is promised twice."""

import threading
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from backend.audit import audit
from backend.inventory import holds
from backend.inventory import service as inventory
from backend.inventory.models import Reservation, StockHold
from backend.orders.models import Order
from backend.workflows.cancel_order import cancel_order
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from backend.workflows.place_order import place_order
from kernel.errors import ComandaError
from tests.backend.shopper import MILK, add_customer


class Held:
    """A customer whose cart holds four of ten milks, and who confirmed it; another holds nothing yet."""

    def __init__(self, database):
        self.database = database
        with database.write() as session:
            self.customer, self.rival = add_customer(session), add_customer(session)
            for customer in (self.customer, self.rival):
                change_cart(session, customer, [Change("add", MILK, "4")])
                choose_checkout(session, customer, address_text="Calle 1 # 2-3", payment_method="nequi")
            self.confirmation = confirm_cart(session, self.customer).confirmation
            self.rivals_confirmation = confirm_cart(session, self.rival).confirmation

    def place(self, session):
        place_order(session, self.customer, self.confirmation)

    def confirm(self, session):
        confirm_cart(session, self.customer)

    def change(self, session):
        change_cart(session, self.customer, [Change("set", MILK, "2")])

    def expire(self, session):
        inventory.release_expired_holds(session)

    def rival_places(self, session):
        place_order(session, self.rival, self.rivals_confirmation)

    def cancel(self, session):
        number = session.scalar(select(Order.number).where(Order.customer_id == self.customer))
        if number is not None:
            cancel_order(session, self.customer, number)

    def do(self, name):
        """Its code when it was refused."""
        try:
            with self.database.write() as session:
                getattr(self, name)(session)
        except ComandaError as refusal:
            return refusal.code
        return None


STEPS = ("place", "confirm", "change", "expire", "rival_places", "cancel")


@pytest.mark.parametrize(("one", "other"), list(product(STEPS, STEPS)))
def test_two_steps_at_once_leave_what_one_after_the_other_would(database, market, monkeypatch, one, other):  # case 58
    held = Held(database)
    # What is held is over at once, so that expiring is a step like the others.
    monkeypatch.setattr(holds, "HOLD_FOR", timedelta(0))
    with database.write() as session:
        session.query(StockHold).update({StockHold.expires_at: StockHold.held_at})
    gate, refused = threading.Barrier(2), []

    def run(name):
        gate.wait(10)
        refused.append(held.do(name))

    threads = [threading.Thread(target=run, args=(name,)) for name in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert set(refused) <= {None, "confirmation_stale", "cart_empty", "order_not_cancellable"}, refused
    with database.read() as session:
        assert audit(session) == []
        orders = session.scalars(select(Order)).all()
        live = session.scalars(select(Reservation).where(Reservation.state == "live")).all()
        assert len({order.customer_id for order in orders}) == len(orders)
        assert sum(row.quantity for row in live) == 4 * sum(order.status != "cancelled" for order in orders)
        assert session.scalars(select(StockHold).where(StockHold.state == "used")).all() == [] or orders
