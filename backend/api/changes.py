"""Changing placed orders over HTTP: shown first, then done; by the customer, and by staff for them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Desk, WrongRole
from backend.api.carts import applied
from backend.api.idempotency import Act
from backend.api.orders import Number, look_at_order
from backend.api.problems import InvalidRequest, describe
from backend.carts.errors import InvalidChange, InvalidQuantity, QuantityTooLarge
from backend.carts.quantity import in_units
from backend.catalog.errors import UnknownSku, UnknownUnit
from backend.discounts.terms import Terms
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import OutOfStock
from backend.orders import service as orders
from backend.orders.errors import (
    ChangeStale,
    NotDelivered,
    NothingToChange,
    OrderNotChangeable,
    OrderNotFound,
    OrderWouldBeEmpty,
    PaymentTimeOver,
    ShortageOpen,
)
from backend.orders.models import OrderLine
from backend.orders.service import NewLine
from backend.pricing import as_listed
from backend.schemas.base import Money, Words
from backend.schemas.orders import ChangedLine, ChangeOrder, Order, OrderChangePreview
from backend.workflows.change_cart import Change
from backend.workflows.change_order import Preview, apply_change, propose_change
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Orders"], responses=describe(TokenRefused, WrongRole))
_ACT = (
    InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, OrderNotFound, OrderNotChangeable, PaymentTimeOver,
    ShortageOpen, OutOfStock,
)  # fmt: skip
_PROPOSING = (
    *_ACT, NotDelivered, OrderWouldBeEmpty, NothingToChange, InvalidChange, InvalidQuantity, QuantityTooLarge,
    UnknownSku, UnknownUnit,
)  # fmt: skip

ConfirmationId = Annotated[str, Path(max_length=64, description="`confirmation` of the change that was shown.")]


@router.post(
    "/orders/{number}/changes",
    summary="Show what a change would make of an order",
    response_model=OrderChangePreview,
    status_code=201,
    responses=describe(*_PROPOSING),
)
def propose(number: Number, wish: ChangeOrder, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> OrderChangePreview:
        found = orders.find(session, customer.subject, number, lock=True)
        who = f"customer:{customer.subject}"
        return _to_preview(propose_change(session, found, _changes(wish), wish.address_text, who))

    return act.once(work, status=201)


@router.post(
    "/orders/{number}/changes/{confirmation}",
    summary="Change the order as it was shown",
    response_model=Order,
    responses=describe(*_ACT, ChangeStale),
)
def apply(number: Number, confirmation: ConfirmationId, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Order:
        found = orders.find(session, customer.subject, number, lock=True)
        return look_at_order(session, apply_change(session, found, confirmation, f"customer:{customer.subject}"))

    return act.once(work)


@router.post(
    "/staff/orders/{number}/changes",
    summary="Show what a change would make of a customer's order",
    response_model=OrderChangePreview,
    status_code=201,
    tags=["Staff"],
    responses=describe(*_PROPOSING),
)
def propose_for_customer(number: Number, wish: ChangeOrder, staff: Desk, act: Act) -> Response:
    def work(session: Session) -> OrderChangePreview:
        found = orders.find_any(session, number, lock=True)
        who = f"staff:{staff.subject}"
        return _to_preview(propose_change(session, found, _changes(wish), wish.address_text, who))

    return act.once(work, status=201)


@router.post(
    "/staff/orders/{number}/changes/{confirmation}",
    summary="Change a customer's order as it was shown",
    response_model=Order,
    tags=["Staff"],
    responses=describe(*_ACT, ChangeStale),
)
def apply_for_customer(number: Number, confirmation: ConfirmationId, staff: Desk, act: Act) -> Response:
    def work(session: Session) -> Order:
        found = orders.find_any(session, number, lock=True)
        return look_at_order(session, apply_change(session, found, confirmation, f"staff:{staff.subject}"))

    return act.once(work)


def _changes(wish: ChangeOrder) -> list[Change]:
    return [Change(each.op, each.sku, each.quantity, each.unit, each.may_wait) for each in wish.changes]


def _to_preview(preview: Preview) -> OrderChangePreview:
    order, plan = preview.order, preview.plan
    return OrderChangePreview(
        number=order.number,
        confirmation=preview.confirmation,
        expires_at=preview.expires_at,
        lines=[_to_line(line, order.currency) for line in plan.lines],
        discount=applied(
            Terms.of(order.discount) if order.discount else None,
            sum(line.discount_minor for line in plan.lines),
            order.currency,
        ),
        tax=Money.of(sum(line.tax_minor for line in plan.lines), order.currency),
        prices_include_tax=all(line.price_includes_tax for line in plan.lines),
        delivery_fee=Money.of(plan.delivery_fee_minor, order.currency),
        old_total=Money.of(order.total_minor, order.currency),
        new_total=Money.of(plan.total_minor, order.currency),
        difference=Money.of(plan.total_minor - order.total_minor, order.currency),
        address=plan.address,
        is_pickup=order.pickup_location_id is not None,
        promised_on=plan.promised_on,
    )


def _to_line(line: OrderLine | NewLine, currency: str) -> ChangedLine:
    return ChangedLine(
        sku=line.sku,
        name=line.name,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(line.base_quantity, line.factor),
        unit=line.unit,
        unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
        unit_price=Money.of(line.unit_price_minor, currency),
        total=Money.of(as_listed(line), currency),
    )
