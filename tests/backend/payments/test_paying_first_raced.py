"""Any two of the things that can happen at the same moment to an order that waits to be paid."""

import threading
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from backend.audit import audit
from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.shop import set_payments
from backend.inventory.models import Reservation
from backend.orders import service as orders
from backend.orders.models import Order, OrderHold
from backend.payments.models import Refund
from backend.payments.providers import Providers
from backend.workflows.cancel_order import cancel_order
from backend.workflows.change_cart import Change
from backend.workflows.change_order import apply_change, propose_change
from backend.workflows.expire_order import expire_order
from backend.workflows.record_payment import record_payment
from kernel import clock
from kernel.errors import ComandaError
from tests.backend.shopper import DELIVERY_FEE, MILK

TOTAL = 4 * 450_000 + DELIVERY_FEE
LIFETIME = timedelta(minutes=120)
STEPS = ("pay", "expire", "cancel", "change")
REFUSALS = {None, "order_not_cancellable", "order_not_changeable", "change_stale", "payment_time_over"}


class Unpaid:
    """An order of four milks, to be paid by transfer before it is got ready; the customer was shown two instead."""

    def __init__(self, database, ana, *, is_late):
        self.database, self.customer, self.who = database, ana.id, f"customer:{ana.id}"
        with database.write() as session:
            words = {"es": "hoy", "en": "today"}
            minutes = int(LIFETIME.total_seconds() // 60)
            method = PaymentMethod("nequi", words, "transfer", holds_until_paid=True, expires_minutes=minutes)
            set_payments(session, [method], None)
        ana.add(MILK, "4")
        ana.act("PUT", "/cart/checkout", {"address_text": "Calle 45 # 12-30, Bogotá", "payment_method": "nequi"})
        self.number = ana.place(ana.confirm()).json()["number"]
        with database.write() as session:
            found = orders.find_any(session, self.number, lock=True)
            self.order_id = found.order.id
            preview = propose_change(session, found, [Change("set", MILK, "2")], None, self.who)
            self.confirmation = preview.confirmation
            if is_late:
                over = clock.now() - timedelta(minutes=1)
                session.query(Order).update({Order.placed_at: over - LIFETIME})
                session.query(OrderHold).update({OrderHold.held_at: over - LIFETIME, OrderHold.expires_at: over})

    def pay(self, key):
        with self.database.write() as session:
            found = orders.find_any(session, self.number, lock=True)
            record_payment(
                session, found, key=key, method="bank_transfer", amount_minor=TOTAL, reference=None, who="staff:1"
            )

    def expire(self, _key):
        expire_order(self.database, Providers({}), self.order_id)

    def cancel(self, _key):
        with self.database.write() as session:
            cancel_order(session, self.customer, self.number)

    def change(self, _key):
        with self.database.write() as session:
            found = orders.find_any(session, self.number, lock=True)
            apply_change(session, found, self.confirmation, self.who)

    def do(self, name, key):
        """Its code when it was refused."""
        try:
            getattr(self, name)(key)
        except ComandaError as refusal:
            return refusal.code
        return None


@pytest.mark.parametrize(("one", "other"), list(product(STEPS, STEPS)))
def test_two_steps_at_once_leave_what_one_after_the_other_would(database, ana, one, other):  # cases 58, 76
    pair = {one, other}
    unpaid = Unpaid(database, ana, is_late="expire" in pair)
    gate, refused, done = threading.Barrier(2), [], set()

    def run(name, key):
        gate.wait(10)
        refused.append(unpaid.do(name, key))
        if refused[-1] is None:
            done.add(name)

    threads = [threading.Thread(target=run, args=step) for step in ((one, "first"), (other, "second"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(refused) == 2
    assert set(refused) <= REFUSALS, refused
    with database.read() as session:
        assert audit(session) == []
        found = orders.find_any(session, unpaid.number)
        live = session.scalars(select(Reservation).where(Reservation.state == "live")).all()
        refunds = session.scalars(select(Refund)).all()
    status = found.order.status
    if pair == {"pay", "expire"}:
        assert status in ("confirmed", "cancelled")
    elif pair & {"expire", "cancel"}:
        assert status == "cancelled"
    else:
        assert status == ("confirmed" if "pay" in pair else "on_hold")
    quantity = 0 if status == "cancelled" else 2 if "change" in done else 4
    assert sum(row.quantity for row in live) == quantity
    # Money for what is cancelled goes back, whichever was first; nobody has both the goods and the money.
    goes_back = [TOTAL] if "pay" in pair and status == "cancelled" else []
    assert [refund.amount_minor for refund in refunds] == goes_back
