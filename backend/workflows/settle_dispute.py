"""Settle a dispute: what a customer's bank took back of a payment, until it decides, and what it decided."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import shop, shop_day
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.rules import Leg
from backend.ledger.service import Fact
from backend.orders import service as orders
from backend.orders.approval import PAYMENT_DISPUTED, Reason
from backend.payments import refunds
from backend.payments.models import Payment
from backend.payments.providers import SeenDispute
from backend.payments.refunds import NewRefund
from backend.workflows.cover_order import cover_order
from backend.workflows.hold_back_order import is_begun
from backend.workflows.hold_order import hold_order
from backend.workflows.request_refund import available_minor
from backend.workflows.settle_refund import free_up
from kernel import clock


def fold_dispute(session: Session, payment: Payment, seen: SeenDispute | None) -> None:
    """Bring the (locked) payment up to what its provider says of a dispute. What was decided stays decided.

    Nothing is got ready for an order whose money is disputed: it waits for a person, if nothing of it has begun.

    Records: the payment's state, JournalEntry rows, an OrderEntry, the events `payment.disputed`, `payment.won` and
    `payment.lost`; for what had paid nothing yet a Refund; what `hold_order` records.
    Raises: PeriodClosed.
    """
    if seen is None or payment.status == "lost":
        return
    if payment.status == "captured" and payment.disputed_minor == 0:
        amount = min(seen.amount_minor, payment.captured_minor)
        payment.status, payment.disputed_minor = "disputed", amount
        _book(session, payment, "disputed", rules.chargeback_opened(amount))
        _hold(session, payment)
    if payment.status == "disputed" and seen.status == "won":
        payment.status = "captured"
        _book(session, payment, "won", rules.chargeback_won(payment.disputed_minor))
    if payment.status == "disputed" and seen.status == "lost":
        _lose(session, payment)


def _lose(session: Session, payment: Payment) -> None:
    who = f"provider:{payment.provider}"
    back = min(available_minor(session, payment), payment.disputed_minor)
    if back > 0:
        free_up(session, payment, back, f"dispute:{payment.number}", who)
        new = NewRefund(
            key=f"dispute:{payment.number}",
            payment_id=payment.id,
            order_id=payment.order_id,
            customer_id=payment.customer_id,
            currency=payment.currency,
            amount_minor=back,
            way="dispute",
            reason="chargeback",
            requested_by=who,
        )
        refund = refunds.open_refund(session, new)
        refund.status, refund.ended_at = "succeeded", clock.now()
        payment.refunded_minor += back
    payment.status = "lost"
    session.flush()
    _book(session, payment, "lost", rules.chargeback_lost(back, payment.disputed_minor - back))


def _book(session: Session, payment: Payment, what: str, legs: list[Leg]) -> None:
    session.flush()
    who = f"provider:{payment.provider}"
    order = orders.by_id(session, payment.order_id).order if payment.order_id else None
    subject = order.number if order else payment.number
    fact = Fact(
        key=f"chargeback_{what}:{payment.number}",
        name=f"chargeback_{what}",
        subject=subject,
        currency=payment.currency,
        occurred_on=shop_day(shop(session)),
        who=who,
        customer_id=payment.customer_id,
    )
    ledger.post(session, fact, legs)
    amount = {"amount_minor": payment.disputed_minor, "currency": payment.currency}
    told = orders.fact(order) if order else {"number": payment.number, "customer_id": payment.customer_id}
    events.record(session, f"payment.{what}", subject, told | {"payment": payment.number, "amount": amount})
    if order is not None:
        orders.enter(session, order.id, f"payment_{what}", who, clock.now(), facts={"payment": payment.number})


def _hold(session: Session, payment: Payment) -> None:
    if payment.order_id is None:
        return
    found = orders.by_id(session, payment.order_id)
    if found.order.status == "confirmed" and not is_begun(session, found.order.id):
        hold_order(session, found, [Reason(PAYMENT_DISPUTED, {"payment": payment.number})])
        cover_order(session, found)
