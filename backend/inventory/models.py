"""Locations, bins, stock moves, stock levels and reservations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref, Sku

MOVE_KINDS = ("receipt", "issue", "restock", "adjustment", "transfer")
RESERVATION_STATES = ("live", "released", "issued")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Location(Base):
    """A place that can serve orders; a lower `preference` is asked first."""

    __tablename__ = "oms_location"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    preference: Mapped[int] = mapped_column(Integer)


class Bin(Base):
    """A shelf, rack or crate inside a location."""

    __tablename__ = "oms_bin"
    __table_args__ = (UniqueConstraint("location_id", "code"),)

    id: Mapped[Id]
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    code: Mapped[str] = mapped_column(String(20))


class StockMove(Base):
    """`quantity` base units came (positive) or went (negative). Append-only: a correction is a new move.

    The two moves of a transfer share their `reference`; an issue's is its order line.
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
