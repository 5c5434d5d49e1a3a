"""The auditor: reads every standing invariant of the OMS and says what does not hold. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, Select, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from backend.carts.models import Cart
from backend.events import Event
from backend.fulfillment.models import Fulfillment, FulfillmentLine, Shortage
from backend.inventory.models import Allocation, Backorder, Reservation, StockCount, StockHold, StockLevel, StockMove
from backend.invoicing.models import Invoice, InvoiceLine, InvoiceSeries
from backend.ledger.models import JournalEntry, Posting
from backend.mail.models import Mail
from backend.orders.models import Order, OrderEntry, OrderHold, OrderLine, OrderLineEnd
from backend.partners.models import PartnerPromise, PurchaseOrder
from backend.shipping.models import STATUSES, Shipment, ShipmentLine, TrackingEvent
from backend.shipping.service import STATUS_AFTER, rank
from backend.webhooks.models import WebhookDelivery
from kernel import clock


@dataclass(frozen=True, slots=True)
class Finding:
    """`invariant` does not hold for `subject`; `facts` are the figures that disagree."""

    invariant: str
    subject: str
    facts: dict[str, Any]


def audit(session: Session, *, has_worker: bool = True) -> list[Finding]:
    """Everything that does not hold; empty when all is well. Without a worker nothing that goes out ends."""
    checks = {
        "on hand is the sum of the moves": _on_hand_is_moves(),
        "reserved is the sum of the live reservations and holds": _reserved_is_promised(),
        "no bin holds less than nothing": _bins_are_not_negative(),
        "a count moved its difference": _count_is_moved(),
        "an order says how its locations were chosen": _allocation_is_kept(),
        "nothing is promised that is not there": _available_is_not_negative(),
        "an order's line is served whole, once": _line_is_served(),
        "a partner's promise ends with its line": _partner_promise_is_due(),
        "a purchase order agrees with its fulfillment": _purchase_order_agrees(),
        "an order's totals are the sums of its lines": _totals_are_sums(),
        "an order says how it came and went in its history": _history_tells(),
        "an order's facts left as events, once each": _events_tell(),
        "an order is held for a reason, and only as long": _held_for_a_reason(),
        "a cart became one order, or none": _cart_became_order(),
        "every unit of a confirmed order is got ready, waited for, or asked about": _order_is_covered(),
        "nothing leaves that was not ordered": _shipped_was_ordered(),
        "what left the shelves is issued": _left_is_issued(),
        "nothing is packed that was not picked": _packed_was_picked(),
        "a fulfillment is as far as its lines and parcels": _fulfillment_is_as_far(),
        "a parcel is where its tracking events say": _parcel_is_where_events_say(),
        "what was delivered had left": _delivered_had_left(),
        "a parcel holds what belongs to its order": _parcel_is_its_orders(),
        "a journal entry balances": _entry_balances(),
        "invoice numbers have no gap": _numbers_have_no_gap(),
        "an invoice's sums are those of its lines": _invoice_is_its_lines(),
        "a document is booked": _document_is_booked(),
        "no more is billed than was agreed, no more credited than billed": _billed_within_bounds(),
    }
    if has_worker:
        checks |= {"what goes out ends": _delivery_is_late(), "a mail that goes out ends": _mail_is_late()}
    return [finding for name, query in checks.items() for finding in _run(session, name, query)]


def _run(session: Session, invariant: str, query: Executable) -> Iterator[Finding]:
    for row in session.execute(query).mappings():
        facts = dict(row)
        yield Finding(invariant, str(facts.pop("subject")), facts)


def _on_hand_is_moves() -> Executable:
    moved = (
        select(StockMove.sku, StockMove.location_id, func.sum(StockMove.quantity).label("moved"))
        .group_by(StockMove.sku, StockMove.location_id)
        .subquery()
    )
    same = and_(moved.c.sku == StockLevel.sku, moved.c.location_id == StockLevel.location_id)
    return (
        select(
            func.coalesce(StockLevel.sku, moved.c.sku).label("subject"),
            StockLevel.on_hand,
            moved.c.moved,
        )
        .select_from(StockLevel)
        .join(moved, same, full=True)
        .where(func.coalesce(StockLevel.on_hand, 0) != func.coalesce(moved.c.moved, 0))
    )


def _reserved_is_promised() -> Executable:
    promises = union_all(
        select(Reservation.sku, Reservation.location_id, Reservation.quantity).where(Reservation.state == "live"),
        select(StockHold.sku, StockHold.location_id, StockHold.quantity).where(StockHold.state == "live"),
    ).subquery()
    live = (
        select(promises.c.sku, promises.c.location_id, func.sum(promises.c.quantity).label("live"))
        .group_by(promises.c.sku, promises.c.location_id)
        .subquery()
    )
    same = and_(live.c.sku == StockLevel.sku, live.c.location_id == StockLevel.location_id)
    return (
        select(func.coalesce(StockLevel.sku, live.c.sku).label("subject"), StockLevel.reserved, live.c.live)
        .select_from(StockLevel)
        .join(live, same, full=True)
        .where(func.coalesce(StockLevel.reserved, 0) != func.coalesce(live.c.live, 0))
    )


def _bins_are_not_negative() -> Executable:
    lying = func.sum(StockMove.quantity)
    return (
        select(StockMove.sku.label("subject"), StockMove.bin_id, lying.label("lying"))
        .group_by(StockMove.sku, StockMove.location_id, StockMove.bin_id)
        .having(lying < 0)
    )


def _count_is_moved() -> Executable:
    moved = func.coalesce(func.sum(StockMove.quantity), 0)
    return (
        select(StockCount.sku.label("subject"), StockCount.counted, StockCount.expected, moved.label("moved"))
        .outerjoin(
            StockMove,
            and_(
                StockMove.reference == StockCount.id,
                StockMove.bin_id == StockCount.bin_id,
                StockMove.kind == "adjustment",
            ),
        )
        .group_by(StockCount.id, StockCount.sku, StockCount.counted, StockCount.expected)
        .having(moved != StockCount.counted - StockCount.expected)
    )


def _allocation_is_kept() -> Executable:
    """Of every order that was ever served from our own stock."""
    kept = exists().where(or_(Allocation.order_id == Order.id, Allocation.cart_id == Order.cart_id))
    reserved = (
        exists().where(Reservation.order_line_id == OrderLine.id, OrderLine.order_id == Order.id).correlate(Order)
    )
    return select(Order.number.label("subject")).where(reserved, ~kept)


def _available_is_not_negative() -> Executable:
    return select(StockLevel.sku.label("subject"), StockLevel.on_hand, StockLevel.reserved).where(
        or_(StockLevel.on_hand < StockLevel.reserved, StockLevel.reserved < 0)
    )


_has_ended = exists().where(OrderLineEnd.order_line_id == OrderLine.id)


def _line_is_served() -> Executable:
    """A line that counts is reserved, issued, waited for, with a partner, or being asked about; all of it, once.

    A line that ended, or of a cancelled order, keeps nothing but what has left the house.
    """

    def part(rows: Select[Any]) -> Any:
        return func.coalesce(rows.scalar_subquery(), 0)

    def reserved(state: str) -> Any:
        rows = select(func.sum(Reservation.quantity)).where(
            Reservation.order_line_id == OrderLine.id, Reservation.sku == OrderLine.sku, Reservation.state == state
        )
        return part(rows)

    live, issued = reserved("live"), reserved("issued")
    waiting = part(
        select(func.sum(Backorder.quantity)).where(
            Backorder.order_line_id == OrderLine.id, Backorder.sku == OrderLine.sku, Backorder.state == "waiting"
        )
    )
    with_partner = part(
        select(PartnerPromise.quantity).where(
            PartnerPromise.order_line_id == OrderLine.id, PartnerPromise.state.in_(("live", "shipped"))
        )
    )
    asked_about = part(
        select(func.sum(Shortage.quantity))
        .join(FulfillmentLine, FulfillmentLine.id == Shortage.fulfillment_line_id)
        .where(FulfillmentLine.order_line_id == OrderLine.id, Shortage.resolution == "open")
    )
    counts = and_(Order.status != "cancelled", ~_has_ended)
    due = case((counts, OrderLine.base_quantity), else_=0)
    served = case((counts, live + issued + waiting + with_partner + asked_about), else_=live + waiting)
    return (
        select(
            Order.number.label("subject"),
            OrderLine.sku,
            due.label("due"),
            live.label("live"),
            issued.label("issued"),
            waiting.label("waiting"),
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(served != due)
    )


def _partner_promise_is_due() -> Executable:
    is_over = or_(Order.status == "cancelled", _has_ended)
    return (
        select(Order.number.label("subject"), OrderLine.sku, PartnerPromise.state, PartnerPromise.quantity)
        .join(OrderLine, OrderLine.id == PartnerPromise.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            or_(
                and_(PartnerPromise.state == "live", is_over),
                and_(PartnerPromise.state == "released", ~is_over),
                and_(PartnerPromise.state == "shipped", Order.status == "cancelled"),
                PartnerPromise.quantity != OrderLine.base_quantity,
            )
        )
    )


# Where a fulfillment may be while the purchase order for it is of this status.
_AGREEING = {
    "sent": ("pending", "picking"),
    "confirmed": ("pending", "picking"),
    "rejected": ("cancelled", "picking", "shipped", "delivered", "returned_to_origin"),
    "shipped": ("shipped", "delivered", "returned_to_origin"),
    "cancelled": ("cancelled",),
}


def _purchase_order_agrees() -> Executable:
    """Every fulfillment of a partner was sent to just that partner, and is where they say it is."""
    agrees = or_(
        *(and_(PurchaseOrder.status == status, Fulfillment.status.in_(places)) for status, places in _AGREEING.items())
    )
    return (
        select(
            Fulfillment.number.label("subject"),
            Fulfillment.status,
            PurchaseOrder.number,
            PurchaseOrder.status.label("purchase_order_status"),
        )
        .outerjoin(PurchaseOrder, PurchaseOrder.fulfillment_id == Fulfillment.id)
        .where(
            or_(
                and_(Fulfillment.partner_id.is_not(None), PurchaseOrder.id.is_(None)),
                PurchaseOrder.partner_id != func.coalesce(Fulfillment.partner_id, ""),
                and_(PurchaseOrder.id.is_not(None), ~agrees),
            )
        )
    )


def _totals_are_sums() -> Executable:
    lines = func.coalesce(func.sum(OrderLine.total_minor), 0)
    taxes = func.coalesce(func.sum(OrderLine.tax_minor), 0)
    return (
        select(
            Order.number.label("subject"),
            Order.subtotal_minor,
            lines.label("lines_minor"),
            Order.tax_minor,
            taxes.label("taxes_minor"),
            Order.total_minor,
        )
        .outerjoin(OrderLine, and_(OrderLine.order_id == Order.id, ~_has_ended))
        .group_by(Order.id)
        .having(
            or_(
                Order.subtotal_minor != lines,
                Order.tax_minor != taxes,
                Order.total_minor != lines + Order.delivery_fee_minor,
            )
        )
    )


def _history_tells() -> Executable:
    def entries(what: str) -> Any:
        return func.coalesce(func.sum(case((OrderEntry.what == what, 1), else_=0)), 0)

    cancelled_due = case((Order.status == "cancelled", 1), else_=0)
    return (
        select(
            Order.number.label("subject"), entries("placed").label("placed"), entries("cancelled").label("cancelled")
        )
        .outerjoin(OrderEntry, OrderEntry.order_id == Order.id)
        .group_by(Order.id)
        .having(or_(entries("placed") != 1, entries("cancelled") != cancelled_due))
    )


def _events_tell() -> Executable:
    """One `order.placed` for each order and one `order.cancelled` for each cancelled one; none without an order."""
    placed_due = case((Order.id.is_(None), 0), else_=1)
    cancelled_due = case((Order.status == "cancelled", 1), else_=0)
    order_events = select(Event.kind, Event.subject).where(Event.kind.like("order.%")).subquery()
    placed = func.coalesce(func.sum(case((order_events.c.kind == "order.placed", 1), else_=0)), 0)
    cancelled = func.coalesce(func.sum(case((order_events.c.kind == "order.cancelled", 1), else_=0)), 0)
    return (
        select(
            func.coalesce(Order.number, order_events.c.subject).label("subject"),
            placed.label("placed"),
            cancelled.label("cancelled"),
        )
        .select_from(Order)
        .join(order_events, order_events.c.subject == Order.number, full=True)
        .group_by(Order.id, Order.number, Order.status, order_events.c.subject)
        .having(or_(placed != placed_due, cancelled != cancelled_due))
    )


def _held_for_a_reason() -> Executable:
    """An order on hold has a hold that goes on; no other order has."""
    open_holds = func.count(OrderHold.id)
    return (
        select(Order.number.label("subject"), Order.status, open_holds.label("open_holds"))
        .outerjoin(OrderHold, and_(OrderHold.order_id == Order.id, OrderHold.outcome.is_(None)))
        .group_by(Order.id, Order.number, Order.status)
        .having(case((Order.status == "on_hold", open_holds == 0), else_=open_holds > 0))
    )


def _cart_became_order() -> Executable:
    orders = func.count(Order.id)
    return (
        select(Cart.id.label("subject"), Cart.status, orders.label("orders"))
        .outerjoin(Order, Order.cart_id == Cart.id)
        .group_by(Cart.id, Cart.status)
        .having(orders != case((Cart.status == "ordered", 1), else_=literal(0)))
    )


def _entry_balances() -> Executable:
    debits, credits = func.coalesce(func.sum(Posting.debit_minor), 0), func.coalesce(func.sum(Posting.credit_minor), 0)
    return (
        select(JournalEntry.key.label("subject"), debits.label("debits"), credits.label("credits"))
        .outerjoin(Posting, Posting.entry_id == JournalEntry.id)
        .group_by(JournalEntry.id, JournalEntry.key)
        .having(or_(debits != credits, debits == 0))
    )


def _numbers_have_no_gap() -> Executable:
    count, last = func.count(Invoice.id), func.coalesce(func.max(Invoice.sequence), 0)
    return (
        select(InvoiceSeries.prefix.label("subject"), InvoiceSeries.last, count.label("documents"))
        .outerjoin(Invoice, Invoice.kind == InvoiceSeries.kind)
        .group_by(InvoiceSeries.kind, InvoiceSeries.prefix, InvoiceSeries.last)
        .having(or_(InvoiceSeries.last != count, InvoiceSeries.last != last))
    )


def _invoice_is_its_lines() -> Executable:
    net = func.coalesce(func.sum(InvoiceLine.net_minor), 0)
    tax = func.coalesce(func.sum(InvoiceLine.tax_minor), 0)
    return (
        select(Invoice.number.label("subject"), Invoice.subtotal_minor, net.label("net"), tax.label("tax"))
        .outerjoin(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .group_by(Invoice.id, Invoice.number, Invoice.subtotal_minor, Invoice.tax_minor)
        .having(or_(Invoice.subtotal_minor != net, Invoice.tax_minor != tax))
    )


def _document_is_booked() -> Executable:
    key = Invoice.kind + literal("_issued:") + Invoice.number
    return (
        select(Invoice.number.label("subject"), Invoice.kind)
        .outerjoin(JournalEntry, JournalEntry.key == key)
        .where(JournalEntry.id.is_(None))
    )


def _billed_within_bounds() -> Executable:
    """Per order line: billed at most what the line has, credited at most what is billed."""

    def count(kind: str) -> Any:
        return func.coalesce(func.sum(case((Invoice.kind == kind, InvoiceLine.base_quantity), else_=0)), 0)

    billed, credited = count("invoice"), count("credit_note")
    return (
        select(
            OrderLine.id.label("subject"), OrderLine.base_quantity, billed.label("billed"), credited.label("credited")
        )
        .join(InvoiceLine, InvoiceLine.order_line_id == OrderLine.id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .group_by(OrderLine.id, OrderLine.base_quantity)
        .having(or_(billed > OrderLine.base_quantity, credited > billed))
    )


def _sum(column: Any, *conditions: Any, of: Any = None) -> Any:
    """The sum of a column of other rows; 0 without any."""
    query = select(func.sum(column))
    return func.coalesce((query if of is None else query.select_from(of)).where(*conditions).scalar_subquery(), 0)


_HAS_LEFT = Shipment.status != "packed"
_parcels = ShipmentLine.__table__.join(Shipment.__table__, Shipment.id == ShipmentLine.shipment_id)


def _order_is_covered() -> Executable:
    got_ready = _sum(
        FulfillmentLine.quantity - FulfillmentLine.short,
        FulfillmentLine.order_line_id == OrderLine.id,
        Fulfillment.id == FulfillmentLine.fulfillment_id,
        Fulfillment.status != "cancelled",
    )
    waiting = _sum(Backorder.quantity, Backorder.order_line_id == OrderLine.id, Backorder.state == "waiting")
    asked = _sum(
        Shortage.quantity,
        FulfillmentLine.id == Shortage.fulfillment_line_id,
        FulfillmentLine.order_line_id == OrderLine.id,
        Shortage.resolution == "open",
    )
    return (
        select(
            Order.number.label("subject"),
            OrderLine.sku,
            OrderLine.base_quantity,
            got_ready.label("got_ready"),
            waiting.label("waiting"),
            asked.label("asked"),
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.status == "confirmed", ~_has_ended, got_ready + waiting + asked != OrderLine.base_quantity)
    )


def _shipped_was_ordered() -> Executable:
    """I5: a line that counts was shipped at most whole; one that ended, or of a cancelled order, not at all."""
    shipped = _sum(ShipmentLine.quantity, ShipmentLine.order_line_id == OrderLine.id, _HAS_LEFT, of=_parcels)
    counts = and_(Order.status != "cancelled", ~_has_ended)
    return (
        select(Order.number.label("subject"), OrderLine.sku, OrderLine.base_quantity, shipped.label("shipped"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(shipped > case((counts, OrderLine.base_quantity), else_=0))
    )


def _left_is_issued() -> Executable:
    """What a location shipped, or handed over, of a line is what was issued to it."""
    own = _parcels.join(Fulfillment.__table__, Fulfillment.id == Shipment.fulfillment_id)
    shipped = _sum(
        ShipmentLine.quantity,
        ShipmentLine.order_line_id == OrderLine.id,
        _HAS_LEFT,
        Fulfillment.location_id.is_not(None),
        of=own,
    )
    issued = _sum(Reservation.quantity, Reservation.order_line_id == OrderLine.id, Reservation.state == "issued")
    return (
        select(Order.number.label("subject"), OrderLine.sku, shipped.label("shipped"), issued.label("issued"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(shipped != issued)
    )


def _packed_was_picked() -> Executable:
    packed = _sum(
        ShipmentLine.quantity,
        ShipmentLine.order_line_id == FulfillmentLine.order_line_id,
        Shipment.fulfillment_id == FulfillmentLine.fulfillment_id,
        of=_parcels,
    )
    return (
        select(Fulfillment.number.label("subject"), FulfillmentLine.sku, FulfillmentLine.picked, packed.label("packed"))
        .join(FulfillmentLine, FulfillmentLine.fulfillment_id == Fulfillment.id)
        .where(Fulfillment.location_id.is_not(None), packed > FulfillmentLine.picked)
    )


def _fulfillment_is_as_far() -> Executable:
    """The status of what a location gets ready agrees with what was counted into baskets and parcels."""
    mine = FulfillmentLine.fulfillment_id == Fulfillment.id
    picked = _sum(FulfillmentLine.picked, mine)
    missing = _sum(FulfillmentLine.short, mine)
    left = _sum(FulfillmentLine.quantity - FulfillmentLine.picked - FulfillmentLine.short, mine)
    packed = _sum(ShipmentLine.quantity, Shipment.fulfillment_id == Fulfillment.id, of=_parcels)

    def parcel(*conditions: Any) -> Any:
        return exists().where(Shipment.fulfillment_id == Fulfillment.id, *conditions)

    status = Fulfillment.status
    over = status.in_(("shipped", "delivered", "returned_to_origin"))
    return select(
        Fulfillment.number.label("subject"),
        status,
        picked.label("picked"),
        missing.label("short"),
        left.label("left"),
        packed.label("packed"),
    ).where(
        Fulfillment.location_id.is_not(None),
        or_(
            and_(status == "pending", picked + missing + packed > 0),
            and_(status == "picked", left > 0),
            and_(or_(status == "packed", over), or_(left > 0, packed != picked)),
            and_(over, parcel(Shipment.status == "packed")),
            and_(status == "delivered", parcel(Shipment.status != "delivered")),
            and_(status == "cancelled", parcel()),
        ),
    )


def _parcel_is_where_events_say() -> Executable:
    """The farthest that any event of a carrier's parcel tells; a packed parcel no carrier has says nothing."""
    ranks = {kind: rank(status) for kind, status in STATUS_AFTER.items()}
    farthest = func.coalesce(func.max(case(ranks, value=TrackingEvent.kind)), 0)
    reached = case({status: rank(status) for status in STATUSES}, value=Shipment.status)
    return (
        select(Shipment.number.label("subject"), Shipment.status, farthest.label("farthest"))
        .outerjoin(TrackingEvent, TrackingEvent.shipment_id == Shipment.id)
        .where(or_(Shipment.carrier.is_not(None), Shipment.status == "packed"))
        .group_by(Shipment.id, Shipment.number, Shipment.status)
        .having(farthest != reached)
    )


