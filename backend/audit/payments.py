"""What always holds of payments, of what they settle, and of the books that tell of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, and_, case, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from backend.invoicing.models import Invoice
from backend.ledger import chart
from backend.ledger.models import JournalEntry, Posting
from backend.orders.models import Order
from backend.payment_proofs.models import PaymentProof
from backend.payments.models import UNDER_WAY, BalanceEntry, Payment, PaymentEvent, Refund, Settlement


def _sum(column: Any, *conditions: Any) -> Any:
    return select(func.coalesce(func.sum(column), 0)).where(*conditions).correlate(Payment, Invoice).scalar_subquery()


def _payment_is_not_overspent() -> Executable:
    """What a payment settles, gave back and moved to the balance is at most what it captured (I4)."""
    settled = _sum(Settlement.amount_minor, Settlement.payment_id == Payment.id)
    moved = _sum(BalanceEntry.amount_minor, BalanceEntry.payment_id == Payment.id)
    free = Payment.captured_minor - Payment.refunded_minor - settled - moved
    return select(Payment.number.label("subject"), Payment.captured_minor, free.label("free_minor")).where(
        or_(free < 0, moved < 0)
    )


def _refunds_are_within() -> Executable:
    """I4: what succeeded is what the payment says; with what is under way it is at most what was captured."""
    done = _sum(Refund.amount_minor, Refund.payment_id == Payment.id, Refund.status == "succeeded")
    under_way = _sum(Refund.amount_minor, Refund.payment_id == Payment.id, Refund.status.in_(UNDER_WAY))
    return select(Payment.number.label("subject"), Payment.refunded_minor, done.label("succeeded_minor")).where(
        or_(Payment.refunded_minor != done, done + under_way > Payment.captured_minor)
    )


def _disputed_is_booked() -> Executable:
    """What banks keep while they decide is what the books call disputed."""
    kept = select(Payment.currency.label("currency"), Payment.disputed_minor.label("amount")).where(
        Payment.status == "disputed"
    )
    booked_by_currency = (
        select(JournalEntry.currency, (Posting.credit_minor - Posting.debit_minor).label("amount"))
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(Posting.account_code == chart.DISPUTED)
    )
    sides = union_all(select(kept.subquery()), select(booked_by_currency.subquery())).subquery()
    difference = func.sum(sides.c.amount)
    return (
        select(sides.c.currency.label("subject"), difference.label("difference_minor"))
        .group_by(sides.c.currency)
        .having(difference != 0)
    )


def _invoice_is_not_oversettled() -> Executable:
    settled = _sum(Settlement.amount_minor, Settlement.invoice_id == Invoice.id)
    return select(Invoice.number.label("subject"), Invoice.payable_minor, settled.label("settled_minor")).where(
        or_(settled < 0, settled > Invoice.payable_minor, and_(Invoice.kind == "credit_note", settled != 0))
    )


def _balance_is_not_negative() -> Executable:
    balance = func.sum(BalanceEntry.amount_minor)
    return (
        select(BalanceEntry.customer_id.label("subject"), BalanceEntry.currency, balance.label("balance_minor"))
        .group_by(BalanceEntry.customer_id, BalanceEntry.currency)
        .having(balance < 0)
    )


def _used_balance_settles() -> Executable:
    """What of the balance was used, and not given back by a credit note, settles just that invoice."""
    used = _sum(
        -BalanceEntry.amount_minor,
        BalanceEntry.invoice_id == Invoice.id,
        BalanceEntry.kind.in_(("used", "store_credit")),
    )
    settled = _sum(Settlement.amount_minor, Settlement.invoice_id == Invoice.id, Settlement.kind == "balance")
    return select(Invoice.number.label("subject"), used.label("used_minor"), settled.label("settled_minor")).where(
        used != settled
    )


def _captured_was_said() -> Executable:
    """I11: nothing is captured that a provider, or a person, did not say."""
    return select(Payment.number.label("subject"), Payment.captured_minor).where(
        Payment.captured_minor > 0,
        ~exists().where(PaymentEvent.payment_id == Payment.id, PaymentEvent.kind == "captured"),
    )


def _receivables_are_open() -> Executable:
    """I2: per customer, what the books call receivable is what their documents are open for."""
    sign = case((Invoice.kind == "credit_note", -1), else_=1)
    documents = aliased(Invoice)
    return _differs(
        chart.RECEIVABLE,
        1,
        select(Invoice.customer_id, Invoice.currency, (sign * Invoice.payable_minor).label("amount")),
        select(documents.customer_id, documents.currency, (-Settlement.amount_minor).label("amount")).join(
            documents, documents.id == Settlement.invoice_id
        ),
    )


def _advances_are_theirs() -> Executable:
    """Per customer, what the books call advances is what of their payments pays nothing yet, with their balance."""
    settled = select(Payment.customer_id, Payment.currency, (-Settlement.amount_minor).label("amount"))
    moved = select(Payment.customer_id, Payment.currency, (-BalanceEntry.amount_minor).label("amount"))
    return _differs(
        chart.ADVANCES,
        -1,
        select(
            Payment.customer_id, Payment.currency, (Payment.captured_minor - Payment.refunded_minor).label("amount")
        ),
        settled.join(Payment, Payment.id == Settlement.payment_id),
        moved.join(Payment, Payment.id == BalanceEntry.payment_id),
        select(BalanceEntry.customer_id, BalanceEntry.currency, BalanceEntry.amount_minor.label("amount")),
    )


def _differs(account: str, sign: int, *parts: Any) -> Executable:
    """Customers for whom an account's balance is not the sum of `parts`. Entries of no customer are not looked at."""
    booked = (
        select(
            JournalEntry.customer_id,
            JournalEntry.currency,
            (sign * (Posting.debit_minor - Posting.credit_minor)).label("amount"),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(Posting.account_code == account, JournalEntry.customer_id.is_not(None))
    )
    facts = union_all(*(select(part.subquery()) for part in parts)).subquery()
    sides = union_all(
        select(booked.subquery()), select(facts.c.customer_id, facts.c.currency, (-facts.c.amount).label("amount"))
    ).subquery()
    difference = func.sum(sides.c.amount)
    return (
        select(sides.c.customer_id.label("subject"), sides.c.currency, difference.label("difference_minor"))
        .group_by(sides.c.customer_id, sides.c.currency)
        .having(difference != 0)
    )


def _proof_is_of_its_payment() -> Executable:
    """An approved proof shows a captured payment of its own order, and a proof is the order's own customer's."""
    return (
        select(PaymentProof.number.label("subject"), Payment.number.label("payment"), PaymentProof.status)
        .join(Order, Order.id == PaymentProof.order_id)
        .outerjoin(Payment, Payment.id == PaymentProof.payment_id)
        .where(
            or_(
                PaymentProof.customer_id != Order.customer_id,
                Payment.order_id != PaymentProof.order_id,
                Payment.captured_minor == 0,
            )
        )
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "a payment pays no more than came": _payment_is_not_overspent,
    "no more is refunded than was captured": _refunds_are_within,
    "what banks dispute is in the books": _disputed_is_booked,
    "an invoice is paid at most whole": _invoice_is_not_oversettled,
    "a customer's balance is never below zero": _balance_is_not_negative,
    "what was used of a balance pays its invoice": _used_balance_settles,
    "what is captured was said": _captured_was_said,
    "a proof is of its order's customer and payment": _proof_is_of_its_payment,
    "receivables are what is open": _receivables_are_open,
    "advances are what customers have with us": _advances_are_theirs,
}
