"""Insights over HTTP: how sales went in some days."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import Db, MoneyDesk, WrongRole
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop, shop_day
from backend.schemas import insights as schemas
from backend.schemas.base import Money, Words
from backend.workflows.age_receivables import days_sales_outstanding
from backend.workflows.measure_sales import measure_sales
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Insights"], responses=describe(TokenRefused, WrongRole))
BY_DEFAULT, MOST = timedelta(days=29), timedelta(days=365)
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

Day = Annotated[date | None, Query(ge=EARLIEST, le=LATEST, description="In the shop's days.")]


@router.get(
    "/staff/insights",
    summary="How far the orders of some days have come",
    responses=describe(ShopNotSetUp, InvalidRequest),
)
def sales(_staff: MoneyDesk, db: Db, since: Day = None, through: Day = None) -> schemas.SalesInsights:
    """By default of the last thirty days; at most of a year. A span that ends before it begins is its first day."""
    with db.read() as session:
        seller = shop(session)
        last = through or shop_day(seller)
        first = since or last - BY_DEFAULT
        last = min(max(first, last), first + MOST)
        found = measure_sales(session, first, last, seller.time_zone, seller.currency)
        days = days_sales_outstanding(session, first, last, seller.time_zone, seller.currency)[2]

    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, seller.currency)

    return schemas.SalesInsights(
        since=first,
        through=last,
        funnel=schemas.Funnel(**asdict(found.funnel)),
        total=money(found.total_minor),
        due=money(found.due_minor),
        days=[schemas.SalesDay(on=day.on, orders=day.orders, total=money(day.total_minor)) for day in found.days],
        products=[
            schemas.SoldProduct(
                sku=each.sku,
                name=Words(es=each.name, en=each.name_en),
                quantity=each.base_quantity,
                total=money(each.total_minor),
            )
            for each in found.products
        ],
        out_of_stock=found.out_of_stock,
        days_sales_outstanding=None if days is None else str(days),
    )
