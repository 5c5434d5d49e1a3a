"""Approval over HTTP: the rules that hold orders, and deciding about those held."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from backend.api.access import Admin, Db, Sales, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.orders import Number, look_at_order
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.orders import approval
from backend.orders import models as rows
from backend.orders.errors import (
    ApprovalRuleInvalid,
    ApprovalRuleNotFound,
    OrderChanged,
    OrderNotCancellable,
    OrderNotFound,
    OrderNotHoldable,
    OrderNotOnHold,
)
from backend.schemas.approval import ApprovalRule, ApproveOrder, HoldBackOrder, NewApprovalRule, RejectOrder, StuckOrder
from backend.schemas.base import Words
from backend.schemas.orders import Order
from backend.workflows.approve_order import approve_order
from backend.workflows.find_stuck_orders import find_stuck_orders
from backend.workflows.hold_back_order import hold_back_order
from backend.workflows.reject_order import reject_order
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff", tags=["Staff"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)

RuleId = Annotated[str, Path(max_length=36)]


@router.get("/approval-rules", summary="The rules that hold orders, in their order")
def rules(_staff: Staff, db: Db) -> list[ApprovalRule]:
    with db.read() as session:
        return [_to_rule(row) for row in approval.rules(session)]


@router.post(
    "/approval-rules",
    summary="Hold orders by one more rule",
    response_model=ApprovalRule,
    status_code=201,
    responses=describe(*_ACT, ApprovalRuleInvalid),
)
def add(rule: NewApprovalRule, _admin: Admin, act: Act) -> Response:
    return act.once(
        lambda session: _to_rule(
            approval.add_rule(session, rule.kind, rule.parameters, is_active=rule.is_active, position=rule.position)
        ),
        status=201,
    )


@router.put(
    "/approval-rules/{rule_id}",
    summary="Make a rule another, or switch it off; orders held already stay held",
    response_model=ApprovalRule,
    responses=describe(*_ACT, ApprovalRuleInvalid, ApprovalRuleNotFound),
)
def change(rule_id: RuleId, rule: NewApprovalRule, _admin: Admin, act: Act) -> Response:
    return act.once(
        lambda session: _to_rule(
            approval.change_rule(
                session, rule_id, rule.kind, rule.parameters, is_active=rule.is_active, position=rule.position
            )
        )
    )


@router.delete(
    "/approval-rules/{rule_id}",
    summary="Hold nothing by this rule any more",
    response_model=ApprovalRule,
    responses=describe(*_ACT, ApprovalRuleNotFound),
)
def remove(rule_id: RuleId, _admin: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_rule(approval.remove_rule(session, rule_id)))


@router.post(
    "/orders/{number}/approve",
    summary="Let a held order go on",
    response_model=Order,
    responses=describe(*_ACT, OrderNotFound, OrderChanged, OrderNotOnHold),
)
def approve(number: Number, decision: ApproveOrder, sales: Sales, act: Act) -> Response:
    who = f"staff:{sales.subject}"
    return act.once(
        lambda session: look_at_order(session, approve_order(session, number, decision.version, who, decision.note))
    )


@router.post(
    "/orders/{number}/reject",
    summary="Cancel a held order; the customer is told why",
    response_model=Order,
    responses=describe(*_ACT, OrderNotFound, OrderChanged, OrderNotOnHold, OrderNotCancellable),
)
def reject(number: Number, decision: RejectOrder, sales: Sales, act: Act) -> Response:
    who = f"staff:{sales.subject}"
    return act.once(
        lambda session: look_at_order(session, reject_order(session, number, decision.version, who, decision.reason))
    )


@router.post(
    "/orders/{number}/hold",
    summary="Hold an order back until someone approves or rejects it",
    response_model=Order,
    responses=describe(*_ACT, OrderNotFound, OrderChanged, OrderNotHoldable),
)
def hold_back(number: Number, decision: HoldBackOrder, sales: Sales, act: Act) -> Response:
    who = f"staff:{sales.subject}"
    return act.once(
        lambda session: look_at_order(session, hold_back_order(session, number, decision.version, who, decision.note))
    )


@router.get("/stuck", summary="Orders too long where they are, longest first", responses=describe(ShopNotSetUp))
def stuck(_staff: Staff, db: Db) -> list[StuckOrder]:
    with db.read() as session:
        found = find_stuck_orders(session)
    return [
        StuckOrder(number=one.number, reason=one.reason, words=Words(es=one.es, en=one.en), since=one.since)
        for one in found
    ]


def _to_rule(row: rows.ApprovalRule) -> ApprovalRule:
    return ApprovalRule(
        id=row.id, kind=row.kind, parameters=row.parameters, is_active=row.is_active, position=row.position
    )
