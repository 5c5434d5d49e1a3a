"""Orders, their lines, versions, holds and history, and the rules that hold them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

RULE_KINDS = ("new_customer", "amount_over", "payment_method", "outside_zones", "credit_limit")
HOLD_OUTCOMES = ("approved", "changed", "rejected", "cancelled", "paid")
LINE_ENDS = ("changed", "dropped", "substituted")
CHANGE_STATES = ("proposed", "applied")
STATUSES = ("draft", "placed", "on_hold", "confirmed", "cancelled", "closed")


class Order(Base):
    """An agreement: what, at what price, to where, paid how. Only `status` moves, along `orders.status.STEPS`.

    `total` = `subtotal` + `delivery_fee`; `subtotal` is what the lines cost in the end, `tax` the part of it that is
    tax. `discount` are the terms as they were on that day, and `discount_minor` is what they took off the prices of
    the lines.
    `zone` is the code of the delivery zone of the address, None outside of all; `delivery` is `delivery` or `pickup`,
    and then `pickup_location_id` says where. `promised_on` is the day it should arrive, in the shop's zone.
    `conversation_id` is where it was ordered.
    """

    __tablename__ = "oms_order"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        CheckConstraint("total_minor = subtotal_minor + delivery_fee_minor", name="total"),
        Index(None, "customer_id", "id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    cart_id: Mapped[Ref] = mapped_column(ForeignKey("oms_cart.id"), unique=True)
    cart_version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    subtotal_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    discount: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    discount_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    delivery_fee_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    address: Mapped[str] = mapped_column(String(300))
    payment_method: Mapped[str] = mapped_column(String(40))
    delivery: Mapped[str] = mapped_column(String(10), server_default="delivery")
    pickup_location_id: Mapped[Ref | None]
    zone: Mapped[str | None] = mapped_column(String(40))
    promised_on: Mapped[date | None]
    conversation_id: Mapped[Ref | None]
    placed_at: Mapped[datetime]


class OrderLine(Base):
    """A snapshot: name, unit and price as they were agreed, `since_version` of its order. Append-only.

    `price_minor` is for `price_quantity` base units, with the tax in it or without (`price_includes_tax`); less its
    share of the discount it is what is taxed, and `total` is what is paid, tax included either way.
    """

    __tablename__ = "oms_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("base_quantity > 0", name="base_quantity"),
        CheckConstraint("total_minor >= tax_minor AND tax_minor >= 0", name="tax"),
    )

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    position: Mapped[int] = mapped_column(Integer)
    since_version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(40))
    unit_name_es: Mapped[str] = mapped_column(String(40))
    unit_name_en: Mapped[str] = mapped_column(String(40))
    factor: Mapped[int] = mapped_column(Integer)
    base_quantity: Mapped[int] = mapped_column(Integer)
    price_minor: Mapped[Minor]
    price_quantity: Mapped[int] = mapped_column(Integer)
    unit_price_minor: Mapped[Minor]
    price_includes_tax: Mapped[bool] = mapped_column(server_default=true())
    tax_class: Mapped[str] = mapped_column(String(20))
    tax_rate: Mapped[Decimal]
    discount_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    tax_minor: Mapped[Minor]
    total_minor: Mapped[Minor]


class OrderEntry(Base):
    """One step of an order's history: what happened, who did it, when. Append-only.

    `who` is `customer:…`, `staff:…`, `partner:…`, `carrier:…` or `system`; `message_id` the chat message that caused
    it; `facts` what a reader needs beside it (`{"fulfillment": "PED-10023-1"}`).
    """

    __tablename__ = "oms_order_entry"
    __table_args__ = (Index(None, "order_id", "happened_at"),)

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    what: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(String(300))
    message_id: Mapped[Ref | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    happened_at: Mapped[datetime]


class OrderLineEnd(Base):
    """A line that `version` of its order no longer has: it was changed (a new line took its place) or dropped.

    Append-only, as lines are: the lines of an order are those without an end, its past is all of them.
    """

    __tablename__ = "oms_order_line_end"
    __table_args__ = (CheckConstraint(f"reason IN ({', '.join(repr(reason) for reason in LINE_ENDS)})", name="reason"),)

    order_line_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order_line.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(12))
    who: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime]


class OrderChange(Base):
    """A change that was previewed: `content` is what it would become, bound to `order_version`, until `expires_at`.

    `id` is the opaque confirmation the customer sends back.
    """

    __tablename__ = "oms_order_change"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in CHANGE_STATES)})", name="state"),
        Index(None, "order_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    order_version: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    difference_minor: Mapped[Minor]
    state: Mapped[str] = mapped_column(String(10))
    who: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApprovalRule(Base):
    """When an order must be looked at before it is confirmed. `parameters` by kind:

    new_customer {}; amount_over {"amount_minor": 50000000}; payment_method {"payment_method": "bank_transfer"};
    outside_zones {}; credit_limit {}.
    """

    __tablename__ = "oms_approval_rule"
    __table_args__ = (CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in RULE_KINDS)})", name="kind"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_active: Mapped[bool]
    position: Mapped[int] = mapped_column(Integer)


class OrderHold(Base):
    """Why an order waits for a person, or to be paid, and what became of it: `outcome` is None while it waits.

    Unpaid at `expires_at`, it is cancelled.
    """

    __tablename__ = "oms_order_hold"
    __table_args__ = (
        CheckConstraint(f"outcome IN ({', '.join(repr(outcome) for outcome in HOLD_OUTCOMES)})", name="outcome"),
        Index(None, "order_id"),
        Index(None, "outcome", "expires_at"),
    )

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    reason: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    held_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(10))
    ended_by: Mapped[str | None] = mapped_column(String(80))
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
