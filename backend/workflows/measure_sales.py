"""Measure sales: how far the orders of some days have come, from the chat to the money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.inventory.models import StockLevel
from backend.invoicing.models import Invoice
from backend.orders.models import Order, OrderLine, OrderLineEnd
from backend.returns.models import Return
from backend.shipping.models import Shipment
from backend.workflows.look_at_dues import look_at_dues

# How many orders are looked at in one query.
_AT_ONCE = 500
PRODUCTS = 10


@dataclass(slots=True)
class Funnel:
    """Of the orders placed: how many came so far. A cancelled one counts as placed and cancelled only."""

    placed: int = 0
    by_chat: int = 0
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    invoiced: int = 0
    paid: int = 0
    returned: int = 0


@dataclass(slots=True)
class SalesDay:
    """A day of the shop's; cancelled orders are not in it."""

    on: date
    orders: int = 0
    total_minor: int = 0


@dataclass(frozen=True, slots=True)
class SoldProduct:
    sku: str
    name: str
    name_en: str
    base_quantity: int
    total_minor: int


@dataclass(slots=True)
class Sales:
    """Minor units of the shop's currency. `due` is what is still to be paid of these orders."""

    funnel: Funnel
    total_minor: int = 0
    due_minor: int = 0
    days: list[SalesDay] = field(default_factory=list)
    products: list[SoldProduct] = field(default_factory=list)
    out_of_stock: int = 0


def measure_sales(session: Session, since: date, through: date, time_zone: str, currency: str) -> Sales:
    """The orders placed from one day of the shop's through another."""
    zone = ZoneInfo(time_zone)
    begins, ends = _midnight(since, zone), _midnight(through + timedelta(days=1), zone)
    days = {since + timedelta(days=n): SalesDay(since + timedelta(days=n)) for n in range((through - since).days + 1)}
    sales = Sales(Funnel(), days=list(days.values()))
    for orders in _orders(session, begins, ends, currency):
        sales.funnel.placed += len(orders)
        kept = [order for order in orders if order.status != "cancelled"]
        sales.funnel.cancelled += len(orders) - len(kept)
        sales.funnel.by_chat += sum(order.conversation_id is not None for order in orders)
        for order in kept:
            day = days[order.placed_at.astimezone(zone).date()]
            day.orders += 1
            day.total_minor += order.total_minor
            sales.total_minor += order.total_minor
        _follow(session, kept, sales)
    sales.products = _products(session, begins, ends, currency)
    sales.out_of_stock = _out_of_stock(session)
    return sales


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _orders(session: Session, begins: datetime, ends: datetime, currency: str) -> Iterator[Sequence[Order]]:
    last = ""
    while True:
        of_time = (Order.placed_at >= begins, Order.placed_at < ends, Order.currency == currency, Order.id > last)
        found = session.scalars(select(Order).where(*of_time).order_by(Order.id).limit(_AT_ONCE)).all()
        if not found:
            return
        yield found
        last = found[-1].id


def _follow(session: Session, orders: Sequence[Order], sales: Sales) -> None:
    """How far the goods and the money of these are."""
    ids = [order.id for order in orders]
    if not ids:
        return
    funnel = sales.funnel

    def count(column: InstrumentedAttribute[str], *where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count(column.distinct())).where(*where)) or 0

    funnel.shipped += count(Shipment.order_id, Shipment.order_id.in_(ids), Shipment.shipped_at.is_not(None))
    funnel.delivered += count(Shipment.order_id, Shipment.order_id.in_(ids), Shipment.delivered_at.is_not(None))
    funnel.invoiced += count(Invoice.order_id, Invoice.order_id.in_(ids), Invoice.kind == "invoice")
    funnel.returned += count(Return.order_id, Return.order_id.in_(ids))
    for dues in look_at_dues(session, orders).values():
        sales.due_minor += dues.due_minor
        funnel.paid += dues.due_minor <= 0


def _products(session: Session, begins: datetime, ends: datetime, currency: str) -> list[SoldProduct]:
    """What brought most, of lines that still stand."""
    stands = ~select(OrderLineEnd.order_line_id).where(OrderLineEnd.order_line_id == OrderLine.id).exists()
    total = func.sum(OrderLine.total_minor)
    best = (
        select(
            OrderLine.sku,
            func.max(OrderLine.name),
            func.max(OrderLine.name_en),
            func.sum(OrderLine.base_quantity),
            total,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Order.placed_at >= begins,
            Order.placed_at < ends,
            Order.currency == currency,
            Order.status != "cancelled",
            stands,
        )
        .group_by(OrderLine.sku)
        .order_by(total.desc(), OrderLine.sku)
        .limit(PRODUCTS)
    )
    return [SoldProduct(sku, es, en, int(units), int(paid)) for sku, es, en, units, paid in session.execute(best)]


def _out_of_stock(session: Session) -> int:
    """How many variants that are kept in stock have nothing left to promise."""
    left = func.sum(StockLevel.on_hand - StockLevel.reserved)
    empty = select(StockLevel.sku).group_by(StockLevel.sku).having(left <= 0).subquery()
    return session.scalar(select(func.count()).select_from(empty)) or 0
