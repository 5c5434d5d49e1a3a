"""Partners, what they supply, the purchase orders sent to them, and the debit notes for what went back to them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref, Sku

KINDS = ("supplier", "assembler", "distribution_centre")
PROMISE_STATES = ("live", "shipped", "rejected", "released")
STATUSES = ("sent", "confirmed", "rejected", "shipped", "cancelled")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Partner(Base):
    """Someone who owns parts of orders. `lead_days` working days pass until what they are sent leaves them.

    Only tokens of the latest `token_version` speak for them: a higher one revokes all that were given out.
    """

    __tablename__ = "oms_partner"
    __table_args__ = (CheckConstraint(_one_of("kind", KINDS), name="kind"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5))
    lead_days: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool]
    token_version: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class PartnerSupply(Base):
    """A variant that a partner ships for us, and what they take for one base unit."""

    __tablename__ = "oms_partner_supply"

    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"), primary_key=True)
    partner_id: Mapped[Ref] = mapped_column(ForeignKey("oms_partner.id"), index=True)
    cost_minor: Mapped[Minor]


class PartnerPromise(Base):
    """An order line that a partner ships for us: instead of a Reservation, from placing on.

    `live` until it left them (`shipped`), they `rejected` it, or it was `released`: the line or its order is over.
    """

    __tablename__ = "oms_partner_promise"
    __table_args__ = (
        CheckConstraint(_one_of("state", PROMISE_STATES), name="state"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index(None, "partner_id", "state"),
    )

    order_line_id: Mapped[Ref] = mapped_column(
        ForeignKey("oms_order_line.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    partner_id: Mapped[Ref] = mapped_column(ForeignKey("oms_partner.id"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    promised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PurchaseOrder(Base):
    """What was asked of a partner for one fulfillment, and what they answered. `number` is `OC-10001`.

    `fulfillment_version` is what they were asked for: when that changes before they begin, they are asked anew.
    """

    __tablename__ = "oms_purchase_order"
    __table_args__ = (
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        Index(None, "partner_id", "status"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    partner_id: Mapped[Ref] = mapped_column(ForeignKey("oms_partner.id"))
    fulfillment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_fulfillment.id"), unique=True)
    fulfillment_version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    ships_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class SupplierNote(Base):
    """A debit note: goods that came back with a return (`reference`) went back to their supplier. Append-only.

    `number` is `NP-10001`. We owe the partner `cost_minor` less, what the goods had cost us; `partner_name` is what
    they were called then.
    """

    __tablename__ = "oms_supplier_note"
    __table_args__ = (
        CheckConstraint("cost_minor >= 0", name="cost"),
        Index(None, "reference"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    partner_id: Mapped[Ref] = mapped_column(ForeignKey("oms_partner.id"))
    partner_name: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    cost_minor: Mapped[Minor]
    issued_on: Mapped[date]
    who: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime]


class SupplierNoteLine(Base):
    """`quantity` base units of a variant went back, `cost_minor` is what they had cost together. Append-only."""

    __tablename__ = "oms_supplier_note_line"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND cost_minor >= 0", name="amounts"),
        Index(None, "note_id"),
    )

    id: Mapped[Id]
    note_id: Mapped[Ref] = mapped_column(ForeignKey("oms_supplier_note.id"))
    sku: Mapped[Sku] = mapped_column(ForeignKey("oms_variant.sku"))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(Integer)
    cost_minor: Mapped[Minor]
    note: Mapped[str | None] = mapped_column(String(300))
