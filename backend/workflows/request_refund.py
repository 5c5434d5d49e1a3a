"""Request a refund: money of a payment goes back to how it was paid, once someone who may says so."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy.orm import Session

from backend import events
from backend.customers import service as customers
from backend.orders import service as orders
from backend.orders.models import Order
from backend.payments import refunds, settlements
from backend.payments import service as payments
from backend.payments.errors import PaymentDisputed, PaymentMismatch, RefundTooLarge
from backend.payments.models import Payment, Refund
from backend.payments.refunds import NewRefund
from backend.payments.service import MANUAL
from backend.workflows.look_at_limits import REFUND, is_within
from kernel import clock, durable

QUEUE = "oms_payments"
WORKFLOW = "send_refund"
# Whoever asks by what the shop offers to everyone: cancelling an order, returning goods.
CUSTOMER = frozenset({"customer"})
# What the customer's bank took back, or may: nobody else gives it back.
THEIRS = ("disputed", "lost")


def request_refund(
    session: Session,
    payment: Payment,
    amount_minor: int,
    *,
    key: str,
    reason: str,
    who: str,
    roles: Set[str],
    way: str | None = None,
    credit_note_id: str | None = None,
) -> Refund:
    """The refund of so much of the (locked) payment, whose order and customer are locked; the same `key` is the same.

    What it takes is nobody else's from now on. Within the limits of `roles` it is approved at once. `way` is by its
    provider, unless a person is to give it back.

    Records: Refund; a BalanceEntry for what has to come back from the balance; what `approve` records, or the event
    `refund.requested`.
    Raises: RefundTooLarge, PaymentDisputed.
    """
    known = refunds.of_key(session, key)
    if known is not None:
        return known
    if payment.status in THEIRS:
        raise PaymentDisputed(number=payment.number)
    available = available_minor(session, payment)
    if amount_minor > available:
        raise RefundTooLarge(available_minor=available, amount_minor=amount_minor, currency=payment.currency)
    short = amount_minor - settlements.free_minor(session, [payment])[payment.id]
    new = NewRefund(
        key=key,
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        currency=payment.currency,
        amount_minor=amount_minor,
        way="manual" if payment.provider == MANUAL else way or "provider",
        reason=reason,
        requested_by=who,
        credit_note_id=credit_note_id,
    )
    refund = refunds.open_refund(session, new)
    take_from_balance(session, payment, short, refund.number, who)
    _enter(session, refund, "refund_requested", who)
    if is_within(session, REFUND, who, roles, amount_minor):
        approve(session, payment, refund, who)
    else:
        tell_refund(session, payment, refund, "refund.requested")
    return refund


def lock_and_request(
    session: Session,
    payment: Payment,
    amount_minor: int,
    currency: str,
    *,
    key: str,
    reason: str,
    who: str,
    roles: Set[str],
    way: str | None,
) -> Refund:
    """`request_refund` of a payment that nobody locked yet: orders first, then the customer, then the payment.

    Raises: PaymentMismatch, RefundTooLarge, PaymentDisputed.
    """
    if currency != payment.currency:
        raise PaymentMismatch(currency=currency, expected=payment.currency)
    if payment.order_id is not None:
        orders.by_id(session, payment.order_id, lock=True)
    customers.lock(session, payment.customer_id)
    locked = payments.locked(session, payment.id)
    return request_refund(session, locked, amount_minor, key=key, reason=reason, who=who, roles=roles, way=way)


def refund_order(
    session: Session,
    order: Order,
    *,
    key: str,
    reason: str,
    who: str,
    roles: Set[str],
    most_minor: int | None = None,
    credit_note_id: str | None = None,
) -> list[Refund]:
    """What customers have with us of the (locked) order's payments goes back, the newest payment first.

    Records: what `request_refund` records, for each payment.
    """
    customers.lock(session, order.customer_id)
    made: list[Refund] = []
    for each in reversed(payments.of_orders(session, [order.id])[order.id]):
        payment = payments.locked(session, each.id)
        if payment.status in THEIRS:
            continue
        part = available_minor(session, payment)
        if most_minor is not None:
            part = min(part, most_minor - sum(refund.amount_minor for refund in made))
        if part > 0:
            made.append(
                request_refund(
                    session,
                    payment,
                    part,
                    key=f"{key}:{payment.number}",
                    reason=reason,
                    who=who,
                    roles=roles,
                    credit_note_id=credit_note_id,
                )
            )
    return made


def approve(session: Session, payment: Payment, refund: Refund, who: str) -> None:
    """The (locked) refund may go out. Records: its state, durable work, an OrderEntry, the event `refund.approved`."""
    refund.status, refund.approved_by, refund.approved_at = "approved", who, clock.now()
    session.flush()
    if refund.way == "provider":
        enqueue_refund(session, refund, "send")
    tell_refund(session, payment, refund, "refund.approved")


def enqueue_refund(session: Session, refund: Refund, name: str) -> None:
    """Work for a refund: one of a payment at a time, in order."""
    durable.enqueue(
        session,
        WORKFLOW,
        refund.id,
        queue=QUEUE,
        partition=refund.payment_id,
        workflow_id=f"refund:{refund.id}:{name}",
    )


def available_minor(session: Session, payment: Payment) -> int:
    """What of a payment can be given back: what is free of it, and what became balance and still is."""
    free = settlements.free_minor(session, [payment])[payment.id]
    moved = settlements.moved_to_balance(session, [payment.id]).get(payment.id, 0)
    return free + min(moved, settlements.balance(session, payment.customer_id, payment.currency))


def take_from_balance(session: Session, payment: Payment, short_minor: int, cause: str, who: str) -> None:
    """What became balance out of the payment is back in it. Records: one BalanceEntry."""
    if short_minor > 0:
        settlements.enter_balance(
            session,
            f"refund:{cause}",
            payment.customer_id,
            payment.currency,
            "refunded",
            -short_minor,
            who,
            payment_id=payment.id,
        )


def tell_refund(
    session: Session, payment: Payment, refund: Refund, kind: str, *, receipt_url: str | None = None
) -> None:
    """Records: the event `kind` of the refund's order."""
    order = orders.by_id(session, refund.order_id).order if refund.order_id else None
    subject = order.number if order else payment.number
    told = {
        "number": subject,
        "customer_id": refund.customer_id,
        "refund": refund.number,
        "payment": payment.number,
        "method": payment.method,
        "way": refund.way,
        "amount": {"amount_minor": refund.amount_minor, "currency": refund.currency},
        "reason": refund.note if kind == "refund.rejected" else refund.reason,
    }
    if receipt_url:
        told["receipt_url"] = receipt_url
    events.record(session, kind, subject, told)


def _enter(session: Session, refund: Refund, what: str, who: str) -> None:
    if refund.order_id is not None:
        facts = {"refund": refund.number, "amount_minor": refund.amount_minor, "currency": refund.currency}
        orders.enter(session, refund.order_id, what, who, clock.now(), refund.reason, facts=facts)
