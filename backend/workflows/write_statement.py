"""Write a customer's statement: what they owed, what was added and paid day by day, what they owe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend.catalog.shop import Shop
from backend.customers import service as customers
from backend.invoicing.models import Invoice
from backend.payments.models import Payment, Settlement
from backend.workflows.open_amounts import OWING


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`amount_minor` adds to what the customer owes, or takes from it; `balance_minor` is what they owe after it."""

    on: date
    kind: str
    number: str
    about: str | None
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    currency: str
    since: date
    through: date
    opening_minor: int
    lines: list[StatementLine]

    @property
    def closing_minor(self) -> int:
        return self.lines[-1].balance_minor if self.lines else self.opening_minor


def write_statement(session: Session, customer_id: str, since: date, through: date, seller: Shop) -> Statement:
    """In the shop's currency and in its days, both named days with it.

    Raises: CustomerNotFound.
    """
    customers.find(session, customer_id)
    moved = sorted(_movements(session, customer_id, seller), key=lambda one: one[0:2])
    balance_minor = opening_minor = sum(one[5] for one in moved if one[0] < since)
    lines: list[StatementLine] = []
    for on, _at, kind, number, about, amount_minor in moved:
        if since <= on <= through:
            balance_minor += amount_minor
            lines.append(StatementLine(on, kind, number, about, amount_minor, balance_minor))
    return Statement(seller.currency, since, through, opening_minor, lines)


Movement = tuple[date, datetime, str, str, str | None, int]


def _movements(session: Session, customer_id: str, seller: Shop) -> Iterator[Movement]:
    """All that changed what this customer owes: its day in the shop, its instant, what it is, its sum."""
    zone = ZoneInfo(seller.time_zone)
    corrected = aliased(Invoice)
    documents = (
        select(Invoice.issued_on, Invoice.issued_at, Invoice.kind, Invoice.number, corrected.number)
        .add_columns(Invoice.payable_minor)
        .outerjoin(corrected, corrected.id == Invoice.corrects_id)
        .where(Invoice.customer_id == customer_id, Invoice.currency == seller.currency)
    )
    for on, at, kind, number, corrects, payable_minor in session.execute(documents):
        yield on, at, kind, number, corrects, payable_minor if kind in OWING else -payable_minor
    settlements = (
        select(Settlement.settled_at, Settlement.kind, Payment.number, Invoice.number, Settlement.amount_minor)
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .outerjoin(Payment, Payment.id == Settlement.payment_id)
        .where(Invoice.customer_id == customer_id, Invoice.currency == seller.currency)
    )
    for at, kind, payment, number, amount_minor in session.execute(settlements):
        yield at.astimezone(zone).date(), at, kind, payment or number, number, -amount_minor
