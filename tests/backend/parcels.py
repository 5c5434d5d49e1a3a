"""Parcels for tests that are not about how one is got ready."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.shipping import service as shipping
from backend.shipping.models import Shipment
from backend.workflows.invoice_shipment import invoice_parcel
from backend.workflows.ship_order import issue_goods


def pack_order(session: Session, number: str, weight_g: int = 1_000) -> Shipment:
    """The whole order as one packed parcel of its one fulfillment."""
    order = orders.find_any(session, number).order
    [full] = fulfillment.of_orders(session, [order.id])[order.id]
    for line in full.lines:
        line.picked = line.quantity
    full.fulfillment.status = "packed"
    session.flush()
    lines = [(line.order_line_id, line.sku, line.quantity) for line in full.lines]
    return shipping.pack(session, order.id, full.fulfillment.id, f"{full.fulfillment.number}-A", lines, weight_g)


def ship_order_of(session: Session, number: str) -> Shipment:
    """The whole order under way with the shop's own van."""
    shipment = pack_order(session, number)
    hand_over(session, shipment, "table_rate", None, "staff:1")
    _leave(session, shipment.order_id)
    return shipment


def ship_in_parcels(session: Session, number: str, count: int) -> list[Shipment]:
    """An order of `count` of one thing, each in a parcel of its own, all under way."""
    order = orders.find_any(session, number).order
    [full] = fulfillment.of_orders(session, [order.id])[order.id]
    [line] = full.lines
    assert line.quantity == count, "one each"
    line.picked = count
    shipments = []
    for each in range(count):
        lines = [(line.order_line_id, line.sku, 1)]
        parcel = shipping.pack(
            session, order.id, full.fulfillment.id, f"{full.fulfillment.number}-{each}", lines, 1_000
        )
        hand_over(session, parcel, "table_rate", None, "staff:1")
        shipments.append(parcel)
    _leave(session, order.id)
    return shipments


def hand_over(session: Session, shipment: Shipment, *carrier: Any, **facts: Any) -> None:
    """To its carrier, off the books, and billed."""
    shipping.hand_over(session, shipment, *carrier, **facts)
    full = fulfillment.locked(session, shipment.fulfillment_id)
    for parcel in shipping.of_fulfillment(session, shipment.fulfillment_id):
        if parcel.shipment.id == shipment.id:
            found = orders.by_id(session, shipment.order_id)
            issue_goods(session, found, full, parcel, "staff:1")
            invoice_parcel(session, found, parcel, "staff:1")


def _leave(session: Session, order_id: str) -> None:
    [full] = fulfillment.of_orders(session, [order_id])[order_id]
    full.fulfillment.status = "shipped"
    session.flush()
