"""Zones, rates, shipments and what carriers say of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

# In the order in which they may follow each other; `status` of a shipment only moves forward along it.
STATUSES = ("packed", "shipped", "in_transit", "out_for_delivery", "exception", "delivered", "returned_to_origin")
EVENT_KINDS = (
    "picked_up", "in_transit", "out_for_delivery", "delayed", "attempt_failed", "wrong_address", "lost",
    "delivered", "returned_to_origin",
)  # fmt: skip


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Zone(Base):
    """A part of the world the shop delivers to, recognised by `places` (cities, districts) in an address.

    `latitude` and `longitude` (degrees, WGS 84) are its middle; `transit_days` working days from the shop's door.
    An address that names no place is in the zone that `is_default`; the places of one that is not `is_served` are known
    and not delivered to.
    """

    __tablename__ = "oms_zone"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    places: Mapped[list[str]] = mapped_column(JSON)
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    transit_days: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    is_served: Mapped[bool] = mapped_column(server_default=text("true"))


class Rate(Base):
    """What a carrier takes into a zone for a parcel of up to `up_to_g` grams."""

    __tablename__ = "oms_rate"
    __table_args__ = (
        UniqueConstraint("carrier", "zone_code", "up_to_g"),
        CheckConstraint("up_to_g > 0 AND price_minor >= 0", name="positive"),
    )

    id: Mapped[Id]
    carrier: Mapped[str] = mapped_column(String(40))
    zone_code: Mapped[str] = mapped_column(ForeignKey("oms_zone.code"))
    up_to_g: Mapped[int] = mapped_column(Integer)
    price_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))


class Shipment(Base):
    """One parcel. `number` is `PED-10023-1-A`; `tracking_number` and `tracking_url` are the carrier's.

    `price_minor` is what the carrier takes for it; `received_by` and `proof` say who took it and how that is known.
    """

    __tablename__ = "oms_shipment"
    __table_args__ = (
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        UniqueConstraint("carrier", "tracking_number"),
        Index(None, "order_id"),
        Index(None, "fulfillment_id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(28), unique=True)
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    fulfillment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_fulfillment.id"))
    carrier: Mapped[str | None] = mapped_column(String(40))
    tracking_number: Mapped[str | None] = mapped_column(String(80))
    tracking_url: Mapped[str | None] = mapped_column(String(500))
    weight_g: Mapped[int | None] = mapped_column(Integer)
    price_minor: Mapped[Minor | None]
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    promised_on: Mapped[date | None]
    received_by: Mapped[str | None] = mapped_column(String(120))
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    packed_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class ShipmentLine(Base):
    """`quantity` base units of an order line in this parcel."""

    __tablename__ = "oms_shipment_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"), Index(None, "order_line_id"))

    shipment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_shipment.id"), primary_key=True)
    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id"), primary_key=True)
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    quantity: Mapped[int] = mapped_column(Integer)


class TrackingEvent(Base):
    """What a carrier (or a person, by entry) said of a parcel; the carrier's `event_id` counts once. Append-only."""

    __tablename__ = "oms_tracking_event"
    __table_args__ = (
        CheckConstraint(_one_of("kind", EVENT_KINDS), name="kind"),
        UniqueConstraint("carrier", "event_id"),
        Index(None, "shipment_id", "happened_at"),
    )

    id: Mapped[Id]
    shipment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_shipment.id"))
    carrier: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str | None] = mapped_column(String(120))
    note: Mapped[str | None] = mapped_column(String(300))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
