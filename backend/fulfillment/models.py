"""Fulfillments, their lines, what was short while picking, and the walks in which several are picked."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref, Sku

STATUSES = ("pending", "picking", "picked", "packed", "shipped", "delivered", "cancelled", "returned_to_origin")
KINDS = ("delivery", "pickup")
RESOLUTIONS = ("open", "wait", "substitute", "drop")
SHORT_REASONS = ("not_found", "damaged", "expired")
# As many as a cart that one person pushes has room for.
MOST_BASKETS = 20
_IS_OPEN, _IS_CARRIED = text("ended_at IS NULL"), text("left_at IS NULL")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Fulfillment(Base):
    """The part of an order that one location, or one partner, gets ready. `number` is `PED-10023-1`.

    `pickup_code` is what a customer who collects it must say; codes tried so far are counted in `pickup_tries`.
    `version` grows with every change (If-Match).
    """

    __tablename__ = "oms_fulfillment"
    __table_args__ = (
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint("(location_id IS NULL) <> (partner_id IS NULL)", name="owner"),
        Index(None, "order_id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    location_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_location.id"))
    partner_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_partner.id"))
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    pickup_code: Mapped[str | None] = mapped_column(String(8))
    pickup_tries: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    promised_on: Mapped[date | None]
    created_at: Mapped[datetime]


class FulfillmentLine(Base):
    """`quantity` base units of an order line; `picked` of them are in the basket, `short` could not be found."""

    __tablename__ = "oms_fulfillment_line"
    __table_args__ = (
        UniqueConstraint("fulfillment_id", "order_line_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("picked >= 0 AND short >= 0 AND picked + short <= quantity", name="picked"),
        Index(None, "order_line_id"),
    )

    id: Mapped[Id]
    fulfillment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_fulfillment.id"))
    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    quantity: Mapped[int] = mapped_column(Integer)
    picked: Mapped[int] = mapped_column(Integer)
    short: Mapped[int] = mapped_column(Integer)


class Shortage(Base):
    """What of an order line is not there, and what the customer chose: wait, take `substitute_sku`, or drop it.

    `fulfillment_line_id` is where a picker could not find it, and `reason` why; None when a supplier does not bring it.
    """

    __tablename__ = "oms_shortage"
    __table_args__ = (
        CheckConstraint(_one_of("resolution", RESOLUTIONS), name="resolution"),
        CheckConstraint(_one_of("reason", SHORT_REASONS), name="reason"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index(None, "fulfillment_line_id"),
        Index(None, "resolution", "id"),
    )

    id: Mapped[Id]
    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id"), index=True)
    fulfillment_line_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_fulfillment_line.id"))
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"), index=True)
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    quantity: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(10))
    resolution: Mapped[str] = mapped_column(String(10))
    substitute_sku: Mapped[Sku | None] = mapped_column(ForeignKey("oms_variant.sku"))
    asked_at: Mapped[datetime]
    resolved_by: Mapped[str | None] = mapped_column(String(80))
    resolved_at: Mapped[datetime | None]


class PickingWalk(Base):
    """One way of `picker` (`staff:<id>`) along the shelves of a location, for several fulfillments at once."""

    __tablename__ = "oms_picking_walk"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("uq_oms_picking_walk_one_open", "picker", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: Mapped[Id]
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    picker: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(80))


class PickingBasket(Base):
    """What of a walk is for one fulfillment: basket A is at position 1. It is carried until `left_at`.

    A fulfillment is carried in one walk at most.
    """

    __tablename__ = "oms_picking_basket"
    __table_args__ = (
        UniqueConstraint("walk_id", "position"),
        CheckConstraint(f"position BETWEEN 1 AND {MOST_BASKETS}", name="position"),
        Index(None, "fulfillment_id", "id"),
        Index(
            "uq_oms_picking_basket_one_carried",
            "fulfillment_id",
            unique=True,
            sqlite_where=_IS_CARRIED,
            postgresql_where=_IS_CARRIED,
        ),
    )

    id: Mapped[Id]
    walk_id: Mapped[Ref] = mapped_column(ForeignKey("oms_picking_walk.id"))
    fulfillment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_fulfillment.id"))
    position: Mapped[int] = mapped_column(Integer)
    left_at: Mapped[datetime | None]
