"""Decide on a refund that waits: approve it, reject it, or tell how a person gave it back."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy.orm import Session

from backend.approvals.errors import SamePerson
from backend.customers import service as customers
from backend.orders import service as orders
from backend.payments import refunds
from backend.payments import service as payments
from backend.payments.errors import RefundLimit, RefundNotOpen
from backend.payments.models import Payment, Refund
from backend.workflows.look_at_limits import REFUND, most_alone
from backend.workflows.request_refund import approve
from backend.workflows.settle_refund import drop, succeed


def approve_refund(session: Session, number: str, who: str, roles: Set[str]) -> Refund:
    """The refund, on its way. Records: what `request_refund.approve` records.

    Raises: RefundNotFound, RefundNotOpen, SamePerson, RefundLimit.
    """
    payment, refund = lock_refund(session, refunds.find(session, number))
    if refund.status != "requested":
        raise RefundNotOpen(number=refund.number, status=refund.status)
    if refund.requested_by == who:
        raise SamePerson(number=refund.number)
    _require_limit(session, refund, who, roles)
    approve(session, payment, refund, who)
    return refund


def reject_refund(session: Session, number: str, reason: str, who: str) -> Refund:
    """The refund, rejected: the money stays the customer's, as balance.

    Records: its state, BalanceEntry, an OrderEntry, the event `refund.rejected`.
    Raises: RefundNotFound, RefundNotOpen.
    """
    payment, refund = lock_refund(session, refunds.find(session, number))
    if refund.status != "requested":
        raise RefundNotOpen(number=refund.number, status=refund.status)
    refund.note = reason
    drop(session, payment, refund, "rejected", who)
    return refund


def pay_out_refund(session: Session, number: str, out_of: str, reference: str | None, who: str) -> Refund:
    """The refund that a person gave back, out of that account: done.

    Records: what `settle_refund.succeed` records.
    Raises: RefundNotFound, RefundNotOpen, PeriodClosed.
    """
    payment, refund = lock_refund(session, refunds.find(session, number))
    if refund.status != "approved" or refund.way != "manual":
        raise RefundNotOpen(number=refund.number, status=refund.status)
    refund.refund_ref = reference
    succeed(session, payment, refund, out_of, who)
    return refund


def lock_refund(session: Session, refund: Refund) -> tuple[Payment, Refund]:
    """Orders first, then the customer, the payment and the refund: one order of locks for everyone."""
    if refund.order_id is not None:
        orders.by_id(session, refund.order_id, lock=True)
    customers.lock(session, refund.customer_id)
    return payments.locked(session, refund.payment_id), refunds.locked(session, refund.id)


def _require_limit(session: Session, refund: Refund, who: str, roles: Set[str]) -> None:
    most = most_alone(session, REFUND, who, roles)
    if most is not None and refund.amount_minor > most:
        raise RefundLimit(amount_minor=refund.amount_minor, limit_minor=most, currency=refund.currency)
