"""What always holds of what customers are reminded of, and of what they promise to pay."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Executable, func, or_, select

from backend.invoicing.models import Invoice
from backend.reminders.models import PaymentPromise, Reminder


def _reminded_of_what_is_owed() -> Executable:
    """A credit note is nothing to pay, and of no invoice more is open than it was for."""
    return (
        select(Invoice.number.label("subject"), Reminder.stage, Reminder.open_minor)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(
            or_(
                Invoice.kind == "credit_note",
                Reminder.open_minor <= 0,
                Reminder.open_minor > Invoice.payable_minor,
                Reminder.reminded_at < Invoice.issued_at,
            )
        )
    )


def _one_promise_is_open() -> Executable:
    promises = func.count(PaymentPromise.id)
    return (
        select(PaymentPromise.customer_id.label("subject"), promises.label("open_promises"))
        .where(PaymentPromise.state == "open")
        .group_by(PaymentPromise.customer_id)
        .having(promises > 1)
    )


def _ended_promise_says_when() -> Executable:
    is_open = PaymentPromise.state == "open"
    return select(PaymentPromise.id.label("subject"), PaymentPromise.state, PaymentPromise.ended_at).where(
        is_open != PaymentPromise.ended_at.is_(None)
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "a reminder is of what was open": _reminded_of_what_is_owed,
    "a customer has one open promise to pay": _one_promise_is_open,
    "a promise that ended says when": _ended_promise_says_when,
}
