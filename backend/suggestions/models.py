"""Pairs of variants, and the offers made of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref, Sku

SOURCES = ("curated", "bought_together")
OUTCOMES = ("offered", "accepted", "declined", "withheld")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Pair(Base):
    """`suggested_sku` goes well with `sku`: because the shop says so, or because `score` orders had both."""

    __tablename__ = "oms_suggestion_pair"
    __table_args__ = (
        CheckConstraint(_one_of("source", SOURCES), name="source"),
        CheckConstraint("sku <> suggested_sku", name="other"),
    )

    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    suggested_sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    score: Mapped[int] = mapped_column(Integer)


class Offer(Base):
    """One offer, at most one a cart. `withheld`: the customer is in the tenth that is never offered anything."""

    __tablename__ = "oms_suggestion_offer"
    __table_args__ = (
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
        Index(None, "customer_id", "suggested_sku"),
        Index(None, "outcome", "offered_at"),
    )

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    cart_id: Mapped[Ref] = mapped_column(ForeignKey("oms_cart.id"), unique=True)
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    suggested_sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    outcome: Mapped[str] = mapped_column(String(10))
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
