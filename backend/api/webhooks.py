"""Who hears of events, over HTTP: for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from backend.api.access import Admin, Db, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Text
from backend.schemas.webhooks import (
    Delivery,
    DeliveryPage,
    DeliveryStatus,
    NewSubscriber,
    Subscriber,
    SubscriberChange,
    SubscriberWithSecret,
)
from backend.webhooks import models
from backend.webhooks import service as webhooks
from backend.webhooks.errors import (
    DeliveryNotDead,
    DeliveryNotFound,
    SubscriberIsBuiltIn,
    SubscriberNameTaken,
    SubscriberNotFound,
    SubscriberUrlInvalid,
)
from backend.workflows.resend_event import resend_event
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/webhooks", tags=["Webhooks"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50

SubscriberId = Annotated[Text, Path(max_length=36)]
DeliveryId = Annotated[Text, Path(max_length=36)]


@router.get("", summary="Everyone who hears of events")
def subscribers(_staff: Staff, db: Db) -> list[Subscriber]:
    with db.read() as session:
        return [_to_subscriber(each) for each in webhooks.subscribers(session)]


@router.post(
    "",
    summary="Subscribe; the secret is shown this once",
    response_model=SubscriberWithSecret,
    status_code=201,
    responses=describe(*_ACT, SubscriberNameTaken, SubscriberUrlInvalid),
)
def subscribe(new: NewSubscriber, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _with_secret(webhooks.subscribe(session, new.name, new.url, new.kinds)), status=201)


@router.patch(
    "/{subscriber_id}",
    summary="Change an address or the kinds of events, switch off or on",
    response_model=Subscriber,
    responses=describe(*_ACT, SubscriberNotFound, SubscriberIsBuiltIn, SubscriberUrlInvalid),
)
def change(subscriber_id: SubscriberId, wanted: SubscriberChange, _staff: Admin, act: Act) -> Response:
    return act.once(
        lambda session: _to_subscriber(
            webhooks.change(session, subscriber_id, url=wanted.url, kinds=wanted.kinds, is_active=wanted.is_active)
        )
    )


@router.post(
    "/{subscriber_id}/secret",
    summary="Make a new secret, shown this once; the old one signs nothing any more",
    response_model=SubscriberWithSecret,
    responses=describe(*_ACT, SubscriberNotFound, SubscriberIsBuiltIn),
)
def rotate(subscriber_id: SubscriberId, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _with_secret(webhooks.rotate_secret(session, subscriber_id)))


@router.get("/deliveries", summary="What became of events on their way, the newest first")
def deliveries(
    _staff: Staff,
    db: Db,
    status: DeliveryStatus | None = None,
    cursor: Annotated[Text | None, Query(max_length=36, description="`next_cursor` of the page before.")] = None,
) -> DeliveryPage:
    with db.read() as session:
        found = webhooks.deliveries(session, status, cursor, PAGE + 1)
    next_cursor = found[PAGE - 1].id if len(found) > PAGE else None
    return DeliveryPage(deliveries=[_to_delivery(each) for each in found[:PAGE]], next_cursor=next_cursor)


@router.post(
    "/deliveries/{delivery_id}/resend",
    summary="Send again what was given up",
    response_model=Delivery,
    responses=describe(*_ACT, DeliveryNotFound, DeliveryNotDead),
)
def resend(delivery_id: DeliveryId, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_delivery(resend_event(session, delivery_id)))


def _to_subscriber(row: models.Subscriber) -> Subscriber:
    return Subscriber(
        id=row.id, name=row.name, url=row.url, kinds=row.kinds, is_active=row.is_active, created_at=row.created_at
    )


def _with_secret(row: models.Subscriber) -> SubscriberWithSecret:
    return SubscriberWithSecret(**_to_subscriber(row).model_dump(), secret=row.secret)


def _to_delivery(row: models.WebhookDelivery) -> Delivery:
    return Delivery(
        id=row.id,
        event_id=row.event_id,
        subscriber_id=row.subscriber_id,
        status=row.status,
        attempts=row.attempts,
        error=row.error,
        due_at=row.due_at,
        delivered_at=row.delivered_at,
    )
