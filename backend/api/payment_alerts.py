"""What of payments does not fit together, for finance."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Db, Finance, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.payments import alerts, models
from backend.payments.errors import AlertClosed, AlertNotFound
from backend.schemas.base import Text
from backend.schemas.payments import AlertKind, CloseAlert, PaymentAlert, PaymentAlertPage
from kernel.tokens import TokenRefused

router = APIRouter(
    prefix="/staff/payment-alerts", tags=["Payments", "Staff"], responses=describe(TokenRefused, WrongRole)
)
PAGE = 50


@router.get("", summary="What a person must look at, newest first", responses=describe(InvalidRequest))
def page(
    _staff: Finance,
    db: Db,
    state: Literal["open", "closed"] = "open",
    cursor: Annotated[Text | None, Query(max_length=36, description="`next_cursor` of the page before.")] = None,
) -> PaymentAlertPage:
    with db.read() as session:
        found = alerts.page(session, is_open=state == "open", before=cursor, limit=PAGE + 1)
    return PaymentAlertPage(
        alerts=[_to_alert(each) for each in found[:PAGE]],
        next_cursor=found[PAGE - 1].id if len(found) > PAGE else None,
    )


@router.post(
    "/{alert_id}/close",
    summary="Close it, with what was found",
    response_model=PaymentAlert,
    responses=describe(InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, AlertNotFound, AlertClosed),
)
def close(alert_id: Annotated[Text, Path(max_length=36)], given: CloseAlert, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> PaymentAlert:
        return _to_alert(alerts.close(session, alert_id, given.note, f"staff:{staff.subject}"))

    return act.once(work)


def _to_alert(row: models.PaymentAlert) -> PaymentAlert:
    return PaymentAlert(
        id=row.id,
        kind=cast(AlertKind, row.kind),
        provider=row.provider,
        about=row.subject,
        facts=row.facts,
        raised_at=row.raised_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
    )
