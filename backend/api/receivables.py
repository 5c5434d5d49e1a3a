"""Receivables over HTTP: aging and statements for finance, their own balance for customers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Response

from backend import trail
from backend.api.access import Customer, Db, Finance, WrongRole, doer_of
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import Shop, shop, shop_day
from backend.customers.errors import CustomerNotFound
from backend.payments import settlements
from backend.schemas import receivables as schemas
from backend.schemas.base import Money, Text
from backend.trail import Asked
from backend.workflows import age_receivables
from backend.workflows.open_amounts import credit_used, open_documents_of_person
from backend.workflows.write_statement import Statement, write_statement
from kernel.tables import write_table
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Receivables"], responses=describe(TokenRefused, WrongRole))
MOST_CUSTOMERS = 200
WINDOW_DAYS = 90
# Days that a calendar can add and take from.
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

Day = Annotated[date | None, Query(ge=EARLIEST, le=LATEST, description="In the shop's days; by default today.")]
CustomerId = Annotated[Text, Path(max_length=36)]


@router.get(
    "/staff/receivables", summary="Who owes what, and for how long", responses=describe(ShopNotSetUp, InvalidRequest)
)
def by_customer(
    _staff: Finance,
    db: Db,
    as_of: Day = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CUSTOMERS)] = MOST_CUSTOMERS,
) -> schemas.Receivables:
    with db.read() as session:
        seller = shop(session)
        day = as_of or shop_day(seller)
        found = age_receivables.aging_by_customer(session, day, seller.time_zone, limit)
        used = credit_used(session, [each.customer_id for each in found]) if found else {}
        customers = [
            schemas.CustomerReceivable(
                **_aging(each.aging),
                customer_id=each.customer_id,
                name=each.name,
                credit_limit=None
                if each.credit_limit_minor is None
                else Money.of(each.credit_limit_minor, seller.currency),
                credit_used=Money.of(used[each.customer_id], seller.currency),
            )
            for each in found
        ]
    return schemas.Receivables(as_of=day, customers=customers)


@router.get(
    "/staff/receivables/aging",
    summary="All that is open at the end of a day, by how long it is overdue",
    responses=describe(ShopNotSetUp, InvalidRequest),
)
def aging(_staff: Finance, db: Db, as_of: Day = None) -> schemas.AgingReport:
    with db.read() as session:
        seller = shop(session)
        day = as_of or shop_day(seller)
        found = age_receivables.aging(session, day, seller.time_zone)
    return schemas.AgingReport(as_of=day, currencies=[schemas.Aging(**_aging(each)) for each in found])


@router.get(
    "/staff/receivables/days-sales-outstanding",
    summary="How many days of sales are open",
    responses=describe(ShopNotSetUp, InvalidRequest),
)
def days_sales_outstanding(_staff: Finance, db: Db, since: Day = None, through: Day = None) -> schemas.SalesOutstanding:
    with db.read() as session:
        seller = shop(session)
        first, last = _window(seller, since, through)
        open_minor, billed_minor, days = age_receivables.days_sales_outstanding(
            session, first, last, seller.time_zone, seller.currency
        )
    return schemas.SalesOutstanding(
        since=first,
        through=last,
        open=Money.of(open_minor, seller.currency),
        billed=Money.of(billed_minor, seller.currency),
        days=None if days is None else str(days),
    )


@router.get(
    "/staff/customers/{customer_id}/statement",
    summary="What a customer owed, what was added and paid, what they owe",
    responses=describe(ShopNotSetUp, CustomerNotFound, InvalidRequest),
)
def statement(
    customer_id: CustomerId, _staff: Finance, db: Db, since: Day = None, through: Day = None
) -> schemas.Statement:
    found = _statement(db, customer_id, since, through)

    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, found.currency)

    return schemas.Statement(
        since=found.since,
        through=found.through,
        opening=money(found.opening_minor),
        closing=money(found.closing_minor),
        lines=[
            schemas.StatementLine(
                on=line.on,
                kind=cast(schemas.StatementKind, line.kind),
                number=line.number,
                about=line.about,
                amount=money(line.amount_minor),
                balance=money(line.balance_minor),
            )
            for line in found.lines
        ],
    )


@router.get(
    "/staff/customers/{customer_id}/statement.csv",
    summary="A customer's statement as a table, in minor units",
    response_class=Response,
    responses=cast(dict[int | str, dict[str, Any]], {200: {"content": {"text/csv": {}}, "description": "The table."}})
    | describe(ShopNotSetUp, CustomerNotFound, InvalidRequest),
)
def statement_table(
    customer_id: CustomerId, member: Finance, db: Db, since: Day = None, through: Day = None
) -> Response:
    """Who takes it out of the house is in the trail."""
    found = _statement(db, customer_id, since, through)
    with db.write() as session:
        trail.write(session, doer_of(member), Asked("GET /staff/customers/{customer_id}/statement.csv", customer_id))
    rows: list[tuple[object, ...]] = [
        ("on", "kind", "number", "about", "amount_minor", "balance_minor", "currency"),
        (found.since, "opening", "", "", 0, found.opening_minor, found.currency),
    ]
    for line in found.lines:
        row = (line.on, line.kind, line.number, line.about or "", line.amount_minor, line.balance_minor)
        rows.append((*row, found.currency))
    return Response(write_table(rows), media_type="text/csv")


@router.get(
    "/customers/me/open-invoices",
    summary="What I owe and what is mine with the shop",
    responses=describe(ShopNotSetUp, CustomerNotFound),
)
def open_invoices(customer: Customer, db: Db) -> schemas.OpenInvoices:
    with db.read() as session:
        seller = shop(session)
        today = shop_day(seller)
        documents = open_documents_of_person(session, customer.subject)
        owed = [each for each in documents if each.currency == seller.currency]
        with_us_minor = settlements.balance(session, customer.subject, seller.currency)

    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, seller.currency)

    return schemas.OpenInvoices(
        owed=money(sum(each.open_minor for each in owed)),
        overdue=money(sum(each.open_minor for each in owed if each.due_on < today)),
        with_us=money(with_us_minor),
        documents=[
            schemas.OpenDocument(
                number=each.number,
                order_number=each.order_number,
                due_on=each.due_on,
                is_overdue=each.due_on < today,
                open=money(each.open_minor),
            )
            for each in owed
        ],
    )


def _statement(db: Db, customer_id: str, since: date | None, through: date | None) -> Statement:
    with db.read() as session:
        seller = shop(session)
        first, last = _window(seller, since, through)
        return write_statement(session, customer_id, first, last, seller)


def _window(seller: Shop, since: date | None, through: date | None) -> tuple[date, date]:
    """By default the last WINDOW_DAYS days, today with them. A window that ends before it begins is its first day."""
    last = through or shop_day(seller)
    first = since or last - timedelta(days=WINDOW_DAYS - 1)
    return first, max(first, last)


def _aging(found: age_receivables.Aging) -> dict[str, Any]:
    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, found.currency)

    names = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
    return {
        "currency": found.currency,
        "documents": found.documents,
        "open": money(found.open_minor),
        "overdue": money(found.overdue_minor),
        "buckets": schemas.Buckets(**dict(zip(names, map(money, found.buckets), strict=True))),
    }
