"""Orders, their lines, their history, and the counter their numbers come from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

STATUSES = ("draft", "placed", "on_hold", "confirmed", "cancelled", "closed")


class Counter(Base):
    """The last number given out of a series."""

    __tablename__ = "oms_counter"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


class Order(Base):
    """An agreement: what, at what price, to where, paid how. Only `status` moves, along `orders.status.STEPS`.

    Prices include tax: `total` = `subtotal` + `delivery_fee`, `tax` is the part of `subtotal` that is tax.
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
    delivery_fee_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    address: Mapped[str] = mapped_column(String(300))
    payment_method: Mapped[str] = mapped_column(String(40))
    placed_at: Mapped[datetime]


class OrderLine(Base):
    """A snapshot: name, unit and price as they were agreed. `price_minor` is for `price_quantity` base units."""

    __tablename__ = "oms_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("base_quantity > 0", name="base_quantity"),
        CheckConstraint("total_minor >= tax_minor AND tax_minor >= 0", name="tax"),
    )

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    position: Mapped[int] = mapped_column(Integer)
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
    tax_class: Mapped[str] = mapped_column(String(20))
    tax_rate: Mapped[Decimal]
    tax_minor: Mapped[Minor]
    total_minor: Mapped[Minor]


class OrderEntry(Base):
    """One step of an order's history: what happened, who did it (`customer:…`, `staff:…`), when. Append-only."""

    __tablename__ = "oms_order_entry"
    __table_args__ = (Index(None, "order_id", "happened_at"),)

    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"))
    what: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(String(300))
    happened_at: Mapped[datetime]
