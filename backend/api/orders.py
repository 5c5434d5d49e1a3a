"""Orders over HTTP: the customer's own, and all of them for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Floor, Staff, WrongRole
from backend.api.carts import applied, to_cart
from backend.api.idempotency import Act
from backend.api.order_parts import to_parcel, to_shortage
from backend.api.problems import InvalidRequest, describe
from backend.carts.errors import ConfirmationStale
from backend.carts.quantity import in_units
from backend.discounts.errors import DiscountUsedUp
from backend.discounts.terms import Terms
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import NotASubstitute, ShortageNotFound, ShortageResolved
from backend.fulfillment.service import FullFulfillment
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory import service as inventory
from backend.inventory.errors import OutOfStock
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.errors import OrderNotCancellable, OrderNotFound
from backend.orders.models import OrderEntry as OrderEntryRow
from backend.orders.models import OrderHold as OrderHoldRow
from backend.orders.models import OrderLine as OrderLineRow
from backend.orders.service import FullOrder, WaitingPart
from backend.orders.status import can_cancel, fulfillment_status, payment_status, return_status
from backend.pricing import as_listed
from backend.returns import service as returns
from backend.schemas.approval import HoldReason, OrderHold
from backend.schemas.base import Money, Text, Words
from backend.schemas.carts import WaitingLine
from backend.schemas.fulfillment import ResolveShortage, Shortages
from backend.schemas.orders import (
    CancelOrder,
    Order,
    OrderEntry,
    OrderLine,
    OrderPage,
    OrderStatus,
    OrderSummary,
    Pickup,
    PlaceOrder,
    Repeated,
    RepricedLine,
    SkippedLine,
    StaffOrder,
)
from backend.shipping import service as shipping
from backend.shipping.service import Parcel
from backend.workflows.cancel_order import cancel as stop
from backend.workflows.cancel_order import cancel_order
from backend.workflows.link_tracking import link_tracking
from backend.workflows.look_at_dues import Dues, look_at_dues
from backend.workflows.look_at_shortages import OpenShortage, look_at_shortages
from backend.workflows.look_for_orders import Wanted, look_for_orders
from backend.workflows.place_order import place_order
from backend.workflows.repeat_order import RepeatedOrder, repeat_order
from backend.workflows.resolve_shortage import resolve_shortage
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Orders"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_RESOLVE = (*_ACT, OrderNotFound, ShortageNotFound, ShortageResolved, NotASubstitute)
STAFF_PAGE = 50

Number = Annotated[str, Path(max_length=40, description="`PED-10023`, or `latest`.", examples=["PED-10023"])]


ShortageId = Annotated[str, Path(max_length=40)]


@router.post(
    "/orders",
    summary="Place what was confirmed; a repeat answers the same order",
    response_model=Order,
    status_code=201,
    responses=describe(*_ACT, ConfirmationStale, OutOfStock, DiscountUsedUp),
)
def place(order: PlaceOrder, customer: Customer, act: Act) -> Response:
    return act.once(
        lambda session: _look_at_new(session, place_order(session, customer.subject, order.confirmation)), status=201
    )


@router.get("/orders", summary="The customer's orders, newest first")
def recent(customer: Customer, db: Db, limit: Annotated[int, Query(ge=1, le=50)] = 10) -> list[Order]:
    with db.read() as session:
        return look_at_orders(session, orders.recent(session, customer.subject, limit))


@router.get("/orders/{number}", summary="One of the customer's orders", responses=describe(OrderNotFound))
def one(number: Number, customer: Customer, db: Db) -> Order:
    with db.read() as session:
        return look_at_order(session, orders.find(session, customer.subject, number))


@router.post(
    "/orders/{number}/cancel",
    summary="Cancel an order while that is allowed",
    response_model=Order,
    responses=describe(*_ACT, OrderNotFound, OrderNotCancellable),
)
def cancel(number: Number, request: CancelOrder, customer: Customer, act: Act) -> Response:
    """What has left the house already stays; the rest is cancelled."""
    return act.once(
        lambda session: look_at_order(session, cancel_order(session, customer.subject, number, request.reason))
    )


@router.get("/orders/{number}/shortages", summary="What the customer has to decide", responses=describe(OrderNotFound))
def shortages(number: Number, customer: Customer, db: Db) -> Shortages:
    with db.read() as session:
        found = orders.find(session, customer.subject, number)
        return Shortages(shortages=[to_shortage(one) for one in look_at_shortages(session, [found])])


@router.post(
    "/orders/{number}/shortages/{shortage}",
    summary="Wait, take something else, or go without",
    response_model=Order,
    responses=describe(*_RESOLVE),
)
def resolve(number: Number, shortage: ShortageId, request: ResolveShortage, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Order:
        found = orders.find(session, customer.subject, number, lock=True)
        who = f"customer:{customer.subject}"
        changed = resolve_shortage(session, found, shortage, request.resolution, request.substitute_sku, who)
        return look_at_order(session, changed)

    return act.once(work)


@router.post(
    "/staff/orders/{number}/shortages/{shortage}",
    summary="Decide for the customer, who said so",
    tags=["Staff"],
    response_model=Order,
    responses=describe(*_RESOLVE),
)
def resolve_for_customer(
    number: Number, shortage: ShortageId, request: ResolveShortage, staff: Floor, act: Act
) -> Response:
    def work(session: Session) -> Order:
        found = orders.find_any(session, number, lock=True)
        who = f"staff:{staff.subject}"
        changed = resolve_shortage(session, found, shortage, request.resolution, request.substitute_sku, who)
        return look_at_order(session, changed)

    return act.once(work)


@router.post(
    "/staff/orders/{number}/cancel",
    summary="Stop what has not left of an order",
    tags=["Staff"],
    response_model=Order,
    responses=describe(*_ACT, OrderNotFound, OrderNotCancellable),
)
def cancel_for_customer(number: Number, request: CancelOrder, staff: Floor, act: Act) -> Response:
    def work(session: Session) -> Order:
        found = orders.find_any(session, number, lock=True)
        return look_at_order(session, stop(session, found, f"staff:{staff.subject}", by="staff", reason=request.reason))

    return act.once(work)


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
    q: Annotated[Text | None, Query(max_length=80, description="Of a number, name, e-mail or telephone.")] = None,
    hold: Annotated[HoldReason | None, Query(description="What holds them still.")] = None,
    payment_method: Annotated[Text | None, Query(max_length=40)] = None,
    since: Annotated[date | None, Query(description="Placed on this day or later.")] = None,
    until: Annotated[date | None, Query(description="Placed on this day or before.")] = None,
    cursor: Annotated[str | None, Query(max_length=40, description="`next_cursor` of the page before.")] = None,
) -> OrderPage:
    wanted = Wanted(status, q, hold, payment_method, since, until)
    with db.read() as session:
        found, next_cursor = look_for_orders(session, wanted, cursor, STAFF_PAGE)
    return OrderPage(
        orders=[
            OrderSummary(
                number=each.order.number,
                status=each.order.status,
                customer_id=each.order.customer_id,
                customer_name=each.customer_name,
                placed_at=each.order.placed_at,
                lines_count=each.lines_count,
                total=Money.of(each.order.total_minor, each.order.currency),
                holds=each.holds,
            )
            for each in found
        ],
        next_cursor=next_cursor,
    )


@router.get(
    "/staff/orders/{number}", summary="Any order, with its history", tags=["Staff"], responses=describe(OrderNotFound)
)
def one_for_staff(number: Number, _staff: Staff, db: Db) -> StaffOrder:
    with db.read() as session:
        found = orders.find_any(session, number)
        shown, history = look_at_order(session, found), orders.history(session, found.order.id)
        holds = approval.holds(session, found.order.id)
    return StaffOrder(
        **shown.model_dump(),
        customer_id=found.order.customer_id,
        version=found.order.version,
        conversation_id=found.order.conversation_id,
        holds=[_to_hold(hold) for hold in holds],
        timeline=[_to_entry(entry) for entry in history],
    )


def _to_entry(entry: OrderEntryRow) -> OrderEntry:
    return OrderEntry(
        what=entry.what,
        who=entry.who,
        note=entry.note,
        at=entry.happened_at,
        message_id=entry.message_id,
        facts=entry.facts,
    )


def _to_hold(hold: OrderHoldRow) -> OrderHold:
    return OrderHold(
        reason=hold.reason,
        facts=hold.facts,
        held_at=hold.held_at,
        outcome=hold.outcome,
        ended_by=hold.ended_by,
        ended_at=hold.ended_at,
    )


def _look_at_new(session: Session, found: FullOrder) -> Order:
    """An order of which nothing was got ready yet: only where it is collected is looked up."""
    place_id = found.order.pickup_location_id
    if place_id is None:
        return _to_order(found, NOTHING_YET)
    place = next(place for place in inventory.locations(session) if place.id == place_id)
    return _to_order(found, replace(NOTHING_YET, pickup_location=place.name))


def look_at_orders(session: Session, found: Sequence[FullOrder]) -> list[Order]:
    """Orders with how far they are."""
    ids = [one.order.id for one in found]
    parts, parcels = fulfillment.of_orders(session, ids), shipping.of_orders(session, ids)
    are_short = [one for one in found if any(line.short for full in parts[one.order.id] for line in full.lines)]
    open_ones = look_at_shortages(session, are_short) if are_short else []
    is_collected = any(one.order.pickup_location_id for one in found)
    places = {place.id: place for place in inventory.locations(session)} if is_collected else {}
    pay_by = approval.pay_by(session, [one.order.id for one in found if one.order.status == "on_hold"])
    waiting, dues = _waiting(session, found), look_at_dues(session, [one.order for one in found])
    back = returns.came_back(session, ids)
    return [
        _to_order(
            replace(
                one,
                waiting=[part for line in one.lines for part in waiting.get(line.id, ())],
                pay_by=pay_by.get(one.order.id),
            ),
            Progress(
                parts[one.order.id],
                parcels[one.order.id],
                [shortage for shortage in open_ones if shortage.order_id == one.order.id],
                places[one.order.pickup_location_id].name if one.order.pickup_location_id else None,
                link_tracking(session, one.order),
                dues[one.order.id],
                back[one.order.id],
            ),
        )
        for one in found
    ]


def _waiting(session: Session, found: Sequence[FullOrder]) -> dict[str, list[WaitingPart]]:
    """By order line what it still waits for."""
    waiting: dict[str, list[WaitingPart]] = {}
    for each in inventory.waiting_of(session, [line.id for one in found for line in one.lines]):
        part = WaitingPart(each.order_line_id, each.quantity, each.promised_on)
        waiting.setdefault(each.order_line_id, []).append(part)
    return waiting


def look_at_order(session: Session, found: FullOrder) -> Order:
    [order] = look_at_orders(session, [found])
    return order


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is."""

    parts: Sequence[FullFulfillment]
    parcels: Sequence[Parcel]
    shortages: Sequence[OpenShortage]
    pickup_location: str | None
    tracking_link: str | None = None
    dues: Dues | None = None
    back: Mapping[str, int] = field(default_factory=dict)

    def is_covered(self, lines: Sequence[OrderLineRow]) -> bool:
        """Nothing waits for goods or for an answer."""
        got: dict[str, int] = {}
        for full in self.parts:
            if full.fulfillment.status != "cancelled":
                for line in full.lines:
                    got[line.order_line_id] = got.get(line.order_line_id, 0) + line.quantity - line.short
        return all(got.get(line.id, 0) >= line.base_quantity for line in lines)


