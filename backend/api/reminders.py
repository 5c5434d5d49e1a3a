"""Reminders and promises to pay over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Customer, Db, Finance, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog import shop as catalog
from backend.catalog.errors import ShopNotSetUp
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.reminders import models
from backend.reminders import service as reminders
from backend.reminders.errors import NothingOwed, PromiseOutOfRange, ReminderStagesInvalid
from backend.schemas.base import Money
from backend.schemas.receivables import (
    KeptReminderStages,
    NewPaymentPromise,
    PaymentPromise,
    PromiseState,
    ReminderStage,
    ReminderStages,
    StaffPaymentPromise,
)
from backend.workflows.promise_payment import promise_payment
from backend.workflows.set_reminders import set_reminders
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Receivables"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, ShopNotSetUp)
LISTED = 200


@router.post(
    "/customers/me/payment-promises",
    summary="Promise to pay what I owe by a day",
    response_model=PaymentPromise,
    status_code=201,
    responses=describe(*_ACT, NothingOwed, PromiseOutOfRange),
)
def make_promise(given: NewPaymentPromise, customer: Customer, act: Act) -> Response:
    """Nobody is reminded before that day is over. One that was made before is replaced."""

    def work(session: Session) -> PaymentPromise:
        return _to_promise(promise_payment(session, customer.subject, given.promised_on, given.said))

    return act.once(work, status=201)


@router.get(
    "/staff/receivables/promises", summary="Who promised to pay, the latest first", responses=describe(InvalidRequest)
)
def promises(_staff: Finance, db: Db, state: PromiseState | None = None) -> list[StaffPaymentPromise]:
    with db.read() as session:
        return [
            StaffPaymentPromise(
                **_to_promise(each).model_dump(),
                customer_id=each.customer_id,
                said=each.said,
            )
            for each in reminders.page(session, state, LISTED)
        ]


@router.get("/staff/receivables/reminders", summary="When customers are reminded", responses=describe(ShopNotSetUp))
def stages(_staff: Finance, db: Db) -> KeptReminderStages:
    with db.read() as session:
        return _to_stages(catalog.shop(session).reminder_stages)


@router.put(
    "/staff/receivables/reminders",
    summary="Set when customers are reminded",
    response_model=KeptReminderStages,
    responses=describe(*_ACT, ReminderStagesInvalid),
)
def put_stages(given: ReminderStages, _staff: Admin, act: Act) -> Response:
    wanted = [catalog.ReminderStage(each.stage, each.days) for each in given.stages]
    return act.once(lambda session: _to_stages(set_reminders(session, wanted)))


def _to_stages(found: Sequence[catalog.ReminderStage]) -> KeptReminderStages:
    return KeptReminderStages(stages=[ReminderStage(stage=each.stage, days=each.days) for each in found])


def _to_promise(promise: models.PaymentPromise) -> PaymentPromise:
    return PaymentPromise(
        promised_on=promise.promised_on,
        amount=Money.of(promise.amount_minor, promise.currency),
        state=cast(PromiseState, promise.state),
        made_at=promise.made_at,
        ended_at=promise.ended_at,
    )
