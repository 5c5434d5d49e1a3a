"""Orders over HTTP: the customer's own, and all of them for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from backend.api.access import Customer, Db, Staff, WrongRole
from backend.api.carts import to_cart
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.carts.errors import ConfirmationStale
from backend.carts.quantity import in_units
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import OutOfStock
from backend.orders import service as orders
from backend.orders.errors import OrderNotCancellable, OrderNotFound
from backend.orders.models import OrderLine as OrderLineRow
from backend.orders.service import FullOrder
from backend.orders.status import can_cancel, fulfillment_status, payment_status
from backend.schemas.base import Money, Words
from backend.schemas.orders import (
    CancelOrder,
    Order,
    OrderEntry,
    OrderLine,
    OrderPage,
    OrderStatus,
    OrderSummary,
    PlaceOrder,
    Repeated,
    RepricedLine,
    SkippedLine,
    StaffOrder,
)
from backend.workflows.cancel_order import cancel_order
from backend.workflows.place_order import place_order
from backend.workflows.repeat_order import RepeatedOrder, repeat_order
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Orders"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
STAFF_PAGE = 50

Number = Annotated[str, Path(max_length=40, description="`PED-10023`, or `latest`.", examples=["PED-10023"])]


@router.post(
    "/orders",
    summary="Place what was confirmed; a repeat answers the same order",
    response_model=Order,
    status_code=201,
    responses=describe(*_ACT, ConfirmationStale, OutOfStock),
)
def place(order: PlaceOrder, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: to_order(place_order(session, customer.subject, order.confirmation)), status=201)


@router.get("/orders", summary="The customer's orders, newest first")
def recent(customer: Customer, db: Db, limit: Annotated[int, Query(ge=1, le=50)] = 10) -> list[Order]:
    with db.read() as session:
        return [to_order(order) for order in orders.recent(session, customer.subject, limit)]


@router.get("/orders/{number}", summary="One of the customer's orders", responses=describe(OrderNotFound))
def one(number: Number, customer: Customer, db: Db) -> Order:
    with db.read() as session:
        return to_order(orders.find(session, customer.subject, number))


@router.post(
    "/orders/{number}/cancel",
    summary="Cancel an order while that is allowed",
    response_model=Order,
    responses=describe(*_ACT, OrderNotFound, OrderNotCancellable),
)
def cancel(number: Number, request: CancelOrder, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: to_order(cancel_order(session, customer.subject, number, request.reason)))


@router.post(
    "/orders/{number}/repeat",
    summary="Put an order's lines into the cart again",
    response_model=Repeated,
    responses=describe(*_ACT, OrderNotFound),
)
def repeat(number: Number, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: _to_repeated(repeat_order(session, customer.subject, number)))


@router.get("/staff/orders", summary="All orders, newest first", tags=["Staff"])
def page(
    _staff: Staff,
    db: Db,
    status: OrderStatus | None = None,
    cursor: Annotated[str | None, Query(max_length=40, description="`next_cursor` of the page before.")] = None,
) -> OrderPage:
    with db.read() as session:
        found = orders.page(session, status, cursor, STAFF_PAGE)
    return OrderPage(
        orders=[
            OrderSummary(
                number=order.number,
                status=order.status,
                customer_id=order.customer_id,
                placed_at=order.placed_at,
                lines_count=lines_count,
                total=Money.of(order.total_minor, order.currency),
            )
            for order, lines_count in found.rows
        ],
        next_cursor=found.next_cursor,
    )


@router.get(
    "/staff/orders/{number}", summary="Any order, with its history", tags=["Staff"], responses=describe(OrderNotFound)
)
def one_for_staff(number: Number, _staff: Staff, db: Db) -> StaffOrder:
    with db.read() as session:
        found = orders.find_any(session, number)
        history = orders.history(session, found.order.id)
    timeline = [OrderEntry(what=entry.what, who=entry.who, note=entry.note, at=entry.happened_at) for entry in history]
    return StaffOrder(**to_order(found).model_dump(), customer_id=found.order.customer_id, timeline=timeline)


def to_order(found: FullOrder) -> Order:
    order = found.order
    return Order(
        number=order.number,
        status=order.status,
        fulfillment_status=fulfillment_status(order),
        payment_status=payment_status(order),
        placed_at=order.placed_at,
        lines=[_to_line(line, order.currency) for line in found.lines],
        subtotal=Money.of(order.subtotal_minor, order.currency),
        tax=Money.of(order.tax_minor, order.currency),
        delivery_fee=Money.of(order.delivery_fee_minor, order.currency),
        total=Money.of(order.total_minor, order.currency),
        address=order.address,
        payment_method=order.payment_method,
        promised_on=order.promised_on,
        can_cancel=can_cancel(order),
    )


def _to_line(line: OrderLineRow, currency: str) -> OrderLine:
    return OrderLine(
        sku=line.sku,
        name=line.name,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(line.base_quantity, line.factor),
        unit=line.unit,
        unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
        base_quantity=line.base_quantity,
        unit_price=Money.of(line.unit_price_minor, currency),
        tax=Money.of(line.tax_minor, currency),
        tax_class=line.tax_class,
        total=Money.of(line.total_minor, currency),
    )


def _to_repeated(repeated: RepeatedOrder) -> Repeated:
    return Repeated(
        cart=to_cart(repeated.cart),
        skipped=[SkippedLine(sku=line.sku, name=line.name, reason=line.reason) for line in repeated.skipped],
        repriced=[
            RepricedLine(
                sku=line.sku,
                name=line.name,
                unit=line.unit,
                was=Money.of(line.was_minor, line.currency),
                now=Money.of(line.now_minor, line.currency),
            )
            for line in repeated.repriced
        ],
    )
