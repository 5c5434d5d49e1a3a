"""Payments that came by the bank, as a statement may confirm them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.payments.errors import PaymentNotFound
from backend.payments.models import Payment

# The manual ways to pay whose money arrives on the bank account.
BANK_METHODS = frozenset({"bank_transfer", "nequi", "cheque", "money_order"})
# Shorter ones are found in every second text.
MIN_REFERENCE = 4
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def of_number(session: Session, number: str) -> Payment:
    """The payment, locked.

    Raises: PaymentNotFound.
    """
    found = session.scalar(select(Payment).where(Payment.number == number.strip().upper()).with_for_update())
    if found is None:
        raise PaymentNotFound()
    return found


def of_references(session: Session, references: Sequence[str]) -> dict[str, list[Payment]]:
    """The payments under each of these references, however they are spaced; the oldest first."""
    plain = func.upper(func.replace(Payment.reference, " ", ""))
    found: dict[str, list[Payment]] = {}
    for payment, reference in session.execute(select(Payment, plain).where(plain.in_(references)).order_by(Payment.id)):
        found.setdefault(reference, []).append(payment)
    return found


def between(session: Session, amount_minor: int, currency: str, since: datetime, until: datetime) -> list[Payment]:
    """Manual payments of just this amount that came by the bank between two instants."""
    query = (
        select(Payment)
        .where(
            Payment.provider == "manual",
            Payment.method.in_(BANK_METHODS),
            Payment.status == "captured",
            Payment.currency == currency,
            Payment.captured_minor == amount_minor,
            Payment.captured_at >= since,
            Payment.captured_at < until,
        )
        .order_by(Payment.id)
    )
    return list(session.scalars(query))


def named(payments: Sequence[Payment], text: str) -> list[Payment]:
    """Those whose reference, or own number, is in a bank's text."""
    words = _plain(text)
    return [payment for payment in payments if any(each in words for each in _references(payment))]


def _references(payment: Payment) -> list[str]:
    plain = (_plain(each) for each in (payment.reference, payment.number) if each)
    return [each for each in plain if len(each) >= MIN_REFERENCE]


def _plain(text: str) -> str:
    return _NOT_WORD.sub("", text.casefold())
