"""What pays which invoice, and what customers have with us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.payments.errors import BalanceTooSmall
from backend.payments.models import UNDER_WAY, BalanceEntry, Payment, Refund, Settlement
from kernel import clock
from kernel.ids import new_id

_insert_settlement, _insert_entry = insert(table_of(Settlement)), insert(table_of(BalanceEntry))


@dataclass(frozen=True, slots=True)
class NewSettlement:
    """See Settlement; `amount_minor` is negative when one is taken back."""

    invoice_id: str
    kind: str
    amount_minor: int
    payment_id: str | None = None


def settle(session: Session, new: NewSettlement, who: str) -> None:
    """Records: one Settlement. Callers hold the order's (or the customer's) lock and have looked at what is open."""
    row = {
        "id": new_id(),
        "invoice_id": new.invoice_id,
        "kind": new.kind,
        "payment_id": new.payment_id,
        "amount_minor": new.amount_minor,
        "who": who,
        "settled_at": clock.now(),
    }
    session.connection().execute(_insert_settlement, row)


def settled_by(session: Session, invoice_id: str, payment_id: str) -> int:
    """What of an invoice a payment settles, in minor units."""
    query = select(func.sum(Settlement.amount_minor)).where(
        Settlement.invoice_id == invoice_id, Settlement.payment_id == payment_id
    )
    return int(session.scalar(query) or 0)


def kept_minor(session: Session, payments: Sequence[Payment]) -> dict[str, int]:
    """Per payment what of it came and is not (being) refunded."""
    ids = [payment.id for payment in payments]
    under_way = _sums(
        session, Refund.payment_id, Refund.amount_minor, Refund.payment_id.in_(ids), Refund.status.in_(UNDER_WAY)
    )
    return {
        payment.id: payment.captured_minor - payment.refunded_minor - under_way.get(payment.id, 0)
        for payment in payments
    }


def free_minor(session: Session, payments: Sequence[Payment]) -> dict[str, int]:
    """Per payment what of it is not (being) refunded, nor settled or moved to the balance: an advance for its order."""
    ids = [payment.id for payment in payments]
    kept = kept_minor(session, payments)
    used = _sums(session, Settlement.payment_id, Settlement.amount_minor, Settlement.payment_id.in_(ids))
    moved = moved_to_balance(session, ids)
    return {
        payment_id: minor - used.get(payment_id, 0) - moved.get(payment_id, 0) for payment_id, minor in kept.items()
    }


def moved_to_balance(session: Session, payment_ids: Sequence[str]) -> dict[str, int]:
    """Of the payments of which a part became the customer's balance: how much."""
    return _sums(session, BalanceEntry.payment_id, BalanceEntry.amount_minor, BalanceEntry.payment_id.in_(payment_ids))


def ever_moved(session: Session, payment_id: str) -> int:
    """All that of a payment ever became balance, whatever went back into it since: it only grows."""
    query = select(func.sum(BalanceEntry.amount_minor)).where(
        BalanceEntry.payment_id == payment_id, BalanceEntry.amount_minor > 0
    )
    return int(session.scalar(query) or 0)


def settled_of(session: Session, invoice_id: str) -> list[tuple[str, str | None, int]]:
    """What settles an invoice: the kind, the payment if one does, the amount; the newest payment first."""
    amount = func.sum(Settlement.amount_minor)
    query = (
        select(Settlement.kind, Settlement.payment_id, amount)
        .where(Settlement.invoice_id == invoice_id)
        .group_by(Settlement.kind, Settlement.payment_id)
        .having(amount > 0)
        .order_by(Settlement.payment_id.desc())
    )
    return [(kind, payment_id, int(part)) for kind, payment_id, part in session.execute(query)]


def settled_with(session: Session, payment_id: str) -> list[tuple[str, int]]:
    """The invoices that a payment settles and how much of each, the newest first."""
    amount = func.sum(Settlement.amount_minor)
    query = (
        select(Settlement.invoice_id, amount)
        .where(Settlement.payment_id == payment_id)
        .group_by(Settlement.invoice_id)
        .having(amount > 0)
        .order_by(Settlement.invoice_id.desc())
    )
    return [(invoice_id, int(part)) for invoice_id, part in session.execute(query)]


def _sums(session: Session, by: Any, amount: Any, *where: Any) -> dict[str, int]:
    return {key: int(total) for key, total in session.execute(select(by, func.sum(amount)).where(*where).group_by(by))}


def balance(session: Session, customer_id: str, currency: str) -> int:
    """What the customer has with us, in minor units."""
    query = select(func.sum(BalanceEntry.amount_minor)).where(
        BalanceEntry.customer_id == customer_id, BalanceEntry.currency == currency
    )
    return int(session.scalar(query) or 0)


def enter_balance(
    session: Session,
    key: str,
    customer_id: str,
    currency: str,
    kind: str,
    amount_minor: int,
    who: str,
    *,
    payment_id: str | None = None,
    invoice_id: str | None = None,
) -> None:
    """Add to, or take from (a negative amount), the balance of the (locked) customer; once for each `key`.

    Records: one BalanceEntry.
    Raises: BalanceTooSmall.
    """
    if session.scalar(select(BalanceEntry.id).where(BalanceEntry.key == key)) is not None:
        return
    if amount_minor < 0:
        there = balance(session, customer_id, currency)
        if there + amount_minor < 0:
            raise BalanceTooSmall(balance_minor=there, amount_minor=-amount_minor, currency=currency)
    row = {
        "id": new_id(),
        "key": key,
        "customer_id": customer_id,
        "currency": currency,
        "kind": kind,
        "amount_minor": amount_minor,
        "payment_id": payment_id,
        "invoice_id": invoice_id,
        "who": who,
        "entered_at": clock.now(),
    }
    session.connection().execute(_insert_entry, row)
