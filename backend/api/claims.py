"""Claims over HTTP: customers open them, staff see them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Desk, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.claims import models
from backend.claims import service as claims
from backend.claims.errors import ClaimClosed, ClaimNotFound
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.orders.models import Order
from backend.returns import service as returns
from backend.schemas.claims import Claim, CloseClaim, NewClaim, StaffClaim
from backend.workflows.close_claim import close_claim
from backend.workflows.open_claim import open_claim
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Claims"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
LISTED = 200

ClaimId = Annotated[str, Path(max_length=40)]
Number = Annotated[str, Path(max_length=40, description="`PED-10023`, or `latest`.", examples=["PED-10023"])]


@router.post(
    "/orders/{number}/claims",
    summary="Say that something is wrong with an order; said again it is the same claim",
    response_model=Claim,
    status_code=201,
    responses=describe(*_ACT, OrderNotFound),
)
def claim(number: Number, new: NewClaim, customer: Customer, act: Act) -> Response:
    return act.once(
        lambda session: _to_claim(*open_claim(session, customer.subject, number, new.note, new.kind)), status=201
    )


@router.get("/staff/claims", summary="Open claims, the newest first", tags=["Staff"])
def listed(_staff: Staff, db: Db) -> list[StaffClaim]:
    with db.read() as session:
        return [
            _to_staff_claim(session, row, orders.by_id(session, row.order_id).order)
            for row in claims.recent(session, LISTED)
        ]


@router.post(
    "/staff/claims/{claim_id}/close",
    summary="Close a claim with what was agreed; a return that makes it good names it itself",
    response_model=StaffClaim,
    tags=["Staff"],
    responses=describe(*_ACT, ClaimNotFound, ClaimClosed),
)
def close(claim_id: ClaimId, agreed: CloseClaim, staff: Desk, act: Act) -> Response:
    who = f"staff:{staff.subject}"
    return act.once(
        lambda session: _to_staff_claim(session, *close_claim(session, claim_id, agreed.answer, who)), status=200
    )


def _to_staff_claim(session: Session, row: models.Claim, order: Order) -> StaffClaim:
    return StaffClaim(
        **_to_claim(row, order).model_dump(),
        customer_id=order.customer_id,
        return_number=returns.by_id(session, row.return_id).number if row.return_id else None,
        answer=row.answer,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )


def _to_claim(row: models.Claim, order: Order) -> Claim:
    return Claim(
        id=row.id, order_number=order.number, kind=row.kind, state=row.state, note=row.note, opened_at=row.opened_at
    )
