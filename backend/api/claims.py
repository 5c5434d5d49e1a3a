"""Claims over HTTP: customers open them, staff see them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from backend.api.access import Customer, Db, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.claims import models
from backend.claims import service as claims
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.orders.models import Order
from backend.schemas.claims import Claim, NewClaim, StaffClaim
from backend.workflows.open_claim import open_claim
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Claims"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
LISTED = 200

Number = Annotated[str, Path(max_length=40, description="`PED-10023`, or `latest`.", examples=["PED-10023"])]


@router.post(
    "/orders/{number}/claims",
    summary="Say that something is wrong with an order; said again it is the same claim",
    response_model=Claim,
    status_code=201,
    responses=describe(*_ACT, OrderNotFound),
)
def claim(number: Number, new: NewClaim, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: _to_claim(*open_claim(session, customer.subject, number, new.note)), status=201)


@router.get("/staff/claims", summary="Open claims, the newest first", tags=["Staff"])
def listed(_staff: Staff, db: Db) -> list[StaffClaim]:
    with db.read() as session:
        answer = []
        for row in claims.recent(session, LISTED):
            order = orders.by_id(session, row.order_id).order
            answer.append(StaffClaim(**_to_claim(row, order).model_dump(), customer_id=order.customer_id))
        return answer


def _to_claim(row: models.Claim, order: Order) -> Claim:
    return Claim(
        id=row.id, order_number=order.number, kind=row.kind, state=row.state, note=row.note, opened_at=row.opened_at
    )