def _delivered_had_left() -> Executable:
    """A parcel that is delivered says when, and had been shipped; one that is packed has done neither."""
    return select(Shipment.number.label("subject"), Shipment.status, Shipment.shipped_at, Shipment.delivered_at).where(
        or_(
            and_(Shipment.status == "packed", or_(Shipment.shipped_at.is_not(None), Shipment.carrier.is_not(None))),
            and_(Shipment.status != "packed", Shipment.shipped_at.is_(None)),
            and_(Shipment.status == "delivered", Shipment.delivered_at.is_(None)),
        )
    )


def _parcel_is_its_orders() -> Executable:
    return (
        select(Shipment.number.label("subject"), ShipmentLine.sku, OrderLine.order_id)
        .join(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(or_(OrderLine.order_id != Shipment.order_id, OrderLine.sku != ShipmentLine.sku))
    )


# What is tried again is due again each time; this long after it was due nobody seems to try any more.
LATE = timedelta(hours=1)


def _delivery_is_late() -> Executable:
    return select(WebhookDelivery.id.label("subject"), WebhookDelivery.status, WebhookDelivery.due_at).where(
        WebhookDelivery.status == "pending", WebhookDelivery.due_at < clock.now() - LATE
    )


def _mail_is_late() -> Executable:
    return select(Mail.id.label("subject"), Mail.status, Mail.due_at).where(
        Mail.status.in_(("queued", "sending")), Mail.due_at < clock.now() - LATE
    )
