"""Returns, their lines, what of them came back, what was found, their history, and the shop's policy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

STATUSES = (
    "requested", "accepted", "rejected", "in_transit", "partly_received", "received", "inspected", "resolved",
    "cancelled",
)  # fmt: skip
# What was delivered and is not wanted, or what its carrier brought back undelivered.
KINDS = ("return", "bounced")
WISHES = ("refund", "exchange", "store_credit", "replacement")
RESOLUTIONS = (*WISHES, "none")
WAYS = ("pickup", "drop_off", "store", "carrier")
REFUND_TIMES = ("on_request", "first_scan", "inspection")
DISPOSITIONS = ("restock", "refurbish", "scrap", "back_to_supplier")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Return(Base):
    """A customer gives back a part of an order. `number` is `RMA-10001`; only `status` moves, along `states.STEPS`.

    `wish` is what they want for it (None as long as a customer whose parcel bounced has not said), `way` how it comes
    back; `pickup_on` and `pickup_slot` when it is fetched, `drop_off_point` where it is left, as the policy described
    the place then. `refund_when` says at which step the money is settled, and
    `needs_goods` whether anything has to come back. `value` is what the lines cost, tax included. Settled, it says
    what its credit notes take back (`credited`), what was charged for it (`charged`: restocking, fetching), what the
    customer gets (`given_back`) and as what (`resolution`); `refunded` of it goes back to how it was paid. What an
    exchange costs less does that, too, unless its customer wants it as store credit (`difference_as`). The `*_by`
    days are what the shop promised, or expects.
    """

    __tablename__ = "oms_return"
    __table_args__ = (
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("wish", WISHES), name="wish"),
        CheckConstraint(_one_of("resolution", RESOLUTIONS), name="resolution"),
        CheckConstraint(_one_of("way", WAYS), name="way"),
        CheckConstraint(_one_of("refund_when", REFUND_TIMES), name="refund_when"),
        CheckConstraint("(settled_at IS NULL) = (resolution IS NULL)", name="settled"),
        CheckConstraint("status <> 'resolved' OR resolution IS NOT NULL", name="resolved"),
        CheckConstraint("(kind = 'bounced') = (shipment_id IS NOT NULL)", name="bounced"),
        CheckConstraint(
            "credited_minor >= 0 AND charged_minor >= 0 AND given_back_minor >= 0 "
            "AND charged_minor + given_back_minor <= credited_minor",
            name="sums",
        ),
        Index(None, "order_id"),
        Index(None, "customer_id", "id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    shipment_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_shipment.id"), unique=True)
    status: Mapped[str] = mapped_column(String(16))
    wish: Mapped[str | None] = mapped_column(String(12))
    way: Mapped[str] = mapped_column(String(10))
    pickup_on: Mapped[date | None]
    pickup_slot: Mapped[str | None] = mapped_column(String(40))
    drop_off_point: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    needs_goods: Mapped[bool]
    refund_when: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    value_minor: Mapped[Minor]
    credited_minor: Mapped[Minor]
    charged_minor: Mapped[Minor]
    given_back_minor: Mapped[Minor]
    refunded_minor: Mapped[Minor] = mapped_column(server_default="0")
    resolution: Mapped[str | None] = mapped_column(String(12))
    exchange_for: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    difference_as: Mapped[str] = mapped_column(String(12), server_default="refund")
    exchange_order_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_order.id"))
    rejected_because: Mapped[str | None] = mapped_column(String(300))
    conversation_id: Mapped[Ref | None]
    answer_by: Mapped[date | None]
    send_by: Mapped[date | None]
    inspect_by: Mapped[date | None]
    pay_by: Mapped[date | None]
    requested_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ReturnLine(Base):
    """`quantity` base units of an order line come back, for a `reason` of the shop's policy.

    `taken_back` is how many of the delivered units it takes up: all that was announced, until it is known that fewer
    come, or none. What all returns of an order line take up is never more than was delivered of it: a trigger sees to
    it. `photos` are references, `{"attachment_id": …, "sha256": …}`; the files are kept elsewhere.
    """

    __tablename__ = "oms_return_line"
    __table_args__ = (
        UniqueConstraint("return_id", "order_line_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("taken_back >= 0 AND taken_back <= quantity", name="taken_back"),
        Index(None, "order_line_id"),
    )

    id: Mapped[Id]
    return_id: Mapped[Ref] = mapped_column(ForeignKey("oms_return.id"))
    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    quantity: Mapped[int] = mapped_column(Integer)
    taken_back: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(300))
    photos: Mapped[list[dict[str, str]]] = mapped_column(JSON)


class ReturnReceipt(Base):
    """`quantity` base units of a return's line came to a location. Append-only; never more than announced."""

    __tablename__ = "oms_return_receipt"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"), Index(None, "return_line_id"))

    id: Mapped[Id]
    return_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_return_line.id"))
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(String(300))
    who: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime]


class ReturnInspection(Base):
    """What becomes of `quantity` received base units. Append-only; a trigger refuses more than came.

    What is to be refurbished is looked at once more afterwards: that inspection `is_again`.
    """

    __tablename__ = "oms_return_inspection"
    __table_args__ = (
        CheckConstraint(_one_of("disposition", DISPOSITIONS), name="disposition"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("NOT (is_again AND disposition = 'refurbish')", name="again"),
        Index(None, "return_line_id"),
    )

    id: Mapped[Id]
    return_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_return_line.id"))
    location_id: Mapped[Ref] = mapped_column(ForeignKey("oms_location.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    disposition: Mapped[str] = mapped_column(String(16))
    is_again: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(300))
    photos: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    who: Mapped[str] = mapped_column(String(80))
    inspected_at: Mapped[datetime]


class ReturnEntry(Base):
    """One step of a return's history: what happened, who did it, when. Append-only; see OrderEntry."""

    __tablename__ = "oms_return_entry"
    __table_args__ = (Index(None, "return_id", "happened_at"),)

    id: Mapped[Id]
    return_id: Mapped[Ref] = mapped_column(ForeignKey("oms_return.id"))
    what: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(String(300))
    message_id: Mapped[Ref | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    happened_at: Mapped[datetime]


class ReturnPolicy(Base):
    """How the shop takes goods back, as `returns.policy.Policy` reads it: one row."""

    __tablename__ = "oms_return_policy"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    who: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime]
