"""Limits, and what waits for a second person, over HTTP."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Annotated, Any, cast, get_args

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Db, Staff, WrongRole, roles_of, staff_of
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.approvals import models
from backend.approvals import service as approvals
from backend.approvals.errors import AboveLimit, PendingActDecided, PendingActNotFound, SamePerson
from backend.catalog.errors import ShopNotSetUp, UnknownSku
from backend.catalog.shop import set_up_shop, shop
from backend.discounts.errors import DiscountOnNothing
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.invoicing.errors import InvoiceNotFound, NothingToInvoice, SeriesUsedUp, TooMuchToCredit
from backend.ledger.errors import PeriodClosed
from backend.payments.errors import SettlesTooMuch
from backend.quotes.errors import QuoteNotFound, QuoteOver
from backend.schemas.base import Money, Text
from backend.schemas.staff import (
    LimitedAct,
    PendingAct,
    PendingActPage,
    PendingStatus,
    RefusePending,
    RoleLimits,
    SetRoleLimits,
)
from backend.staff import service as staff
from backend.workflows.decide_pending_act import approve_pending, refuse_pending
from backend.workflows.give_discount import DISCOUNT
from backend.workflows.look_at_limits import REFUND, limits_of_roles
from kernel.tokens import Principal, TokenRefused

router = APIRouter(tags=["Staff"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_DECIDE = (PendingActNotFound, PendingActDecided, SamePerson)
PAGE = 50
Decider = Annotated[Principal, Depends(staff_of("finance", "sales"))]
_BY_FINANCE = frozenset(models.ACTS)
_BY_SALES = frozenset({DISCOUNT})
Number = Annotated[Text, Path(max_length=20, examples=["APR-10001"])]
# What a route answers whose act may have to wait.
MAY_WAIT: dict[int | str, dict[str, Any]] = {
    202: {"model": PendingAct, "description": "Above the caller's limit: it waits for a second person."}
}


@router.get("/staff/limits", summary="What each role does alone", responses=describe(ShopNotSetUp))
def limits(_staff: Staff, db: Db) -> RoleLimits:
    with db.read() as session:
        return _limits(session)


@router.put(
    "/staff/limits",
    summary="Say anew what each role does alone",
    response_model=RoleLimits,
    responses=describe(*_ACT, ShopNotSetUp),
)
def set_limits(given: SetRoleLimits, _admin: Admin, act: Act) -> Response:
    def work(session: Session) -> RoleLimits:
        told: dict[str, dict[str, int | None]] = {
            kind: {str(role): most for role, most in by_role.items()} for kind, by_role in given.limits.items()
        }
        refunds = told.pop(REFUND, {})
        set_up_shop(session, replace(shop(session), refund_limits=refunds, staff_limits=told))
        return _limits(session)

    return act.once(work)


@router.get(
    "/staff/pending-acts",
    summary="What waits for a second person, the newest first",
    responses=describe(InvalidRequest, PendingActNotFound),
)
def page(
    member: Staff,
    db: Db,
    status: PendingStatus | None = None,
    cursor: Annotated[Text | None, Query(max_length=20, description="`next_cursor` of the page before.")] = None,
) -> PendingActPage:
    """Those that the caller may decide, and those that they asked for."""
    who, acts = f"staff:{member.subject}", _decided_by(roles_of(member))
    with db.read() as session:
        rows = approvals.page(session, status, cursor, PAGE + 1, acts=acts, who=who)
        shown = [to_pending(session, row) for row in rows]
    return PendingActPage(acts=shown[:PAGE], next_cursor=shown[PAGE - 1].number if len(shown) > PAGE else None)


@router.post(
    "/staff/pending-acts/{number}/approval",
    summary="Approve it, as a second person: it is done",
    response_model=PendingAct,
    responses=describe(
        *_ACT, *_DECIDE, AboveLimit, InvoiceNotFound, NothingToInvoice, SeriesUsedUp, TooMuchToCredit, PeriodClosed,
        SettlesTooMuch, QuoteNotFound, QuoteOver, UnknownSku, DiscountOnNothing,
    ),
)  # fmt: skip
def approve(number: Number, member: Decider, act: Act) -> Response:
    def work(session: Session) -> PendingAct:
        _require_decides(session, number, member)
        row = approve_pending(session, number, f"staff:{member.subject}", roles_of(member))
        return to_pending(session, row)

    return act.once(work, 200)


@router.post(
    "/staff/pending-acts/{number}/refusal",
    summary="Refuse it, as a second person",
    response_model=PendingAct,
    responses=describe(*_ACT, *_DECIDE),
)
def refuse(number: Number, given: RefusePending, member: Decider, act: Act) -> Response:
    def work(session: Session) -> PendingAct:
        _require_decides(session, number, member)
        return to_pending(session, refuse_pending(session, number, given.note, f"staff:{member.subject}"))

    return act.once(work)


@router.post(
    "/staff/pending-acts/{number}/withdrawal",
    summary="Take back what I asked for",
    response_model=PendingAct,
    responses=describe(*_ACT, PendingActNotFound, PendingActDecided),
)
def withdraw(number: Number, member: Staff, act: Act) -> Response:
    def work(session: Session) -> PendingAct:
        return to_pending(session, approvals.withdraw(session, number, f"staff:{member.subject}"))

    return act.once(work)


def _decided_by(roles: Set[str]) -> frozenset[str] | None:
    """The kinds of acts that these roles decide on; None for all."""
    if "admin" in roles:
        return None
    return frozenset(_BY_FINANCE if "finance" in roles else ()) | frozenset(_BY_SALES if "sales" in roles else ())


def _require_decides(session: Session, number: str, member: Principal) -> None:
    acts = _decided_by(roles_of(member))
    if acts is not None and approvals.find(session, number).act not in acts:
        # What others decide is not there for them, unless they asked for it, and then they do not decide.
        raise PendingActNotFound(number=number)


def _limits(session: Session) -> RoleLimits:
    seller = shop(session)
    told = {act: dict(limits_of_roles(seller, act)) for act in get_args(LimitedAct)}
    return RoleLimits(limits=cast(Any, told), currency=seller.currency)


def to_pending(session: Session, row: models.PendingAct) -> PendingAct:
    return PendingAct(
        number=row.number,
        act=cast(LimitedAct, row.act),
        subject=row.subject,
        amount=Money.of(row.amount_minor, row.currency),
        reason=row.reason,
        body=row.body,
        status=cast(PendingStatus, row.status),
        requested_by=row.requested_by,
        requested_by_name=staff.name_of(session, row.requested_by),
        requested_at=row.requested_at,
        decided_by=row.decided_by,
        decided_by_name=staff.name_of(session, row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
        note=row.note,
        result=row.result,
    )
