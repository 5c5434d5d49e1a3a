"""Locations, bins, stock moves, stock levels, and everything that is promised from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

MOVE_KINDS = ("receipt", "issue", "restock", "adjustment", "transfer")
RESERVATION_STATES = ("live", "released", "issued")
HOLD_STATES = ("live", "released", "used")
BACKORDER_STATES = ("waiting", "filled", "cancelled")
ALLOCATION_RULES = ("nearest_complete", "fewest_parcels")


_IS_LIVE = text("state = 'live'")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Location(Base):
    """A place that can serve orders. `latitude` and `longitude` (degrees, WGS 84) say how near it is to a delivery.

    Of two equally near the lower `preference` is asked first. Customers may collect where `is_pickup`.
    """

    __tablename__ = "oms_location"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    preference: Mapped[int] = mapped_column(Integer)
    city: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(300))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    is_pickup: Mapped[bool] = mapped_column(server_default=text("false"))


class Bin(Base):
    """A shelf, rack or crate inside a location; pick lists visit them in `walking_order`."""

    __tablename__ = "oms_bin"
    __table_args__ = (UniqueConstraint("location_id", "code"),)

    id: Mapped[Id]
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    code: Mapped[str] = mapped_column(String(20))
    walking_order: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class StockMove(Base):
    """`quantity` base units came (positive) or went (negative). Append-only: a correction is a new move.

    The two moves of a transfer share their `reference`; an issue's is its order line. `cost` is what the goods cost us,
    with the sign of `quantity`; None where nobody knows. The value of what lies here is the sum.
    """

    __tablename__ = "oms_stock_move"
    __table_args__ = (
        CheckConstraint(_one_of("kind", MOVE_KINDS), name="kind"),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index(None, "sku", "location_id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(12))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    bin_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_bin.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    cost_minor: Mapped[Minor | None]
    reference: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300), default="")
    moved_at: Mapped[datetime]


class StockLevel(Base):
    """The running sums of one variant at one location, in base units.

    Kept in the transaction of every move and reservation. The constraint makes a negative `available` impossible,
    whatever the code above it does; the auditor compares the sums with the rows they sum.
    """

    __tablename__ = "oms_stock_level"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("on_hand >= reserved", name="available"),
    )

    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(Integer)
    reserved: Mapped[int] = mapped_column(Integer)


class Reservation(Base):
    """Base units at a location promised to an order line: `live` until released or issued.

    The stock is locked and promised before the order is written down, so the line is looked for at the commit.
    """

    __tablename__ = "oms_reservation"
    __table_args__ = (
        CheckConstraint(_one_of("state", RESERVATION_STATES), name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index(None, "order_line_id"),
        Index(None, "sku", "location_id", "state"),
    )

    id: Mapped[Id]
    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id", deferrable=True, initially="DEFERRED"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    reserved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StockHold(Base):
    """Base units set aside for a cart whose summary was shown, until `expires_at`: `used` when it became an order.

    `reserved` of a level is the sum of its live reservations and its live holds.
    """

    __tablename__ = "oms_stock_hold"
    __table_args__ = (
        CheckConstraint(_one_of("state", HOLD_STATES), name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index(
            "uq_oms_stock_hold_live",
            "cart_id",
            "sku",
            "location_id",
            unique=True,
            sqlite_where=_IS_LIVE,
            postgresql_where=_IS_LIVE,
        ),
        Index(None, "sku", "state"),
        Index(None, "state", "expires_at"),
    )

    id: Mapped[Id]
    cart_id: Mapped[Ref] = mapped_column(ForeignKey("oms_cart.id"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class IncomingStock(Base):
    """Base units that a supplier will bring to a location; `received` of them have come.

    What is `withdrawn_at` some time comes no more: the rest of it is not counted on.
    """

    __tablename__ = "oms_incoming_stock"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0 AND received <= quantity", name="received"),
        Index(None, "sku", "expected_on"),
    )

    id: Mapped[Id]
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer)
    expected_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Backorder(Base):
    """Base units an order line waits for, because there were none: `filled` when they became a reservation.

    `location_id` is the only location that may serve it, where its order is collected; None where any may.
    """

    __tablename__ = "oms_backorder"
    __table_args__ = (
        CheckConstraint(_one_of("state", BACKORDER_STATES), name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index(None, "order_line_id"),
        Index(None, "sku", "state", "id"),
    )

    id: Mapped[Id]
    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id", deferrable=True, initially="DEFERRED"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    quantity: Mapped[int] = mapped_column(Integer)
    location_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_location.id"))
    state: Mapped[str] = mapped_column(String(10))
    promised_on: Mapped[date | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StockThreshold(Base):
    """Below `minimum` available base units the shop wants to know."""

    __tablename__ = "oms_stock_threshold"
    __table_args__ = (CheckConstraint("minimum > 0", name="minimum"),)

    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"), primary_key=True)
    minimum: Mapped[int] = mapped_column(Integer)


class StockCount(Base):
    """What someone counted in a bin, beside what the books said. Append-only; the difference is a StockMove."""

    __tablename__ = "oms_stock_count"
    __table_args__ = (CheckConstraint("counted >= 0", name="counted"), Index(None, "bin_id", "counted_at"))

    id: Mapped[Id]
    bin_id: Mapped[Ref] = mapped_column(ForeignKey("oms_bin.id"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    counted: Mapped[int] = mapped_column(Integer)
    expected: Mapped[int] = mapped_column(Integer)
    who: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300))
    counted_at: Mapped[datetime]


class Allocation(Base):
    """Which rule chose the locations of an order, and what it weighed. Append-only.

    What a hold decided was decided for a cart; the order that the hold became has no other.
    """

    __tablename__ = "oms_allocation"
    __table_args__ = (
        CheckConstraint(_one_of("rule", ALLOCATION_RULES), name="rule"),
        CheckConstraint("(order_id IS NULL) <> (cart_id IS NULL)", name="whose"),
        Index(None, "order_id"),
        Index(None, "cart_id"),
    )

    id: Mapped[Id]
    order_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_order.id", deferrable=True, initially="DEFERRED"))
    cart_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_cart.id"))
    rule: Mapped[str] = mapped_column(String(20))
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON)
    decided_at: Mapped[datetime]
