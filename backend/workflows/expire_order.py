"""Expire an order: it was to be paid first, and nobody did in time. Its stock is for others again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.orders import approval
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.payment_proofs import service as proofs
from backend.payments import service as payments
from backend.payments.providers import Providers
from backend.workflows.cancel_order import cancel
from backend.workflows.check_payment import check_payment
from backend.workflows.look_at_dues import look_at_dues
from backend.workflows.start_payment import QUEUE, open_at_provider
from kernel import clock, durable
from kernel.db import Database

WORKFLOW = "expire_order"
UNPAID = "unpaid"
# So long a provider that does not answer is waited for: what it took meanwhile goes back.
PATIENCE = timedelta(minutes=30)


def expire_order(database: Database, providers: Providers, order_id: str) -> None:
    """Close its pages and ask what they took; then cancel the order, if it still is unpaid.

    Money that comes in that very moment is taken before, and the order goes on, or after, and goes back: both
    lock the order. Who paid a part is not cancelled by a clock.

    Records: as `check_payment` and `cancel`.
    """
    with database.write() as session:
        if _unpaid(session, order_id) is None:
            return
        waiting = payments.waiting_of(session, order_id)
        for payment in waiting:
            payment.expires_at = min(payment.expires_at or clock.now(), clock.now())
        opened = [payment.id for payment in waiting if payment.provider_ref is not None]
        unopened = [payment.id for payment in waiting if payment.provider_ref is None]
    for payment_id in opened:
        check_payment(database, providers, payment_id)
    for payment_id in unopened:
        open_at_provider(database, providers, payment_id, "")
    with database.write() as session:
        found = _unpaid(session, order_id)
        if found is None or found.pay_by is None:
            return
        if payments.waiting_of(session, order_id) and clock.now() < found.pay_by + PATIENCE:
            return
        cancel(session, found, "system", by="system", reason=UNPAID)


def _unpaid(session: Session, order_id: str) -> FullOrder | None:
    """The order, locked, if its time to be paid is over and nothing came.

    Who sent a proof that they paid has done what was asked: the order waits until finance has looked.
    """
    found = orders.by_id(session, order_id, lock=True)
    pay_by = approval.pay_by(session, [order_id]).get(order_id)
    if found.order.status != "on_hold" or pay_by is None or pay_by > clock.now():
        return None
    if proofs.has_open(session, order_id) or look_at_dues(session, [found.order])[order_id].paid_minor > 0:
        return None
    return FullOrder(found.order, found.lines, pay_by=pay_by)


def enqueue_unpaid(session: Session, limit: int) -> int:
    """Start expiring every order whose time to be paid is over; how many. Records: durable work."""
    now = clock.now()
    ended = approval.unpaid(session, now, limit)
    for order_id in ended:
        name = f"expire:{order_id}:{int(now.timestamp())}"
        durable.enqueue(session, WORKFLOW, order_id, queue=QUEUE, partition=order_id, workflow_id=name)
    return len(ended)
