"""Age receivables: what customers owe by how long it is overdue, and how many days of sales that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import ColumnElement, Subquery, case, false, func, select, true
from sqlalchemy.orm import Session

from backend.customers.models import Customer
from backend.invoicing.models import Invoice
from backend.workflows.open_amounts import OWING, AsOf, open_amounts

# The last day overdue of each bucket; what is later is the last one's.
_CUTS = (0, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Aging:
    """Minor units open in one currency: not due yet, overdue by 1–30, 31–60, 61–90 and more days."""

    currency: str
    documents: int
    open_minor: int
    buckets: tuple[int, int, int, int, int]

    @property
    def overdue_minor(self) -> int:
        return sum(self.buckets[1:])


@dataclass(frozen=True, slots=True)
class CustomerAging:
    customer_id: str
    name: str | None
    credit_limit_minor: int | None
    aging: Aging


def aging(session: Session, day: date, time_zone: str) -> list[Aging]:
    """All that is open at the end of a day, per currency, in one aggregate query."""
    owed = open_amounts(AsOf.of(day, time_zone))
    query = select(owed.c.currency, *_sums(owed.c.due_on, owed.c.open_minor, day)).group_by(owed.c.currency)
    return [_aging(*row) for row in session.execute(query.order_by(owed.c.currency))]


def aging_by_customer(session: Session, day: date, time_zone: str, limit: int) -> list[CustomerAging]:
    """The customers of whom something is open, who owes most first."""
    owed = open_amounts(AsOf.of(day, time_zone))
    sums: Subquery = (
        select(owed.c.customer_id, owed.c.currency, *_sums(owed.c.due_on, owed.c.open_minor, day))
        .group_by(owed.c.customer_id, owed.c.currency)
        .subquery()
    )
    query = (
        select(Customer.id, Customer.name, Customer.credit_limit_minor, *list(sums.c)[1:])
        .join(sums, sums.c.customer_id == Customer.id)
        .order_by(sums.c.open_minor.desc(), Customer.id)
        .limit(limit)
    )
    return [CustomerAging(row[0], row[1], row[2], _aging(*row[3:])) for row in session.execute(query)]


def days_sales_outstanding(
    session: Session, since: date, through: date, time_zone: str, currency: str
) -> tuple[int, int, Decimal | None]:
    """What is open at the end of a window, what was billed in it, and for how many of its days that stands.

    Days = open / billed * days of the window, to one decimal; None when nothing was billed.
    """
    open_minor = sum(each.open_minor for each in aging(session, through, time_zone) if each.currency == currency)
    signed = case((Invoice.kind.in_(OWING), Invoice.payable_minor), else_=-Invoice.payable_minor)
    billed = session.scalar(
        select(func.sum(signed)).where(Invoice.issued_on.between(since, through), Invoice.currency == currency)
    )
    billed_minor = int(billed or 0)
    if billed_minor <= 0:
        return open_minor, billed_minor, None
    days = (through - since).days + 1
    exact = Decimal(open_minor) * days / Decimal(billed_minor)
    return open_minor, billed_minor, exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _sums(due_on: ColumnElement[date], amount: ColumnElement[int], day: date) -> list[ColumnElement[int]]:
    """How many, how much, and how much in each bucket."""
    edges = [day - timedelta(days=cut) for cut in _CUTS]
    before = [true(), *(due_on < edge for edge in edges)]
    not_before = [*(due_on >= edge for edge in edges), false()]
    buckets: list[ColumnElement[int]] = []
    for number, (upper, lower) in enumerate(zip(before, not_before, strict=True)):
        inside = upper if number == len(_CUTS) else upper & lower
        buckets.append(func.sum(case((inside, amount), else_=0)).label(f"bucket_{number}"))
    return [func.count().label("documents"), func.sum(amount).label("open_minor"), *buckets]


def _aging(currency: str, documents: int, open_minor: int, *buckets: int) -> Aging:
    # A sum of BIGINT is a NUMERIC on PostgreSQL.
    one, two, three, four, five = (int(amount) for amount in buckets)
    return Aging(currency, documents, int(open_minor), (one, two, three, four, five))
