"""Record a payment that no provider tells of: cash at the door, a transfer, a card terminal, a cheque."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.orders.service import FullOrder
from backend.payments import service as payments
from backend.payments.models import Payment
from backend.payments.service import MANUAL, NewPayment, Said
from backend.workflows.take_payment import take_payment
from kernel import clock


def record_payment(
    session: Session,
    found: FullOrder,
    *,
    key: str,
    method: str,
    amount_minor: int,
    reference: str | None,
    who: str,
) -> Payment:
    """The payment of the (locked) order, captured; the same `key` again gives the same one.

    Money that came is a fact: it is taken whatever the order's state is, and what nobody is owed for is the customer's.

    Records: Payment, PaymentEvent; what `take_payment` records.
    Raises: PeriodClosed.
    """
    known = payments.of_key(session, key)
    if known is not None:
        return known
    order, now = found.order, clock.now()
    payment = payments.open_payment(
        session,
        NewPayment(key, order.id, order.customer_id, method, MANUAL, order.currency, amount_minor, who, reference),
    )
    payment.status, payment.captured_minor, payment.captured_at = "captured", amount_minor, now
    session.flush()
    said = Said(payment.number, "captured", amount_minor, order.currency, now, {"reference": reference}, who)
    payments.keep(session, payment, said)
    take_payment(session, payment, amount_minor, payment.number, who)
    return payment
