"""Move a surplus: what of a payment no invoice will ever need becomes its customer's balance."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.customers import service as customers
from backend.invoicing import service as invoicing
from backend.orders.models import Order
from backend.payments import service as payments
from backend.payments import settlements
from backend.payments.models import Payment
from backend.workflows.look_at_dues import uninvoiced_minor


def move_surplus(session: Session, order: Order | None, payment: Payment, who: str) -> int:
    """What of a payment no invoice will ever need becomes the balance of the (locked) customer; how much.

    Records: one BalanceEntry.
    """
    needed = 0
    free = settlements.free_minor(session, [payment])[payment.id]
    if order is not None:
        needed = uninvoiced_minor(order, invoicing.documents_of(session, [order.id])[order.id])
        others = [each for each in payments.of_orders(session, [order.id])[order.id] if each.id != payment.id]
        needed -= sum(settlements.free_minor(session, others).values())
    surplus = free - max(needed, 0)
    if surplus <= 0:
        return 0
    before = settlements.ever_moved(session, payment.id)
    settlements.enter_balance(
        session,
        f"overpaid:{payment.number}:{before}",
        payment.customer_id,
        payment.currency,
        "overpaid",
        surplus,
        who,
        payment_id=payment.id,
    )
    return surplus


def move_surpluses(session: Session, order: Order, who: str) -> int:
    """What the (locked) order does not need any more of its payments becomes its customer's balance; how much.

    Records: BalanceEntry rows.
    """
    paid = payments.of_orders(session, [order.id])[order.id]
    if not paid:
        return 0
    customers.lock(session, order.customer_id)
    return sum(move_surplus(session, order, payment, who) for payment in reversed(paid))