NOTHING_YET = Progress((), (), (), None)


def _to_order(found: FullOrder, progress: Progress) -> Order:
    order = found.order
    parts = [full.fulfillment.status for full in progress.parts]
    fulfilled = fulfillment_status(
        order,
        parts,
        [parcel.shipment.status for parcel in progress.parcels],
        is_covered=progress.is_covered(found.lines),
    )
    agreed = {line.id: line for line in found.lines}
    codes = (full.fulfillment.pickup_code for full in progress.parts if full.fulfillment.status == "packed")
    # Of an order that was placed just now nothing was paid yet.
    dues = progress.dues or Dues(due_minor=order.total_minor)
    return Order(
        number=order.number,
        status=order.status,
        fulfillment_status=fulfilled,
        payment_status=payment_status(order, dues.paid_minor, dues.due_minor, dues.refunded_minor, dues.overpaid_minor),
        return_status=return_status({line.id: line.base_quantity for line in found.lines}, progress.back),
        placed_at=order.placed_at,
        lines=[_to_line(line, order.currency) for line in found.lines],
        subtotal=Money.of(sum(as_listed(line) for line in found.lines), order.currency),
        discount=applied(Terms.of(order.discount) if order.discount else None, order.discount_minor, order.currency),
        tax=Money.of(order.tax_minor, order.currency),
        prices_include_tax=all(line.price_includes_tax for line in found.lines),
        delivery_fee=Money.of(order.delivery_fee_minor, order.currency),
        total=Money.of(order.total_minor, order.currency),
        due=Money.of(dues.due_minor, order.currency),
        pay_by=found.pay_by,
        address=order.address,
        payment_method=order.payment_method,
        can_cancel=can_cancel(order) and fulfilled not in ("shipped", "delivered"),
        promised_on=order.promised_on,
        pickup=(
            Pickup(location=progress.pickup_location, code=next(codes, None)) if progress.pickup_location else None
        ),
        parcels=[to_parcel(parcel, agreed, progress.tracking_link) for parcel in progress.parcels],
        shortages=[to_shortage(shortage) for shortage in progress.shortages],
        waiting=[_to_waiting(part, agreed[part.order_line_id]) for part in found.waiting],
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
        discount=Money.of(line.discount_minor, currency),
        tax=Money.of(line.tax_minor, currency),
        tax_class=line.tax_class,
        total=Money.of(as_listed(line), currency),
    )


def _to_waiting(part: WaitingPart, line: OrderLineRow) -> WaitingLine:
    return WaitingLine(
        sku=line.sku,
        name=line.name,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(part.base_quantity, line.factor),
        unit=line.unit,
        unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
        base_quantity=part.base_quantity,
        promised_on=part.promised_on,
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
