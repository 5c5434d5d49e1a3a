"""Carts, their lines, and the confirmations that stand for their content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref, Sku

_IS_OPEN = text("status = 'open'")


class Cart(Base):
    """A customer has at most one open cart, on whatever channel they write. `version` grows with every change."""

    __tablename__ = "oms_cart"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'ordered')", name="status"),
        Index("uq_oms_cart_one_open", "customer_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    address: Mapped[str | None] = mapped_column(String(300))
    # The code of the location where it is collected; then the address is that location's.
    pickup_location: Mapped[str | None] = mapped_column(String(20))
    payment_method: Mapped[str | None] = mapped_column(String(40))
    # What the customer said; whether it takes anything off is seen anew whenever the cart is priced.
    discount_code: Mapped[str | None] = mapped_column(String(40))
    changed_at: Mapped[datetime]


class CartLine(Base):
    """`base_quantity` base units, spoken of in a `unit` of `factor` base units. One line per variant and unit.

    What is lacking of it `may_wait` for goods to come: the customer said so.
    """

    __tablename__ = "oms_cart_line"
    __table_args__ = (
        CheckConstraint("base_quantity > 0", name="base_quantity"),
        CheckConstraint("factor > 0", name="factor"),
    )

    cart_id: Mapped[Ref] = mapped_column(ForeignKey("oms_cart.id"), primary_key=True)
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    factor: Mapped[int] = mapped_column(Integer)
    base_quantity: Mapped[int] = mapped_column(Integer)
    may_wait: Mapped[bool] = mapped_column(server_default=text("false"))


class Confirmation(Base):
    """What the customer was shown and asked to confirm: `content` of the cart at `cart_version`.

    The id is the opaque confirmation itself; it holds until `expires_at`.
    """

    __tablename__ = "oms_cart_confirmation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    cart_id: Mapped[Ref] = mapped_column(ForeignKey("oms_cart.id"), index=True)
    cart_version: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime]
