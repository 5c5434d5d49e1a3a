"""Purchase orders over HTTP for partners without an account: the link they were sent is the authority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Db
from backend.api.idempotency import Key, OneAct, act_of
from backend.api.partners import shown_purchase_order
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.cause import Cause
from backend.fulfillment.errors import NothingToPack, NotInFulfillment
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.partners.errors import (
    PurchaseLinkExpired,
    PurchaseLinkUnknown,
    PurchaseOrderChanged,
    PurchaseOrderStepIllegal,
    ShipsOnImpossible,
)
from backend.schemas.partners import (
    ConfirmPurchaseOrder,
    LinkedPurchaseOrder,
    RejectPurchaseOrder,
    ShipPurchaseOrder,
)
from backend.schemas.shipping import CarrierAnswer
from backend.shipping.carriers import carriers
from backend.shipping.errors import CarrierNotFound, TrackingNumberMissing, TrackingNumberTaken
from backend.workflows.answer_purchase_order import (
    Purchase,
    confirm_purchase_order,
    days_to_ship,
    look_at_purchase,
)
from backend.workflows.open_purchase_order import Opened, open_purchase_order, steps
from backend.workflows.reject_purchase_order import reject_purchase_order
from backend.workflows.ship_purchase_order import ship_purchase_order

_LINK = (InvalidRequest, PurchaseLinkUnknown, PurchaseLinkExpired, ShopNotSetUp)
_ANSWER = (*_LINK, IdempotencyKeyRequired, IdempotencyConflict, PurchaseOrderChanged, PurchaseOrderStepIllegal)
router = APIRouter(prefix="/purchase-orders", tags=["Partners"], responses=describe(*_LINK))
_OVER = ("rejected", "cancelled")

Token = Annotated[str, Path(max_length=200, description="The last part of the link.")]


def _opened(token: Token, db: Db) -> Opened:
    with db.read() as session:
        return open_purchase_order(session, token)


Link = Annotated[Opened, Depends(_opened)]


@dataclass(frozen=True, slots=True)
class LinkedAct:
    link: Opened
    act: OneAct


async def _act(request: Request, db: Db, link: Link, idempotency_key: Key = None) -> LinkedAct:
    scope = f"purchase-order:{link.id}"
    return LinkedAct(link, await act_of(request, db, scope, idempotency_key, Cause()))


Answering = Annotated[LinkedAct, Depends(_act)]


@router.get("/{token}", summary="The purchase order that a link opens")
def look(link: Link, db: Db) -> LinkedPurchaseOrder:
    with db.read() as session:
        return _shown(session, look_at_purchase(session, link.partner, link.number), link)


@router.post(
    "/{token}/confirm",
    summary="It ships on that day",
    response_model=LinkedPurchaseOrder,
    responses=describe(*_ANSWER, ShipsOnImpossible),
)
def confirm(answer: ConfirmPurchaseOrder, by: Answering) -> Response:
    link = by.link
    return by.act.once(
        lambda session: _shown(
            session, confirm_purchase_order(session, link.partner, link.number, answer.version, answer.ships_on), link
        )
    )


@router.post(
    "/{token}/reject",
    summary="It does not ship; the customer is asked what shall be instead",
    response_model=LinkedPurchaseOrder,
    responses=describe(*_ANSWER),
)
def reject(answer: RejectPurchaseOrder, by: Answering) -> Response:
    link = by.link
    return by.act.once(
        lambda session: _shown(
            session, reject_purchase_order(session, link.partner, link.number, answer.version, answer.note), link
        )
    )


@router.post(
    "/{token}/ship",
    summary="It left, as one parcel",
    response_model=LinkedPurchaseOrder,
    responses=describe(
        *_ANSWER, NotInFulfillment, NothingToPack, CarrierNotFound, TrackingNumberMissing, TrackingNumberTaken
    ),
)
def ship(answer: ShipPurchaseOrder, by: Answering) -> Response:
    link = by.link
    return by.act.once(
        lambda session: _shown(
            session,
            ship_purchase_order(
                session,
                link.partner,
                link.number,
                answer.version,
                answer.carrier,
                answer.tracking_number,
                answer.lines,
            ),
            link,
        )
    )


def _shown(session: Session, purchase: Purchase, link: Opened) -> LinkedPurchaseOrder:
    seller = shop(session)
    whole = shown_purchase_order(session, purchase, link.partner)
    earliest, latest = days_to_ship(session)
    return LinkedPurchaseOrder(
        shop=seller.name,
        partner=link.partner.name,
        language=link.partner.language,
        number=whole.number,
        status=whole.status,
        version=whole.version,
        address=None if whole.status in _OVER else whole.address,
        lines=whole.lines,
        ships_on=whole.ships_on,
        note=whole.note,
        sent_on=whole.sent_at.astimezone(ZoneInfo(seller.time_zone)).date(),
        can=steps(purchase),
        earliest=earliest,
        latest=latest,
        carriers=[CarrierAnswer(code=each.code, name=each.name) for each in carriers()],
    )
