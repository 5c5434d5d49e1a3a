"""Find stuck orders: those that have been too long where they are, with the reason in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from backend import events
from backend.calendar.service import calendar
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.shop import shop
from backend.events import Event
from backend.fulfillment.models import Fulfillment, Shortage
from backend.inventory.models import Backorder
from backend.orders.models import Order, OrderEntry, OrderHold, OrderLine
from backend.partners.models import PurchaseOrder
from backend.returns.models import Return, ReturnEntry
from backend.shipping.models import Shipment, TrackingEvent
from kernel import clock

HELD_FOR = timedelta(days=1)
PICKING_FOR = timedelta(hours=4)
PICKED_FOR = timedelta(hours=4)
PACKED_FOR = timedelta(days=1)
SILENT_FOR = timedelta(days=3)
UNANSWERED_FOR = timedelta(hours=24)
UNANNOUNCED_FOR = timedelta(hours=24)
PARTNER_SILENT_FOR = timedelta(days=2)
LOST_FOR = timedelta(days=10)
AT_MOST = 500
_LONGEST_HOLIDAY_DAYS = 15
_ON_THE_ROAD = ("shipped", "in_transit", "out_for_delivery", "exception")


@dataclass(frozen=True, slots=True)
class Stuck:
    """An order, the `reason` as a stable word and as sentences, and since when it is so."""

    number: str
    reason: str
    es: str
    en: str
    since: datetime


_WORDS = {
    "held": ("espera aprobación desde hace más de un día", "has waited for approval for more than a day"),
    "not_picked": (
        "está confirmado hace más de un día hábil y nadie lo ha alistado",
        "was confirmed more than a working day ago and nobody has picked it",
    ),
    "picking": ("se empezó a alistar hace horas y no está completo", "picking began hours ago and is not finished"),
    "not_packed": ("está alistado y nadie lo ha empacado", "is picked and nobody has packed it"),
    "not_shipped": (
        "está empacado hace más de un día y no ha salido",
        "was packed more than a day ago and has not left",
    ),
    "silent": (
        "salió y la transportadora no da noticias hace más de tres días",
        "left, and the carrier has said nothing for more than three days",
    ),
    "backorder_late": (
        "espera mercancía que debía haber llegado",
        "waits for goods that should have come",
    ),
    "backorder_unannounced": (
        "espera mercancía que nadie ha anunciado",
        "waits for goods that nobody has announced",
    ),
    "partner_silent": (
        "el proveedor no ha respondido la orden de compra en más de dos días",
        "the partner has not answered the purchase order for more than two days",
    ),
    "partner_late": (
        "el proveedor no ha despachado el día que confirmó",
        "the partner has not shipped on the day they confirmed",
    ),
    "shortage_unanswered": (
        "el cliente no ha dicho qué hacer con lo que falta",
        "the customer has not said what to do about what is short",
    ),
    "return_unanswered": (
        "el cliente pidió una devolución y nadie le ha respondido",
        "its customer asked for a return and nobody has answered",
    ),
    "return_not_sent": (
        "debía volver mercancía que ya se pagó, o que íbamos a recoger, y no ha llegado",
        "goods should have come back that were paid already, or that we were to fetch",
    ),
    "return_lost": (
        "una devolución está en camino hace más de diez días y no ha llegado",
        "a return has been on its way for more than ten days and has not come",
    ),
    "return_not_inspected": (
        "llegó una devolución y nadie la ha revisado a tiempo",
        "a return came and nobody has looked at it in time",
    ),
    "return_not_resolved": (
        "una devolución está revisada y nadie la ha resuelto",
        "a return was looked at and nobody has resolved it",
    ),
}


def find_stuck_orders(session: Session) -> list[Stuck]:
    """Every order with each reason why someone should look at it, longest first; at most AT_MOST."""
    return sorted(_all(session), key=lambda one: (one.since, one.number, one.reason))[:AT_MOST]


def _all(session: Session) -> Iterator[Stuck]:
    now = clock.now()
    held = select(Order.number, func.min(OrderHold.held_at)).join(OrderHold, OrderHold.order_id == Order.id)
    held = held.where(Order.status == "on_hold", OrderHold.outcome.is_(None)).group_by(Order.number)
    yield from _older(session, "held", held, now - HELD_FOR)
    pending = _fulfillments("pending").where(Fulfillment.partner_id.is_(None))
    yield from _older(session, "not_picked", pending, _a_working_day_before(session, now))
    yield from _older(session, "picking", _fulfillments("picking"), now - PICKING_FOR)
    yield from _older(session, "not_packed", _fulfillments("picked"), now - PICKED_FOR)
    yield from _older(session, "not_shipped", _fulfillments("packed"), now - PACKED_FOR)
    last = func.coalesce(func.max(TrackingEvent.received_at), Shipment.shipped_at)
    silent = (
        select(Order.number, last)
        .join(Shipment, Shipment.order_id == Order.id)
        .outerjoin(TrackingEvent, TrackingEvent.shipment_id == Shipment.id)
        .where(Shipment.status.in_(_ON_THE_ROAD))
        .group_by(Order.number, Shipment.id, Shipment.shipped_at)
    )
    yield from _older(session, "silent", silent, now - SILENT_FOR)
    waiting = (
        select(Order.number, func.min(Backorder.created_at))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Backorder, Backorder.order_line_id == OrderLine.id)
        .where(Backorder.state == "waiting", Backorder.promised_on < _today(session, now))
        .group_by(Order.number)
    )
    yield from _older(session, "backorder_late", waiting, now)
    unannounced = (
        select(Order.number, func.min(Backorder.created_at))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Backorder, Backorder.order_line_id == OrderLine.id)
        .where(Backorder.state == "waiting", Backorder.promised_on.is_(None))
        .group_by(Order.number)
    )
    yield from _older(session, "backorder_unannounced", unannounced, now - UNANNOUNCED_FOR)
    sent = _purchase_orders("sent", func.min(PurchaseOrder.sent_at))
    yield from _older(session, "partner_silent", sent, now - PARTNER_SILENT_FOR)
    late = _purchase_orders("confirmed", func.min(PurchaseOrder.answered_at))
    yield from _older(session, "partner_late", late.where(PurchaseOrder.ships_on < _today(session, now)), now)
    asked = select(Order.number, func.min(Shortage.asked_at)).join(Shortage, Shortage.order_id == Order.id)
    asked = asked.where(Shortage.resolution == "open").group_by(Order.number)
    yield from _older(session, "shortage_unanswered", asked, now - UNANSWERED_FOR)
    yield from _returns(session, now)


def _returns(session: Session, now: datetime) -> Iterator[Stuck]:
    """Orders of which something comes back, and whoever has the next step is late with it."""
    today = _today(session, now)
    is_ours = or_(Return.settled_at.is_not(None), Return.way == "pickup")
    late = {
        "return_unanswered": (Return.status == "requested", Return.answer_by < today),
        "return_not_sent": (Return.status == "accepted", Return.send_by < today, is_ours),
        "return_not_inspected": (Return.status.in_(("partly_received", "received")), Return.inspect_by < today),
        "return_not_resolved": (Return.status == "inspected", Return.inspect_by < today),
    }
    last = select(Order.number, func.max(ReturnEntry.happened_at)).join(Return, Return.order_id == Order.id)
    last = last.join(ReturnEntry, ReturnEntry.return_id == Return.id).group_by(Order.number, Return.id)
    for reason, conditions in late.items():
        yield from _older(session, reason, last.where(*conditions), now)
    yield from _older(session, "return_lost", last.where(Return.status == "in_transit"), now - LOST_FOR)


def _older(session: Session, reason: str, query: Select[str, datetime], before: datetime) -> Iterator[Stuck]:
    es, en = _WORDS[reason]
    for number, since in session.execute(query):
        if since is not None and since < before:
            yield Stuck(number, reason, es, en, since)


def _fulfillments(status: str) -> Select[str, datetime]:
    """Confirmed orders with a fulfillment there, and when something last happened to them."""
    last = func.max(OrderEntry.happened_at)
    query = select(Order.number, last).join(Fulfillment, Fulfillment.order_id == Order.id)
    query = query.join(OrderEntry, OrderEntry.order_id == Order.id)
    return query.where(Order.status == "confirmed", Fulfillment.status == status).group_by(Order.number)


def _purchase_orders(status: str, since: ColumnElement[Any]) -> Select[str, datetime]:
    """Orders under way of which a partner was asked for a part that stands there."""
    query = select(Order.number, since).join(Fulfillment, Fulfillment.order_id == Order.id)
    query = query.join(PurchaseOrder, PurchaseOrder.fulfillment_id == Fulfillment.id)
    return query.where(Order.status == "confirmed", PurchaseOrder.status == status).group_by(Order.number)


def _today(session: Session, now: datetime) -> date:
    return now.astimezone(ZoneInfo(shop(session).time_zone)).date()


def _a_working_day_before(session: Session, now: datetime) -> datetime:
    """The same time of day on the working day before; without a calendar, a day before."""
    seller = shop(session)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    for ahead in range(1, _LONGEST_HOLIDAY_DAYS):
        before = now - timedelta(days=ahead)
        if days.is_working_day(days.local(before).date()):
            return before
    return now - timedelta(days=1)


def note_stuck_orders(session: Session) -> bool:
    """Make what is stuck known, once a day of the shop; whether this was the time.

    Records: at most one event `orders.stuck` a day, its subject the date.
    """
    try:
        today = _today(session, clock.now()).isoformat()
    except ShopNotSetUp:
        return False
    known = exists().where(Event.kind == "orders.stuck", Event.subject == today)
    if session.scalar(select(known)):
        return False
    found = find_stuck_orders(session)
    orders = [{"number": one.number, "reason": one.reason, "since": one.since.isoformat()} for one in found]
    events.record(session, "orders.stuck", today, {"count": len(found), "orders": orders})
    return True
