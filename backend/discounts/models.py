"""Discounts, and their uses: how often each may be used is held by the database."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Minor, Ref, Sku

KINDS = ("percentage", "amount")


class Discount(Base):
    """`percent` (10 is 10 %) or `amount_minor` off the goods: of the whole order, of a variant, or of a category.

    With a code that customers say, or by itself (`is_automatic`). It needs goods for `minimum_minor`, at the shop's
    prices and before any discount. `uses` counts the orders that have it.
    """

    __tablename__ = "oms_discount"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        CheckConstraint("(kind = 'percentage') = (percent IS NOT NULL)", name="percent"),
        CheckConstraint("(kind = 'amount') = (amount_minor IS NOT NULL)", name="amount"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("minimum_minor >= 0", name="minimum"),
        CheckConstraint("sku IS NULL OR category IS NULL", name="goods"),
        CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="uses"),
        CheckConstraint("max_uses_each > 0", name="uses_each"),
        Index(None, "is_automatic"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_es: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    is_automatic: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(10))
    percent: Mapped[Decimal | None]
    amount_minor: Mapped[Minor | None]
    sku: Mapped[Sku | None] = mapped_column(ForeignKey("oms_variant.sku"))
    category: Mapped[str | None] = mapped_column(ForeignKey("oms_category.code"))
    minimum_minor: Mapped[Minor]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    max_uses: Mapped[int | None] = mapped_column(Integer)
    max_uses_each: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    withdrawn_at: Mapped[datetime | None]


class DiscountUse(Base):
    """An order that has a discount: the `nth` of its customer, of the `most` they may have. It goes with the order."""

    __tablename__ = "oms_discount_use"
    __table_args__ = (
        UniqueConstraint("discount_code", "customer_id", "nth"),
        CheckConstraint("nth > 0 AND (most IS NULL OR nth <= most)", name="nth"),
    )

    order_id: Mapped[Ref] = mapped_column(ForeignKey("oms_order.id"), primary_key=True)
    discount_code: Mapped[str] = mapped_column(ForeignKey("oms_discount.code"))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    nth: Mapped[int] = mapped_column(Integer)
    most: Mapped[int | None] = mapped_column(Integer)
    used_at: Mapped[datetime]
